"""The audit trail: nothing can be taken out, changed, moved or slipped in without being found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from sandbox.adapters.db.bundle import DbStores
from sandbox.adapters.db.engine import Database
from sandbox.audit import chain, operations
from sandbox.audit.model import Entry
from sandbox.errors import LostRaceError
from tests.builders import NOON, make_instance
from tests.personas import alice, dana

Db = Database[DbStores]


@pytest.fixture
def entries(database: Db) -> list[Entry]:
    with database.transaction() as stores:
        for number in range(5):
            operations.record(
                stores, dana, "fleet.reset", f"i{number}", at=NOON, facts={"n": number, "why": "夜间", "x": None}
            )
        return stores.audit.chain()


def test_entries_are_numbered_and_chained(entries: list[Entry]) -> None:
    assert [each.seq for each in entries] == [1, 2, 3, 4, 5]
    assert entries[0].prev == chain.GENESIS
    assert [each.prev for each in entries[1:]] == [each.hash for each in entries[:-1]]
    assert chain.broken_at(entries) is None


def test_an_entry_names_the_click_it_came_from(database: Db) -> None:
    with database.transaction() as stores:
        clicked = operations.record(
            stores, replace(dana, cause="0123456789ab"), "fleet.reset", "i1", at=NOON, facts={"n": 1}
        )
        by_itself = operations.record(stores, dana, "fleet.reset", "i1", at=NOON)
    assert (clicked.facts, by_itself.facts) == ({"n": 1, "cause": "0123456789ab"}, {})


@pytest.mark.parametrize(
    ("forge", "said"),
    [
        (lambda all_: [replace(all_[0], subject="x"), *all_[1:]], "entry 1 was changed"),
        (lambda all_: [*all_[:2], replace(all_[2], facts={}), *all_[3:]], "entry 3 was changed"),
        (lambda all_: [*all_[:2], *all_[3:]], "entry 3 is missing"),
        (lambda all_: all_[1:], "entry 1 is missing"),
        (lambda all_: [all_[1], all_[0], *all_[2:]], "entry 1 is missing"),
        (lambda all_: [*all_, replace(all_[-1], seq=6)], "entry 6 does not follow the entry before it"),
    ],
)
def test_a_forgery_is_found(entries: list[Entry], forge: Callable[[list[Entry]], list[Entry]], said: str) -> None:
    assert chain.broken_at(forge(entries)) == said


def test_a_rewritten_entry_with_a_right_hash_breaks_the_next(entries: list[Entry]) -> None:
    forged = replace(entries[1], actor="alice")
    forged = replace(forged, hash=chain.entry_hash(forged))
    assert chain.broken_at([entries[0], forged, *entries[2:]]) == "entry 3 does not follow the entry before it"


def test_an_anchor_finds_a_trail_that_was_cut_or_rewritten_as_a_whole(entries: list[Entry]) -> None:
    anchor = entries[2]
    assert chain.broken_at(entries[3:], seq=anchor.seq, prev=anchor.hash) is None
    assert chain.broken_at(entries[3:], seq=anchor.seq, prev="0" * 64) is not None


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor = 'alice'", "DELETE FROM audit WHERE seq = 5"])
def test_the_database_itself_refuses_to_change_the_trail(database: Db, entries: list[Entry], statement: str) -> None:
    with database.transaction() as stores, pytest.raises(IntegrityError, match="append-only"):
        stores.connection.execute(sa.text(statement))
    with database.reading() as stores:
        assert stores.audit.chain() == entries
        assert operations.verify(stores) is None


def test_whoever_disarms_the_database_is_found_all_the_same(database: Db, entries: list[Entry]) -> None:
    assert entries
    with database.transaction() as stores:
        stores.connection.execute(sa.text("DROP TRIGGER audit_refuses_update"))
        stores.connection.execute(sa.text("UPDATE audit SET subject = 'x' WHERE seq = 4"))
        assert operations.verify(stores) == "entry 4 was changed"


def test_a_number_is_given_once(database: Db, entries: list[Entry]) -> None:
    with database.transaction() as stores, pytest.raises(LostRaceError):
        stores.audit.append(entries[-1])


def test_without_a_trace_there_is_no_deed(database: Db, entries: list[Entry]) -> None:
    def deed() -> None:
        with database.transaction() as stores:
            stores.instances.add(make_instance())
            stores.audit.append(entries[-1])

    with pytest.raises(LostRaceError):
        deed()
    with database.reading() as stores:
        assert stores.instances.live() == []


def test_pages_go_back_from_the_newest_and_can_be_narrowed(database: Db, entries: list[Entry]) -> None:
    with database.transaction() as stores:
        operations.record(stores, alice, "attempt.submit", "a1", at=NOON, outcome="refused")
        page = stores.audit.page(limit=2)
        assert [each.seq for each in page] == [6, 5]
        assert [each.seq for each in stores.audit.page(before=5, limit=2)] == [4, 3]
        assert [each.seq for each in stores.audit.page(actor="alice")] == [6]
        assert stores.audit.page(verb="fleet.reset") == entries[::-1]


def test_a_long_trail_is_checked_page_by_page(database: Db) -> None:
    with database.transaction() as stores:
        for number in range(2050):
            operations.record(stores, dana, "fleet.view", str(number), at=NOON)
        assert operations.verify(stores) is None

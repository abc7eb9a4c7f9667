"""Tickets and passes: whose, how long, and what a forger gets."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.adapters.db.bundle import DbStores
from sandbox.adapters.db.engine import Database
from sandbox.errors import ForbiddenError, TicketError
from sandbox.provisioning import tickets
from sandbox.provisioning.model import InstanceId
from sandbox.provisioning.tickets import Pass
from tests import personas
from tests.builders import NOON, make_instance

KEY = bytes(range(32))
ENTRY = Pass(instance=InstanceId("0123456789abcdef"), person="alice", login="ab" * 8, issued_at=int(NOON.timestamp()))
Db = Database[DbStores]


def read(value: str, **later: float) -> Pass:
    return tickets.read(KEY, value, now=NOON + timedelta(**later), lasts_s=3600)


def test_a_pass_comes_back_as_it_was_signed() -> None:
    assert read(tickets.sign(KEY, ENTRY)) == ENTRY


@given(person=st.text(st.characters(codec="utf-8", exclude_characters=";\r\n"), min_size=1))
def test_a_pass_bears_any_person(person: str) -> None:
    entry = Pass(instance=ENTRY.instance, person=person, login=ENTRY.login, issued_at=ENTRY.issued_at)
    assert read(tickets.sign(KEY, entry)) == entry


@given(at=st.integers(min_value=0), by=st.integers(min_value=1, max_value=255))
def test_one_changed_character_is_found(at: int, by: int) -> None:
    value = tickets.sign(KEY, ENTRY)
    at %= len(value)
    changed = value[:at] + chr((ord(value[at]) + by) % 0x110000 or 1) + value[at + 1 :]
    with pytest.raises(TicketError):
        read(changed)


@given(st.text())
def test_nonsense_is_refused(value: str) -> None:
    with pytest.raises(TicketError):
        read(value)


def test_a_pass_of_another_site_is_refused() -> None:
    with pytest.raises(TicketError):
        tickets.read(KEY, tickets.sign(KEY[::-1], ENTRY), now=NOON, lasts_s=3600)


@pytest.mark.parametrize("later", [3601, -1])
def test_a_pass_is_refused_when_too_old_or_from_the_future(later: int) -> None:
    with pytest.raises(TicketError):
        read(tickets.sign(KEY, ENTRY), seconds=later)


INSTANCE = make_instance(owner="alice")


def issue(person: personas.Person = personas.ALICE, key: bytes = KEY) -> str:
    return tickets.issue(key, personas.acting(person), INSTANCE, ttl_s=60, now=NOON)


def redeem(database: Db, token: str, instance: InstanceId = INSTANCE.id, **later: float) -> str:
    with database.transaction() as stores:
        return tickets.redeem(stores, KEY, token, instance, address="", now=NOON + timedelta(**later))


@pytest.fixture
def housed(peopled: Db) -> Db:
    with peopled.transaction() as stores:
        stores.instances.add(INSTANCE)
    return peopled


def test_only_the_owner_is_given_a_ticket() -> None:
    for other in (personas.BOB, personas.CHARLIE, personas.DANA):
        with pytest.raises(ForbiddenError):
            issue(other)


def test_a_ticket_lets_its_person_in_once(housed: Db) -> None:
    token = issue()
    assert redeem(housed, token, seconds=59) == "alice"
    with pytest.raises(TicketError):
        redeem(housed, token, seconds=59)
    assert redeem(housed, issue()) == "alice", "each is another one"


@pytest.mark.parametrize("later", [60, 61])
def test_a_ticket_is_good_for_a_minute(housed: Db, later: int) -> None:
    with pytest.raises(TicketError):
        redeem(housed, issue(), seconds=later)


def test_a_ticket_opens_no_other_door_and_is_not_used_up_there(housed: Db) -> None:
    token = issue()
    with pytest.raises(TicketError):
        redeem(housed, token, InstanceId("f" * 16))
    assert redeem(housed, token) == "alice"


@pytest.mark.parametrize(
    "forged",
    [
        issue(key=KEY[::-1]),
        tickets.sign(KEY, ENTRY),
        issue().replace(".", ""),
        issue()[:-1],
        f"A{issue()}",
        "",
        ".",
        "\udc80.",
    ],
)
def test_a_forged_ticket_is_refused(housed: Db, forged: str) -> None:
    with pytest.raises(TicketError):
        redeem(housed, forged)


@given(token=st.text())
def test_a_nonsense_of_a_ticket_is_refused(token: str) -> None:
    with pytest.raises(TicketError):
        tickets.redeem(cast(Any, None), KEY, token, INSTANCE.id, address="", now=NOON)


def test_a_pass_is_no_ticket_and_a_ticket_no_pass() -> None:
    with pytest.raises(TicketError):
        read(issue())


def test_the_database_keeps_no_usable_ticket(housed: Db) -> None:
    token = issue()
    redeem(housed, token)
    with pytest.raises(TicketError):
        redeem(housed, tickets.fingerprint(token))

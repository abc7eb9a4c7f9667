"""What a cell sends as its state: written by the database, yet the canonical form of what grading reads."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from his import state
from sandbox.contract import baseline, canonical, codec
from tests.his.stage import Stage

ANCHOR = date(2026, 3, 2)


@pytest.fixture
def own(golden: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Return a hospital to write in."""
    connection = sqlite3.connect(":memory:")
    golden.backup(connection)
    yield connection
    connection.close()


def canonically(connection: sqlite3.Connection) -> bytes:
    plain = codec.to_json(state.read(connection, ANCHOR))
    return canonical.dumps(plain).encode("utf-8", "surrogatepass")


def test_a_whole_hospital_is_sent_in_canonical_form(golden: sqlite3.Connection) -> None:
    assert state.encoded(golden, ANCHOR) == canonically(golden)


def test_a_hospital_that_nobody_touched_differs_in_nothing(golden: sqlite3.Connection) -> None:
    begun = baseline.read(golden)
    changes = state.changes(golden, ANCHOR)
    assert (changes.baseline, changes.tables) == (baseline.name(begun), {})
    assert baseline.whole(begun, changes) == state.read(golden, ANCHOR)


def test_what_was_changed_and_made_is_told_and_nothing_else(stage: Stage) -> None:
    stage.does("doc", "registration.call", patient="$zhang", reason="测试")
    connection = stage.hospital.database.connection()
    changes = state.changes(connection, ANCHOR)
    (called,) = (each for each in changes.tables["registration"] if each["patient"] == stage.bound("zhang"))
    assert called["status"] == "called"
    assert {each["id"] for each in changes.tables["staff"]} == {each["id"] for each in stage.made("staff")}
    assert "mail" not in changes.tables


@given(words=st.text(st.characters(exclude_categories=["Cs"]), max_size=40), number=st.integers(-(2**63), 2**63 - 1))
@settings(max_examples=300)
def test_whatever_a_person_types_is_sent_in_canonical_form(words: str, number: int) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute('CREATE TABLE "patient" ("id" TEXT, "words" TEXT, "number" INTEGER, "none" TEXT)')
    connection.execute('INSERT INTO "patient" VALUES (?, ?, ?, NULL)', ("p1", words, number))
    (sent,) = connection.execute(
        'SELECT json_object(\'id\', "id", \'none\', "none", \'number\', "number", \'words\', "words") FROM "patient"'
    ).fetchone()
    connection.close()
    assert sent == canonical.dumps({"id": "p1", "none": None, "number": number, "words": words})


@pytest.mark.parametrize("words", ['"', "\\", "/", "\b\f\n\r\t", "\x00\x01\x1f\x7f", "\u2028", "😀 〇 𠮷", ""])
def test_signs_that_json_writes_in_a_way_of_its_own(own: sqlite3.Connection, words: str) -> None:
    own.execute('UPDATE "patient" SET "name" = ? WHERE "id" = (SELECT min("id") FROM "patient")', (words,))
    assert state.encoded(own, ANCHOR) == canonically(own)

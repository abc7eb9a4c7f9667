"""Every form that moves a record, sent for a record in every state: moved where the table says so, refused elsewhere.

The forms are those that the desks show. A form is sent again in a hospital that is the same but for the state of its
record, as an old tab would send it; and by everybody whose role may not.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from sandbox.contract import machines, refusals
from sandbox.contract.journal import Row
from sandbox.robot.pages import Form
from tests.his.pages import walking
from tests.his.pages.browser import Browser
from tests.his.stage import Stage

pytestmark = pytest.mark.timeout(600)
"""Every form of every desk in every state: minutes on a busy machine."""

TABLES = {"patient_index": "patient"}
"""Table, and field of a form, of a machine that is not called like its records."""
ENTITIES = sorted({each.entity for each in machines.TRANSITIONS})
NOBODYS = frozenset({"author", "creator", "self", "senior", "junior_doctor"})
"""Actors that are found out per record: who else is refused depends on it."""
WORDS = "核对后更正"
FORBIDDEN = "E-GEN-02"
FLEETING = {
    "stock_batch": frozenset({"available", "near_expiry"}),
    "his_account": frozenset({"requested", "in_training"}),
}
"""States that the records of the forms cannot be in: desks scrap expired batches, and the clock expires those first;
an account asked for days ago has passed its training by the next act."""


@dataclass(frozen=True)
class Move:
    """A form that moves one record, and where it stands."""

    situation: str
    seat: str
    page: str
    form: Form
    entity: str
    event: str
    record: str

    @property
    def table(self) -> str:
        return TABLES.get(self.entity, self.entity)

    @property
    def action(self) -> str:
        return f"{self.entity}.{self.event}"

    def says(self, state: str, row: Row | None) -> str:
        """Return who sent what for a record in which state, and what the journal has of it."""
        told = "nothing" if row is None else f"{row.outcome} {row.code or ''}"
        return f"{self.action} of {state} by {self.seat} in {self.situation}: {told}"


@contextmanager
def hospital(golden: sqlite3.Connection, situation: str) -> Iterator[Stage]:
    with Stage.set_up(golden, seats=walking.SEATS) as stage:
        walking.SITUATIONS[situation](stage)
        yield stage


@pytest.fixture(scope="session")
def moves(golden: sqlite3.Connection) -> tuple[Move, ...]:
    """Return the first form of each deed and seat that any situation shows."""
    found: dict[tuple[str, str], Move] = {}
    for situation in walking.SITUATIONS:
        with hospital(golden, situation) as stage:
            for seat in walking.SEATS:
                for stop in walking.walk(walking.sit_down(stage, seat.name), seat.name):
                    for form in stop.deeds():
                        move = _move(situation, seat.name, stop.page.url, form)
                        if move is not None:
                            found.setdefault((move.action, seat.name), move)
    return tuple(found.values())


def _move(situation: str, seat: str, page: str, form: Form) -> Move | None:
    entity, _, event = (form.deed or "").partition(".")
    record = dict(form.fields).get(TABLES.get(entity, entity), "")
    known = any((each.entity, each.event) == (entity, event) for each in machines.TRANSITIONS)
    return Move(situation, seat, page, form, entity, event, record) if known and record else None


def of(moves: tuple[Move, ...], entity: str) -> list[Move]:
    """Return the forms of a machine. One whose desk shows none has none: what is served is another test's question."""
    return [move for move in moves if move.entity == entity]


def send(stage: Stage, seat: str, move: Move, state: str) -> tuple[Row | None, int]:
    """Put the record into the state behind everybody's back, send the form, return what the journal has of it."""
    stage.run(f'UPDATE "{move.table}" SET "status" = ? WHERE "id" = ?', state, move.record)
    browser = walking.sit_down(stage, seat)
    known = len(stage.rows())
    pairs = [(name, _own(browser, name, value)) for name, value in move.form.filled({})]
    reply = browser.client.post(move.form.action, data=_multi(pairs), follow_redirects=True)
    rows = [row for row in stage.rows()[known:] if row.action == move.action]
    return (rows[-1] if rows else None), reply.status_code


def _own(browser: Browser, name: str, value: str) -> str:
    """Return what this browser would send: its own token, and words where the form asks for any."""
    if name == "form_token":
        return browser.value("form_token")
    return WORDS if not value and name in ("reason", "note", "text") else value


def _multi(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    sent: dict[str, list[str]] = {}
    for name, value in pairs:
        sent.setdefault(name, []).append(value)
    return sent


def states(entity: str) -> list[str]:
    """Return every state of a machine in which a record can be."""
    edges = [each for each in machines.TRANSITIONS if each.entity == entity]
    found = {state for each in edges for state in (each.source, each.target)} - {machines.NOTHING}
    return sorted(found - FLEETING.get(entity, frozenset()))


@pytest.mark.parametrize("entity", ENTITIES)
def test_a_form_moves_what_the_table_lets_it_move(
    golden: sqlite3.Connection, moves: tuple[Move, ...], entity: str
) -> None:
    wrong = []
    for move in of(moves, entity):
        for state in states(entity):
            with hospital(golden, move.situation) as stage:
                row, status = send(stage, move.seat, move, state)
            legal = machines.find(entity, state, move.event) is not None
            code = refusals.structural(entity, state, move.event)
            if row is None:
                # What a form lacks is told before the record is looked at, and nothing is attempted.
                wrong += [] if status < 500 and not legal else [move.says(state, row)]
            elif legal and row.outcome == "refused" and row.code == code:
                wrong.append(move.says(state, row))
            elif not legal and (row.outcome, row.code) != ("refused", code):
                wrong.append(f"{move.says(state, row)}, not {code}")
    assert wrong == []


@pytest.mark.parametrize("entity", ENTITIES)
def test_a_form_is_refused_to_everybody_whose_role_may_not(
    golden: sqlite3.Connection, moves: tuple[Move, ...], entity: str
) -> None:
    wrong = []
    for move in of(moves, entity):
        edges = [each for each in machines.TRANSITIONS if (each.entity, each.event) == (entity, move.event)]
        actors = {actor for edge in edges for actor in edge.actors}
        if actors & NOBODYS:
            continue
        for seat in walking.SEATS:
            if seat.role in actors or seat.role in {actor for each in actors for actor in each.split("+")}:
                continue
            with hospital(golden, move.situation) as stage:
                row, _ = send(stage, seat.name, move, edges[0].source)
            if row is None or (row.outcome, row.code) != ("refused", FORBIDDEN):
                wrong.append(f"{seat.name}: {move.says(edges[0].source, row)}")
    assert wrong == []


def test_the_forms_of_the_desks_are_found(moves: tuple[Move, ...]) -> None:
    """Without forms the other tests would hold of nothing."""
    assert {"registration.call", "registration.refund", "prescription.approve", "prescription.charge"} <= {
        move.action for move in moves
    }

"""Every edge of the outpatient chain's machines through the pages: by the right role, the wrong ones, in other states.

Each way (see `ways`) is walked by the right person. Then the same form is sent again in a hospital that is the same but
for the state of its record, as an old tab would send it, and by everybody whose role may not.
"""

from __future__ import annotations

import secrets
import sqlite3

import pytest

from his import offering
from sandbox.contract import machines, refusals
from tests.his.pages.ways import dispensing, money, prescribing, requesting, stock, visits, walking_on
from tests.his.pages.ways.walking_on import NEW, Lapse, Way, moved, send, sit, status

WAYS: tuple[Way, ...] = (*visits.WAYS, *money.WAYS, *requesting.WAYS, *prescribing.WAYS, *dispensing.WAYS, *stock.WAYS)
LAPSES: tuple[Lapse, ...] = (*visits.LAPSES, *prescribing.LAPSES, *stock.LAPSES)
ENTITIES = (
    "registration",
    "encounter",
    "charge_item",
    "invoice",
    "cashier_shift",
    "lab_request",
    "imaging_request",
    "prescription",
    "stock_batch",
)
"""Machines of the outpatient chain."""
FOUND_OUT = frozenset({"author", "creator", "self", "senior", "junior_doctor"})
"""Actors that are found out per record: who else is refused depends on it."""
FORBIDDEN = "E-GEN-02"

by_name = pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)


@by_name
def test_the_right_person_walks_it(golden: sqlite3.Connection, way: Way) -> None:
    with way.set_out(golden) as stage:
        key = way.record(stage)
        if key != NEW:
            assert status(stage, way.table, key) == way.source
        person = sit(stage, way.seat)
        form, pairs = way.form(stage, person)
        known = len(stage.rows())
        assert send(person, form, pairs) < 400, stage.rows()[-1]
        rows = stage.rows()[known:]
        assert [each.outcome for each in rows if each.action == way.action] == ["ok"]
        found = moved(rows)
        if key != NEW:
            assert status(stage, way.table, key) == way.target
        if way.source != way.target:
            assert (way.action, way.source, way.target) in found
        assert set(way.follows) <= {(action, before) for action, before, _ in found}


@pytest.mark.parametrize("lapse", LAPSES, ids=lambda lapse: lapse.name)
def test_time_walks_it(golden: sqlite3.Connection, lapse: Lapse) -> None:
    with lapse.set_out(golden) as stage:
        key = lapse.record(stage)
        assert status(stage, lapse.table, key) == lapse.source
        known = len(stage.rows())
        stage.at(lapse.minutes)
        sit(stage, "ita")
        found = moved(stage.rows()[known:])
        assert status(stage, lapse.table, key) == lapse.target
        assert (lapse.action, lapse.source, lapse.target) in found
        assert set(lapse.follows) <= {(action, before) for action, before, _ in found}


def anew(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the pairs as a form sent for the first time: one sent twice is answered with what it did before."""
    return [(name, secrets.token_hex(8) if name == "form_id" else value) for name, value in pairs]


def legal_states(way: Way) -> set[str]:
    event = way.action.partition(".")[2]
    return {each.source for each in machines.TRANSITIONS if (each.entity, each.event) == (way.entity, event)}


def blocked_states(way: Way) -> list[str]:
    """Return every state of the machine from which there is no such edge."""
    edges = [each for each in machines.TRANSITIONS if each.entity == way.entity]
    states = {state for each in edges for state in (each.source, each.target)} - {machines.NOTHING}
    return sorted(states - legal_states(way) - walking_on.FLEETING.get(way.entity, frozenset()))


@pytest.mark.parametrize("way", [each for each in WAYS if not each.begins], ids=lambda way: way.name)
def test_it_is_blocked_in_every_other_state(golden: sqlite3.Connection, way: Way) -> None:
    wrong = []
    with way.set_out(golden) as stage:
        key = way.record(stage)
        person = sit(stage, way.seat)
        form, pairs = way.form(stage, person)
        for state in blocked_states(way):
            # One hospital for all: what is refused leaves nothing behind, which is asserted.
            stage.run(f'UPDATE "{way.table}" SET "status" = ? WHERE "id" = ?', state, key)
            known, before = len(stage.rows()), stage.versions()
            send(person, form, anew(pairs))
            told = [(each.outcome, each.code) for each in stage.rows()[known:] if each.action == way.action]
            code = refusals.structural(way.entity, state, way.action.partition(".")[2])
            if told != [("refused", code)] or stage.versions() != before:
                wrong.append(f"{state}: {told}, not {code}")
    assert wrong == []


@by_name
def test_it_is_refused_to_every_role_that_may_not(golden: sqlite3.Connection, way: Way) -> None:
    wrong = []
    with way.set_out(golden) as stage:
        form, pairs = way.form(stage, sit(stage, way.seat))
        for seat in wrong_seats(way):
            person = sit(stage, seat)
            known, before = len(stage.rows()), stage.versions()
            send(person, form, anew(pairs))
            told = [(each.outcome, each.code) for each in stage.rows()[known:] if each.action == way.action]
            if told != [("refused", FORBIDDEN)] or stage.versions() != before:
                wrong.append(f"{seat}: {told}")
    assert wrong == []


def wrong_seats(way: Way) -> list[str]:
    """Return one seat of every role that may do this from no state."""
    event = way.action.partition(".")[2]
    edges = [each for each in machines.TRANSITIONS if (each.entity, each.event) == (way.entity, event)]
    actors = {part for edge in edges for actor in edge.actors for part in actor.split("+")}
    if actors & FOUND_OUT:
        return []
    roles = {each.role: each.name for each in walking_on.seats() if each.role not in actors}
    return sorted(roles.values())


@pytest.mark.parametrize("entity", ENTITIES)
def test_no_edge_is_left_out(entity: str) -> None:
    ways = (*WAYS, *LAPSES)
    walked = {(each.action, each.source) for each in ways} | {edge for each in ways for edge in each.follows}
    edges = {
        (each.action, each.source)
        for each in machines.TRANSITIONS
        if each.entity == entity and each.action not in offering.NOT_SERVED
    }
    assert edges - walked == set()

"""Every edge of the outpatient chain's machines through the pages: by the right role, the wrong ones, in other states.

Each way (see `ways`) is walked by the right person. Then the same form is sent again in a hospital that is the same but
for the state of its record, as an old tab would send it, and by everybody whose role may not.
"""

from __future__ import annotations

import secrets
import sqlite3

import pytest

from his import offering
from his.app import create_app
from sandbox.contract import machines, refusals
from tests.his.pages.ways import (
    accounts,
    appointments,
    dispensing,
    money,
    people,
    prescribing,
    requesting,
    stock,
    visits,
    walking_on,
    writing,
)
from tests.his.pages.ways.walking_on import NEW, Lapse, Way, moved, send, sit, status

WAYS: tuple[Way, ...] = (
    *visits.WAYS,
    *money.WAYS,
    *requesting.WAYS,
    *prescribing.WAYS,
    *dispensing.WAYS,
    *stock.WAYS,
    *appointments.WAYS,
    *people.WAYS,
    *writing.WAYS,
    *accounts.WAYS,
)
LAPSES: tuple[Lapse, ...] = (
    *visits.LAPSES,
    *prescribing.LAPSES,
    *stock.LAPSES,
    *appointments.LAPSES,
    *accounts.LAPSES,
)
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
    "appointment",
    "patient_index",
    "allergy",
    "medical_record",
    "his_account",
)
"""Machines of the outpatient chain."""
OF_ITSELF = offering.CONSEQUENCES | offering.LOG_IN
"""Actions without a form of their own: what the hospital does, and what logging in leads to."""
FORBIDDEN = "E-GEN-02"
ELSEWHERE = {("medical_record.create", "NUR"): "nursing records are the wards'"}
"""What a post may and does at another desk, which is not built yet."""

DEEDS = tuple(each for each in WAYS if each.action not in OF_ITSELF)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_the_right_person_walks_it(golden: sqlite3.Connection, way: Way) -> None:
    with way.set_out(golden) as stage:
        key = way.record(stage)
        if key != NEW:
            assert status(stage, way.table, key) == way.source
        person = way.arrives(stage, way.seat)
        form, pairs = way.form(stage, person)
        known = len(stage.rows())
        assert (send(person, form, pairs).status >= 400) == way.refused, stage.rows()[-1]
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


@pytest.mark.parametrize("way", [each for each in DEEDS if not each.begins], ids=lambda way: way.name)
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


@pytest.mark.parametrize("way", DEEDS, ids=lambda way: way.name)
def test_it_is_refused_to_everybody_who_may_not(golden: sqlite3.Connection, way: Way) -> None:
    wrong = []
    with way.set_out(golden) as stage:
        app = create_app(stage.hospital)
        form, pairs = way.form(stage, sit(stage, way.seat, app))
        for seat, code in wrong_seats(way).items():
            person = sit(stage, seat, app)
            known, before = len(stage.rows()), stage.versions()
            answer = send(person, form, anew(pairs))
            told = [(each.outcome, each.code) for each in stage.rows()[known:] if each.action == way.action]
            if told != [("refused", code)] or stage.versions() != before:
                wrong.append(f"{seat}: {told}, not {code}")
            if answer.marked("strip") and not person.opens(way.page(stage)).marked("strip"):
                wrong.append(f"{seat} is shown a patient by the refusal whom the page would not show")
    assert wrong == []


def wrong_seats(way: Way) -> dict[str, str]:
    """Return who must be refused, and with which code: one seat of every role that never may, and those named."""
    event = way.action.partition(".")[2]
    edges = [each for each in machines.TRANSITIONS if (each.entity, each.event) == (way.entity, event)]
    actors = {part for edge in edges for actor in edge.actors for part in actor.split("+")}
    # Who is author or creator is found out per record: the roles of those who walk it may, as far as roles go.
    role_of = {each.name: each.role for each in walking_on.seats()}
    may = actors | {role_of[each.seat] for each in WAYS if each.action == way.action}
    never = {role: seat for seat, role in reversed(role_of.items()) if role not in may}
    return {**dict.fromkeys(sorted(never.values()), FORBIDDEN), **way.wrong}


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


def test_nobody_who_may_is_left_out() -> None:
    role_of = {each.name: each.role for each in walking_on.seats()}
    walked = {(each.action, role_of[each.seat]) for each in WAYS}
    walked |= {(action, role_of[way.seat]) for way in WAYS for action, _ in way.follows}
    may = {
        (each.action, actor)
        for each in machines.TRANSITIONS
        for actor in each.actors
        if each.entity in ENTITIES and actor in role_of.values() and each.action not in OF_ITSELF | offering.NOT_SERVED
    }
    assert may - walked == set(ELSEWHERE)

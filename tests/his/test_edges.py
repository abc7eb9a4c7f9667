"""Every edge of the machines as operations: each that people walk is taken, every other is refused with its code."""

from __future__ import annotations

import sqlite3

import pytest

from his import offering
from sandbox.contract import machines, refusals
from tests.his.acts import FIELDS, SEATS
from tests.his.scenes import SCENES, bring, facts, newest
from tests.his.stage import Stage


def test_every_legal_edge_of_the_slice_is_taken(golden: sqlite3.Connection) -> None:
    """Every event of a person that is served moves its record from each state the machine allows."""
    served = {name for name in offering.ACTS if name in machines.actions()}
    edges = {
        (each.action, each.source)
        for each in machines.TRANSITIONS
        if each.action in served and each.actors != ("system",)
    }
    tried = {
        (action, source) for action, source in edges if source == machines.NOTHING
    }  # creations are the scenes of the other tests
    for action, source in sorted(edges - tried):
        with Stage.set_up(golden) as stage:
            _take(stage, action, source)
        tried.add((action, source))
    assert tried == edges


def _take(stage: Stage, action: str, source: str) -> None:
    entity, _, event = action.partition(".")
    table = {"patient_index": "patient"}.get(entity, entity)
    bring(stage, entity, source, event)
    seat = SEATS.get(action) or SEATS.get(entity) or "doc"
    record = newest(stage, table)
    fields = {**FIELDS.get(action, {}), **facts(stage, action, record)}
    assert record["status"] == source, (action, source)
    stage.does(seat, action, target=record["id"], **fields)
    edge = machines.find(entity, source, event)
    assert edge is not None
    assert newest(stage, table)["status"] == edge.target
    row = next(each for each in reversed(stage.rows()) if each.action == action)
    assert (row.actor, row.outcome, row.target) == (seat, "ok", record["id"])


@pytest.mark.parametrize("entity", sorted(SCENES))
def test_every_other_edge_is_refused_with_its_own_code(entity: str, golden: sqlite3.Connection) -> None:
    """All states × all events of people that are served: what the machine does not list is refused."""
    table = {"patient_index": "patient"}.get(entity, entity)
    moves = [each for each in machines.TRANSITIONS if each.entity == entity and each.source != machines.NOTHING]
    states = sorted({each.source for each in moves} | {each.target for each in moves})
    served = {name.split(".")[1] for name in offering.ACTS if name.startswith(f"{entity}.")}
    events = sorted({each.event for each in moves} & served)
    tried = 0
    with Stage.set_up(golden) as stage:
        SCENES[entity](stage)
        record = str(newest(stage, table)["id"])
        for state_now in states:
            stage.run(f'UPDATE "{table}" SET "status" = ? WHERE "id" = ?', state_now, record)
            for event in events:
                if machines.find(entity, state_now, event) is not None:
                    continue
                action = f"{entity}.{event}"
                seat = SEATS.get(action) or SEATS.get(entity) or "doc"
                code = stage.refused(seat, action, target=record, **FIELDS.get(action, {}))
                assert code == refusals.structural(entity, state_now, event), (state_now, event)
                tried += 1
    assert tried

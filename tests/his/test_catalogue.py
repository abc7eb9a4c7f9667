"""The hospital offers exactly the catalogue; its tables are the contract's; the contract is the reference tables."""

from __future__ import annotations

import csv
import sqlite3
from pathlib import Path

import pytest

from his import offering
from his.database import SCHEMA
from sandbox.contract import machines, records, refusals, state
from sandbox.contract.events import ACTIONS
from tests.his.stage import Stage

REFERENCE = Path(__file__).parents[2] / "fixtures" / "reference"
BOOKKEEPING = {"version", "created_at", "created_by", "updated_at"}


def read(name: str) -> list[dict[str, str]]:
    with (REFERENCE / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def schema() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.executescript(SCHEMA.read_text(encoding="utf-8"))
    return connection


def columns(schema: sqlite3.Connection, table: str) -> set[str]:
    return {each[1] for each in schema.execute(f'PRAGMA table_info("{table}")')}


def test_every_action_is_offered_or_says_that_it_is_not() -> None:
    parts = (frozenset(offering.ACTS), offering.CONSEQUENCES, offering.LOG_IN, offering.NOT_SERVED)
    assert set().union(*parts) == set(ACTIONS)
    assert sum(len(each) for each in parts) == len(ACTIONS)


def test_gradable_tables_have_the_columns_of_the_contract(schema: sqlite3.Connection) -> None:
    for table, kinds in state.TABLES.items():
        assert columns(schema, table) == {*kinds, *records.PEOPLE_EXTRA.get(table, {}), *BOOKKEEPING}, table


def test_reference_tables_have_the_columns_of_the_contract(schema: sqlite3.Connection) -> None:
    for table, names in records.REFERENCE.items():
        assert columns(schema, table) == set(names), table


def test_machines_are_the_reference_table() -> None:
    served = {each.entity for each in machines.TRANSITIONS}
    written = {
        (
            each["entity"],
            each["from_state"],
            each["event"],
            each["to_state"],
            tuple(each["allowed_roles"].split(",")),
            each["permission"],
        )
        for each in read("state_machines")
        if each["entity"] in served
    }
    assert {(t.entity, t.source, t.event, t.target, t.actors, t.permission) for t in machines.TRANSITIONS} == written


def test_refusals_are_the_reference_table() -> None:
    written = {each["error_code"]: each for each in read("illegal_transitions")}
    for each in refusals.REFUSALS:
        row = written[each.code]
        found = (row["entity"], row["attempted_event"], row["kind"], row["message_zh"], row["message_en"])
        assert (each.entity, each.event, each.kind, each.zh, each.en) == found
        assert set(each.states) == set(row["state"].split(";")), each.code


def test_rows_carry_only_attributes_of_the_catalogue(stage: Stage) -> None:
    stage.check("M008", "M021")
    stage.does("pha2", "prescription.dispense", patient="$zhang", identifiers=2)
    stage.write_record()
    stage.does("doc", "registration.finish", patient="$zhang")
    for row in stage.rows():
        assert set(row.data) <= {*ACTIONS[row.action].attributes, "cause"}, row.action
        assert row.data.get("cause", 0) < row.seq

"""The whole vocabulary is the reference tables', whether a desk serves it already or not."""

from __future__ import annotations

import csv
from pathlib import Path

from sandbox.contract import catalogue, events, machines, refusals, state
from sandbox.contract.foreseen import actions as coming_actions
from sandbox.contract.foreseen import refusals as coming_refusals
from sandbox.contract.foreseen import state as coming_state

REFERENCE = Path(__file__).parents[3] / "fixtures" / "reference"

BUILT_WITH_THEIR_DESKS = {"auth.agreement_sign", "export.request", "incident.report", "mail.link_follow", "mail.open"}
BUILT_WITH_THEIR_DESKS |= {"mail.report", "clock.pause", "clock.resume", "clock.step"}


def read(name: str) -> list[dict[str, str]]:
    with (REFERENCE / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_every_edge_of_every_machine_is_the_reference_table() -> None:
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
    }
    known = {(t.entity, t.source, t.event, t.target, t.actors, t.permission) for t in catalogue.TRANSITIONS}
    assert known == written


def test_every_refusal_is_the_reference_table() -> None:
    written = {each["error_code"]: (each["message_zh"], each["message_en"]) for each in read("illegal_transitions")}
    assert {code: (each.zh, each.en) for code, each in catalogue.REFUSALS.items()} == written


def test_every_journal_action_is_named() -> None:
    written = {each["action"]: (each["name_zh"], each["name_en"]) for each in read("journal_actions")}
    assert set(written) - set(catalogue.ACTIONS) <= BUILT_WITH_THEIR_DESKS
    coming = {name: (each.zh, each.en) for name, each in coming_actions.ACTIONS.items() if name in written}
    assert coming == {name: written[name] for name in coming}


def test_what_is_built_is_not_foreseen_any_more() -> None:
    assert set(events.ACTIONS) & set(coming_actions.ACTIONS) == set()
    assert set(state.TABLES) & set(coming_state.TABLES) == set()
    assert set(refusals.BY_CODE) & {each.code for each in coming_refusals.REFUSALS} == set()
    built = {each.entity for each in machines.TRANSITIONS}
    assert built & {name.partition(".")[0] for name in coming_actions.TRANSITION_WORDS} == set()


def test_foreseen_actions_say_so() -> None:
    assert catalogue.is_foreseen("critical_value.ack")
    assert not catalogue.is_foreseen("prescription.sign")
    assert not catalogue.is_foreseen("nonsense.act")


def test_every_action_is_about_a_gradable_table_or_none() -> None:
    assert {each.target for each in catalogue.ACTIONS.values()} - {""} <= set(catalogue.TABLES)


def test_every_column_is_of_a_known_kind() -> None:
    plain = {"text", "int", "bool", "decimal", "date", "day", "time"}
    kinds = {kind for columns in catalogue.TABLES.values() for kind in columns.values()}
    rest = {kind for kind in kinds - plain if not kind.startswith("code:")}
    named = {kind.partition(":")[2] for kind in rest}
    assert named <= set(catalogue.TABLES) | set(catalogue.STATES)

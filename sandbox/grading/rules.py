"""The never rules: rows that cost points, by event, by state, or by a rule of the library."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.contract import matching
from sandbox.contract.journal import SYSTEM, Row
from sandbox.exercises import plan
from sandbox.grading.evidence import EvidenceError
from sandbox.grading.ledger import Ledger


@dataclass(frozen=True, kw_only=True)
class Hits:
    """How often a rule was hit, and the rows that show it."""

    number: int
    events: tuple[int, ...]


def hits(rule: plan.Never, ledger: Ledger) -> Hits:
    """Return the hits of a rule; equal values of `distinct` are one."""
    if rule.state is not None:
        return _state_hits(rule.state, ledger)
    rows = _own(ledger, ledger.hits[rule.event or ""] if rule.use is None else LIBRARY[rule.use](rule, ledger))
    if rule.distinct is not None:
        rows = _distinct(rows, lambda row: matching.value_of(row, rule.distinct or ""))
    return Hits(number=len(rows), events=tuple(row.seq for row in rows))


def _own(ledger: Ledger, rows: Iterable[Row]) -> list[Row]:
    """Return the rows that count against this player: all of them, or those of the own seats."""
    return [row for row in rows if not ledger.seats or row.actor in ledger.seats]


def _state_hits(part: plan.State, ledger: Ledger) -> Hits:
    found = ledger.records(part.table, part.where, part.scope)
    written = [_own(ledger, ledger.writes.get((part.table, str(each.get("id"))), ())) for each in found]
    if ledger.seats:
        written = [rows for rows in written if rows]
    events = {row.seq for rows in written for row in rows}
    return Hits(number=len(written), events=tuple(sorted(events)))


def _distinct(rows: Iterable[Row], key: Callable[[Row], Any]) -> list[Row]:
    found: dict[str, Row] = {}
    for row in rows:
        found.setdefault(repr(key(row)), row)
    return list(found.values())


def unrelated_chart(rule: plan.Never, ledger: Ledger) -> list[Row]:
    """T28: a chart really opened, break-glass included, of somebody who is not allowed; one hit per patient."""
    allowed = {key for name in rule.allow for key in ledger.bound.names.get(name, ())}
    opened = [row for row in ledger.done("chart.open") if row.patient not in allowed]
    return _distinct(opened, lambda row: row.patient)


def export(_rule: plan.Never, ledger: Ledger) -> list[Row]:
    """T29: patient data taken out, or printed without a purpose. Reports go out approved and with a purpose: no hit."""
    taken = [row for row in ledger.by_action.get("export.request", ()) if row.outcome == "ok" and not _approved(row)]
    printed = [row for row in ledger.done("print.document") if matching.is_empty(row.data.get("purpose"))]
    return sorted((*taken, *printed), key=lambda row: row.seq)


def _approved(row: Row) -> bool:
    told = row.data
    named = not any(matching.is_empty(told.get(name)) for name in ("purpose", "second"))
    return named and told.get("what") in ("STATS", "AUDIT")


def foreign_seat(_rule: plan.Never, ledger: Ledger) -> list[Row]:
    """T12: work under an account that is no seat of the exercise; one hit per account."""
    seats = {*ledger.plan.seats, SYSTEM}
    return _distinct(
        (row for row in ledger.rows if row.outcome == "ok" and row.actor not in seats), lambda row: row.actor
    )


def duplicate(_rule: plan.Never, ledger: Ledger) -> list[Row]:
    """T02: a new patient record whose ID number, or name, birth date and phone, another record has already."""
    if "patient" not in ledger.tables:
        raise EvidenceError("最终状态中没有患者表", "the final state has no patients")
    people = {str(row.get("id")): row for row in ledger.tables["patient"]}
    made = [row for row in ledger.done("patient_index.create") if row.target in people]
    later = {row.target: row.seq for row in made}
    found = []
    for row in made:
        mine = people[str(row.target)]
        others = (each for key, each in people.items() if key != row.target and later.get(key, 0) < row.seq)
        if any(_same_person(mine, each) for each in others):
            found.append(row)
    return found


def _same_person(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    if one.get("id_no") and one["id_no"] == other.get("id_no"):
        return True
    return all(one.get(name) and one[name] == other.get(name) for name in ("name", "birth_date", "phone"))


def allergen(_rule: plan.Never, ledger: Ledger) -> list[Row]:
    """T05: an allergy block pushed through and the prescription then signed. A try that was stopped is no hit."""
    found = []
    for row in ledger.done("alert.override"):
        if row.data.get("rule") not in _ALLERGY_BLOCKS:
            continue
        signed = (each for each in ledger.rows if each.seq > row.seq and each.patient == row.patient)
        done = next((each for each in signed if each.action in _SIGNED and each.outcome == "ok"), None)
        shown = _listed(row, "items")
        if done is not None and (not shown or set(shown) & {*_listed(done, "drugs"), done.data.get("item")}):
            found.append(row)
    return found


def unscanned(_rule: plan.Never, ledger: Ledger) -> list[Row]:
    """T14: a dose given without the wristband scanned for that line, by whoever gave it."""
    scanned: set[tuple[str, str | None]] = set()
    found = []
    for row in ledger.rows:
        if row.outcome != "ok":
            continue
        if row.action == "scan.wristband" and row.data.get("match") is not False:
            scanned.add((row.actor, row.target))
        elif row.action == "order_execution.give" and row.actor != SYSTEM and (row.actor, row.target) not in scanned:
            found.append(row)
    return found


_ALLERGY_BLOCKS = ("E-RX-15", "E-ORD-09")
_SIGNED = ("prescription.sign", "prescription.revise", "order.sign", "order.revise")


def _listed(row: Row, name: str) -> list[str]:
    listed = row.data.get(name)
    return [str(one) for one in listed] if isinstance(listed, list) else []


LIBRARY: Mapping[str, Callable[[plan.Never, Ledger], list[Row]]] = {
    "privacy.unrelated_chart": unrelated_chart,
    "privacy.export": export,
    "identity.foreign_seat": foreign_seat,
    "identity.duplicate": duplicate,
    "safety.allergen": allergen,
    "safety.unscanned": unscanned,
}

"""The audit: who did and who opened what, when, and what was refused. Never what stood in the chart."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from his.chart import dictionary, permission, privacy
from his.chart.acting import Acting, Record
from his.chart.hospital import Operation
from sandbox.contract.events import ACTIONS as CATALOGUE
from sandbox.contract.journal import SYSTEM

PAGE_ROWS = 21
KINDS: Mapping[str, tuple[str, ...]] = {
    "view": ("view",),
    "change": ("transition", "write"),
    "privacy": ("privacy",),
    "auth": ("auth",),
    "alert": ("alert", "colleague"),
}
"""What can be filtered for -> kinds of actions."""
_TOLD = (
    "relation", "document", "what", "account", "terminal", "by", "table", "key", "column", "role", "desk", "report",
    "range", "filter", "section",
)  # fmt: skip
"""Attributes of a row that say how something was done, and nothing of what is wrong with anybody."""


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What is looked for; empty = everything."""

    actor: str = ""
    kind: str = ""
    mrn: str = ""
    outcome: str = ""

    @property
    def text(self) -> str:
        """The filter as the journal keeps it."""
        return ";".join(f"{name}={value}" for name, value in vars(self).items() if value)


@dataclass(frozen=True, kw_only=True)
class Found:
    """One page of the audit, latest first. `more` says whether there is an earlier one."""

    rows: tuple[Record, ...]
    more: bool
    actors: tuple[Record, ...]
    """Who can be filtered for: seat, account, name."""


def query(act: Acting, *, actor: str = "", kind: str = "", mrn: str = "", outcome: str = "", before: int = 0) -> Found:
    """Look into the audit: IT into all of it, a head into what his own department did; `before` a row's number.

    Each row has seq, at, actor, account, name, action, outcome, code, mrn, and `told`, the attributes of `_TOLD`.
    """
    wanted = Filter(actor=actor, kind=kind if kind in KINDS else "", mrn=mrn.strip(), outcome=outcome)
    act.attempt("audit.query", data={"filter": wanted.text or None})
    scope = permission.require(act, "audit.view")
    act.record("audit.query", data={"filter": wanted.text or None})
    return _find(act, wanted, scope, before, PAGE_ROWS)


def export(
    act: Acting,
    *,
    actor: str = "",
    kind: str = "",
    mrn: str = "",
    outcome: str = "",
    purpose: str = "",
    second: str | None = None,
    identified: bool = True,
) -> tuple[Record, ...]:
    """Take what a filter finds out of the hospital's system, the latest so many rows, once another person approved.

    Refused as `privacy.require_approved`, and E-GEN-02 to who may not look into the audit.
    """
    wanted = Filter(actor=actor, kind=kind if kind in KINDS else "", mrn=mrn.strip(), outcome=outcome)
    data = privacy.export_data(act, what=privacy.AUDIT, listed=wanted.text, purpose=purpose, second=second)
    act.attempt(privacy.EXPORT, data=data)
    scope = permission.require(act, "audit.view")
    privacy.require_approved(act, data, second, identified=identified)
    rows = _find(act, wanted, scope, 0, dictionary.limit(act, "export_rows")).rows
    act.record(privacy.EXPORT, data={**data, "rows": len(rows)})
    return rows


def _find(act: Acting, wanted: Filter, scope: str, before: int, most: int) -> Found:
    actors = _actors(act, act.who.dept if scope == permission.OWN else "")
    conditions, values = _conditions(wanted, actors, everybody=scope != permission.OWN)
    found = act.rows(
        'SELECT j."seq", j."at", j."actor", j."action", j."outcome", j."code", j."data", p."mrn" FROM "journal" j '  # noqa: S608
        f'LEFT JOIN "patient" p ON p."id" = j."patient" WHERE {conditions} '
        'AND (? = 0 OR j."seq" < ?) ORDER BY j."seq" DESC LIMIT ?',
        *values,
        before,
        before,
        most + 1,
    )
    names = {each["actor"]: each for each in actors}
    shown = tuple(_shown(each, names.get(each["actor"])) for each in found[:most])
    return Found(rows=shown, more=len(found) > most, actors=tuple(actors))


def _actors(act: Acting, dept: str) -> list[Record]:
    return act.rows(
        'SELECT COALESCE(a."seat", \'account:\' || a."name") AS actor, a."name" AS account, s."name", s."dept" '
        'FROM "account" a JOIN "staff" s ON s."id" = a."staff" WHERE ? = \'\' OR s."dept" = ? ORDER BY a."name"',
        dept,
        dept,
    )


def _conditions(wanted: Filter, actors: list[Record], *, everybody: bool) -> tuple[str, list[object]]:
    conditions, values = ["1 = 1"], list[object]()
    if not everybody:
        conditions.append(f'j."actor" IN ({", ".join("?" for _ in actors)})')
        values += [each["actor"] for each in actors]
    if wanted.actor:
        conditions.append('j."actor" = ?')
        values.append(wanted.actor)
    if wanted.kind:
        actions = [name for name, action in CATALOGUE.items() if action.kind in KINDS[wanted.kind]]
        conditions.append(f'j."action" IN ({", ".join("?" for _ in actions)})')
        values += actions
    if wanted.mrn:
        conditions.append('p."mrn" = ?')
        values.append(wanted.mrn)
    if wanted.outcome:
        conditions.append('j."outcome" = ?')
        values.append(wanted.outcome)
    return " AND ".join(conditions), values


def _shown(row: Record, who: Record | None) -> Record:
    data = json.loads(row["data"])
    return {
        **{name: row[name] for name in ("seq", "at", "actor", "action", "outcome", "code", "mrn")},
        "account": "" if who is None else who["account"],
        "name": "" if who is None else who["name"],
        "system": row["actor"] == SYSTEM,
        "told": {name: str(data[name]) for name in _TOLD if data.get(name) is not None},
    }


ACTIONS: Mapping[str, Operation] = {"audit.query": query}

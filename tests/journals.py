"""Hand-made exercises, journals and final states for the grader's tests."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sandbox.contract import CONTRACT_VERSION
from sandbox.contract.catalogue import TABLES
from sandbox.contract.control import HospitalState
from sandbox.contract.journal import Change, Row, first_prev, row_hash
from sandbox.grading.evidence import Journal
from sandbox.grading.grade import grade
from sandbox.grading.ledger import Accommodations
from sandbox.grading.report import Line, Report
from sandbox.grading.scoring import HintOpened

ATTEMPT, NONCE = "a" * 16, "n" * 32
ANCHOR = "2026-03-02"
START = datetime(2026, 3, 2, 8, 30)  # noqa: DTZ001 hospital time has no zone
PATIENT, OTHER = "p1", "p2"
NAMES = {"ann": [PATIENT], "bea": [OTHER]}

SECOND, MINUTE = 1000, 60_000


def file(**sections: Any) -> bytes:
    """Return a valid exercise; JSON is YAML. Sections given replace the standard ones.

    An inject waits for each event, so that none is unused whatever the checks look at.
    """
    content: dict[str, Any] = {
        "schema": "exercise/v1",
        "id": "made-by-hand",
        "version": 1,
        "title": {"zh": "手工练习", "en": "By hand"},
        "rules": {"time": "60m"},
        "seats": {"doc": {"role": "OPD", "dept": "D0101", "zh": "医生", "en": "Doctor"}},
        "cast": {"ann": {"name": "甲"}, "bea": {"name": "乙"}},
        "steps": [{"id": "s1", "zh": "做", "en": "Do it"}],
        "events": {"opened": {"action": "chart.open", "patient": "$ann"}},
        "checks": [check(count={"event": "opened"})],
        "tests": [{"name": "idle", "run": [], "expect": {"score": 0, "result": "fail"}}],
        **sections,
    }
    content.setdefault("injects", [_nudge(name) for name in content["events"]])
    return json.dumps({key: value for key, value in content.items() if value is not None}, ensure_ascii=False).encode()


def _nudge(event: str) -> dict[str, Any]:
    said = {"from": {"zh": "同事", "en": "Colleague"}, "zh": "嗨", "en": "Hello"}
    return {"id": f"on-{event.replace('_', '-')}", "when": event, "say": said}


def check(key: str = "it", points: int | float = 100, **more: Any) -> dict[str, Any]:
    """Return a check of the file."""
    return {"id": key, "points": points, "zh": f"检查{key}", "en": f"Check {key}", **more}


def never(key: str = "harm", lose: int = 10, **more: Any) -> dict[str, Any]:
    """Return a never rule of the file."""
    return {"id": key, "lose": lose, "zh": f"禁止{key}", "en": f"Never {key}", **more}


def change(table: str, key: str, column: str, after: Any, before: Any = None) -> Change:
    """Return one changed column."""
    return Change(table=table, id=key, column=column, before=before, after=after)


@dataclass
class Diary:
    """Writes a journal row by row. `at` is working time in milliseconds; hospital time follows it unless given."""

    bindings: Mapping[str, list[str]] = field(default_factory=lambda: dict(NAMES))
    rows: list[Row] = field(default_factory=list)
    tables: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        data = {"bindings": dict(self.bindings), "seats": {"doc": "s9"}, "anchor": ANCHOR}
        self.write("attempt.begin", actor="system", patient=None, data=data)

    def write(self, action: str, at: int | None = None, **more: Any) -> Row:
        """Add a row a minute after the last one unless told when."""
        t = at if at is not None else (self.rows[-1].t + MINUTE if self.rows else 0)
        values: dict[str, Any] = {
            "seq": len(self.rows) + 1,
            "attempt": ATTEMPT,
            "actor": "doc",
            "action": action,
            "outcome": "refused" if more.get("code") else "ok",
            "code": None,
            "patient": PATIENT,
            "encounter": None,
            "target": None,
            "data": {},
            "changes": (),
            "t": t,
            "at": more.pop("hospital", (START + timedelta(milliseconds=t)).isoformat(timespec="seconds")),
            "wall": "2026-11-22T00:00:00.000+00:00",
            "prev": "",
            "hash": "",
        }
        self.rows.append(Row(**{**values, **more}))
        return self.rows[-1]

    def create(self, table: str, key: str, action: str | None = None, **columns: Any) -> Row:
        """Add a record to the final state, created by this row."""
        self.tables.setdefault(table, {})[key] = {"id": key, **columns}
        made = tuple(change(table, key, name, value) for name, value in {"id": key, **columns}.items())
        patient = key if table == "patient" else columns.get("patient", PATIENT)
        return self.write(action or f"{table}.create", patient=patient, target=key, changes=made)

    def present(self, table: str, key: str, **columns: Any) -> None:
        """Add a record to the final state that nobody touched."""
        self.tables.setdefault(table, {})[key] = {"id": key, **columns}

    def journal(self, *, ended: bool = True) -> Journal:
        """Return the journal, ended and chained."""
        if ended:
            self.write("attempt.end", at=self.rows[-1].t, actor="system", patient=None)
        return Journal(attempt=ATTEMPT, nonce=NONCE, rows=chained(self.rows))

    def state(self) -> HospitalState:
        """Return the final state: every gradable table, rows by id."""
        tables = {
            name: tuple(dict(sorted(row.items())) for _, row in sorted(self.tables.get(name, {}).items()))
            for name in TABLES
        }
        return HospitalState(contract=CONTRACT_VERSION, anchor=ANCHOR, tables=tables)


def chained(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Return the rows with prev and hash as the cell writes them."""
    prev, found = first_prev(ATTEMPT, NONCE), []
    for row in rows:
        row = replace(row, prev=prev, hash="")
        row = replace(row, hash=row_hash(row))
        prev = row.hash
        found.append(row)
    return tuple(found)


def graded(
    diary: Diary,
    content: bytes,
    *,
    hints: Sequence[HintOpened] = (),
    accommodations: Accommodations | None = None,
) -> Report:
    """Grade what the diary holds."""
    return grade(
        content, diary.journal(), diary.state(), hints=hints, accommodations=accommodations or Accommodations()
    )


def line_of(diary: Diary, kind: Mapping[str, Any], *, untimed: bool = False, **sections: Any) -> Line:
    """Grade one check that is worth 100 points, so that its points are its share in percent."""
    content = file(checks=[check(**kind)], **sections)
    report = graded(diary, content, accommodations=Accommodations(untimed=untimed))
    assert report.result in ("pass", "fail"), report.errors
    return report.lines[0]


def share(line: Line) -> str:
    """Return a line's exact share of its points."""
    return str(Fraction(line.exact) / Fraction(Decimal(line.points)))

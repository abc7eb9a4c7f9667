"""Pages of the records desk 病案: possible duplicates side by side, and what was merged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from his.chart import people
from his.chart.acting import Acting, Record
from his.chart.refusing import Refused
from his.records import merging
from his.shell import doing, frames, keyboard, naming, seconds, strips
from his.shell.frames import Page
from his.shell.glossary import Option

bp = Blueprint("records", __name__, url_prefix="/records")

_COMPARED = ("name", "sex", "birth_date", "id_no", "phone", "address", "insurance_type", "card_no", "mrn")
_COUNTED = ("registration", "encounter", "prescription", "allergy", "invoice")


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A line of the list: who is flagged or merged, and as whom."""

    id: str
    name: str
    mrn: str
    other_name: str
    other_mrn: str
    status: str
    href: str


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One thing compared between the two records."""

    label: str
    one: str
    other: str
    tone: str
    mark: str
    """Wording key of what is to be said of the two; '' = nothing."""


@dataclass(frozen=True, kw_only=True)
class Chosen:
    id: str
    version: int
    status: str
    other: str
    one_title: str
    other_title: str
    facts: Sequence[Fact]


@dataclass(frozen=True, kw_only=True)
class MergingView:
    show: str
    rows: Sequence[Pair]
    chosen: Chosen | None
    full: tuple[str, str] | None
    """The full ID numbers of both records, once they were asked for."""
    seconds: Sequence[Option]
    wrong: str
    """Code of the refusal, so that the fields it is about are marked."""


@bp.get("/duplicates", endpoint="duplicates")
def list_pairs() -> Response:
    """Show flagged pairs, or what was merged."""
    return _draw()


@bp.post("/duplicates/<key>/numbers")
def view_numbers(key: str) -> Response:
    """Show the full ID numbers of both records, each as an act of its own."""
    with keyboard.looking() as act:
        other = act.fetch("patient", key)["same_as"]
    try:
        one = keyboard.perform(people.view_id, patient=key)
        full = (one, "" if other is None else keyboard.perform(people.view_id, patient=other))
    except Refused as refused:
        return _draw(key, refused)
    return _draw(key, full=full)


@bp.post("/duplicates/<key>/merge")
def merge(key: str) -> Response:
    """Merge the pair."""
    fields = {"survivor": request.form.get("survivor") or None, **seconds.given()}
    return _do("patient_index.merge", merging.merge, key, show="merged", **fields)


@bp.post("/duplicates/<key>/dismiss")
def dismiss(key: str) -> Response:
    """Tell the two apart."""
    return _do("patient_index.dismiss", merging.dismiss, key, reason=request.form.get("reason", ""))


@bp.post("/duplicates/<key>/unmerge")
def unmerge(key: str) -> Response:
    """Undo a merge."""
    fields = {"reason": request.form.get("reason", ""), **seconds.given()}
    return _do("patient_index.unmerge", merging.unmerge, key, **fields)


def _do(deed: str, operation: Callable[..., Any], key: str, *, show: str = "open", **fields: Any) -> Response:
    version = doing.version()
    return doing.do(
        deed,
        lambda: keyboard.perform(operation, patient=key, version=version, **fields),
        then=lambda _: url_for(".duplicates", show=show),
        again=lambda refused: _draw(key, refused),
    )


def _draw(key: str = "", refusal: Refused | None = None, *, full: tuple[str, str] | None = None) -> Response:
    key = key or request.args.get("record", "")
    keyboard.perform(merging.view)
    with keyboard.looking() as act:
        record = act.one('SELECT "status" FROM "patient" WHERE "id" = ?', key)
        listed = record is not None and record["status"] in ("merge_candidate", "merged")
        past = record["status"] == "merged" if record and listed else request.args.get("show") == "merged"
        rows = merging.merged(act) if past else merging.candidates(act)
        view = MergingView(
            show="merged" if past else "open",
            rows=[_pair(act, each) for each in rows],
            chosen=_chosen(act, key) if listed else None,
            full=full,
            seconds=seconds.choices(act),
            wrong="" if refusal is None else refusal.code,
        )
        strip = strips.of(act, key) if listed else None
    page = Page(
        template="records/duplicates.html",
        title="desk.records",
        tab="duplicates",
        view=view,
        strip=strip,
        keys=("F9=merge",) if view.chosen and view.chosen.status == "merge_candidate" else (),
        here=url_for(".duplicates", record=key) if refusal or full else "",
        refusal=refusal,
    )
    return frames.show(page)


def _pair(act: Acting, row: Record) -> Pair:
    other = act.one('SELECT "name", "mrn" FROM "patient" WHERE "id" = ?', row["other"]) or {"name": "", "mrn": ""}
    return Pair(
        id=row["id"],
        name=row["name"],
        mrn=row["mrn"],
        other_name=other["name"],
        other_mrn=other["mrn"],
        status=row["status"],
        href=url_for(".duplicates", record=row["id"]),
    )


def _chosen(act: Acting, key: str) -> Chosen:
    one, other = merging.pair(act, key)
    fills, filled = _fills(one, other or {}), merging.filled(act, key)
    facts = [_fact(each, one, other or {}, fills=each in fills, filled=each in filled) for each in _COMPARED]
    facts += [_count(act, table, key, str((other or {}).get("id", ""))) for table in _COUNTED]
    return Chosen(
        id=key,
        version=one["version"],
        status=one["status"],
        other=(other or {}).get("id", ""),
        one_title=f"{one['name']} {one['mrn']}",
        other_title=f"{other['name']} {other['mrn']}" if other else "",
        facts=facts,
    )


def _fills(one: Record, other: Record) -> set[str]:
    """Return what is filled by a merge, whichever of the two stays."""
    if not other or one["status"] != "merge_candidate":
        return set()
    return {*merging.gaps(one, other), *merging.gaps(other, one)}


def _fact(column: str, one: Record, other: Record, *, fills: bool, filled: bool) -> Fact:
    first, second = (_said(column, each.get(column)) for each in (one, other))
    same = bool(first) and first == second
    mark = "merge.fills" if fills else "merge.filled" if filled else "merge.same" if same else "merge.differs"
    tone = "good" if same or fills else "warned"
    return Fact(label=f"compare.{column}", one=first, other=second, tone=tone, mark=mark)


def _said(column: str, value: object) -> str:
    if column == "sex":
        return naming.sex(None if value is None else str(value))
    if column == "insurance_type":
        return keyboard.glossary().name("insurance_types", None if value is None else str(value))
    return str(value or "")


def _count(act: Acting, table: str, one: str, other: str) -> Fact:
    counts = [
        act.one(f'SELECT COUNT(*) AS n FROM "{table}" WHERE "patient" = ?', key) or {"n": 0}  # noqa: S608 our own names
        for key in (one, other)
    ]
    first, second = (str(each["n"]) for each in counts)
    return Fact(label=f"compare.{table}", one=first, other=second, tone="good", mark="")

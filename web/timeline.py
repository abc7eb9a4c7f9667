"""The journal as people read it 回放: what was seen, done, refused and changed, row by row, with filters."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import request

from sandbox.contract.catalogue import ACTIONS, REFUSALS, TABLES
from sandbox.contract.journal import SYSTEM
from sandbox.errors import NotFoundError
from sandbox.exercises import loader
from sandbox.exercises.schema import Exercise
from sandbox.grading import code_words, words
from sandbox.provisioning.ports import Files
from web import presenting, wording
from web.reporting import Filed
from web.wording import _

HIDDEN = frozenset({"bindings", "seats", "anchor", "exercise", "dataset", "cause"})
"""Attributes that bind the journal to its exercise; they say nothing to people."""
LONGEST = 160


@dataclass(frozen=True, kw_only=True)
class Detail:
    name: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Changed:
    """One record that a row created or changed. `before` is '' for a created one."""

    record: str
    fresh: bool
    columns: tuple[tuple[str, str, str], ...]
    """Column, before, after."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    seq: int
    at: str
    clock: str
    worked: str
    seat: str
    kind: str
    kind_words: str
    words: str
    patient: str
    refused: bool
    code: str
    why: str
    details: tuple[Detail, ...]
    changes: tuple[Changed, ...]


@dataclass(frozen=True, kw_only=True)
class Query:
    seat: str
    kind: str
    refused: bool


@dataclass(frozen=True, kw_only=True)
class Choice:
    value: str
    words: str
    count: int


@dataclass(frozen=True, kw_only=True)
class TimelineView:
    attempt: str
    title: str
    person: str
    entries: tuple[Entry, ...]
    all: int
    refusals: int
    seats: tuple[Choice, ...]
    kinds: tuple[Choice, ...]
    query: Query
    everything: str
    """Address of the page without filters."""


@dataclass(frozen=True)
class _Names:
    """What rows are called: seats and people of the exercise, by the ids row 1 bound them to."""

    seats: Mapping[str, str]
    people: Mapping[str, str]


def query() -> Query:
    """Return the filter that the address asks for."""
    given = request.args
    return Query(seat=given.get("seat", ""), kind=given.get("kind", ""), refused=given.get("refused") == "1")


def view(filed: Filed, files: Files, wanted: Query) -> TimelineView:
    """Return the page.

    Raises NotFoundError if the journal did not verify: what nobody vouches for is not told as what happened.
    Raises ArchiveCorruptError if a paper was changed on disk.
    """
    if filed.results[0].verdict == "error":
        raise NotFoundError(f"the journal of attempt {filed.attempt.id} does not verify")
    exercise = loader.trusted(files.get(filed.exercise_sha256)).variants[filed.attempt.variant].exercise
    rows: list[dict[str, Any]] = json.loads(files.get(filed.journal_sha256))
    names = _names(exercise, rows)
    entries = [_entry(row, names) for row in rows]
    shown = [one for one in entries if _fits(one, wanted)]
    seats = dict.fromkeys(one.seat for one in entries)
    kinds = {one.kind: one.kind_words for one in entries}
    return TimelineView(
        attempt=filed.attempt.id,
        title=exercise.title.zh if wording.language() == "zh" else exercise.title.en,
        person=filed.person,
        entries=tuple(shown),
        all=len(entries),
        refusals=sum(one.refused for one in entries),
        seats=tuple(Choice(value=each, words=each, count=sum(one.seat == each for one in entries)) for each in seats),
        kinds=tuple(
            Choice(value=key, words=said, count=sum(one.kind == key for one in entries)) for key, said in kinds.items()
        ),
        query=wanted,
        everything=request.path,
    )


def written(filed: Filed, files: Files) -> tuple[Entry, ...]:
    """Return what the trainee wrote, for whoever marks it."""
    return tuple(
        one for one in view(filed, files, Query(seat="", kind="", refused=False)).entries
        if any(each.columns for each in one.changes) and not one.refused and one.kind != "attempt"
    )  # fmt: skip


def address(path: str, wanted: Query, seq: int) -> str:
    """Return the address of one row of the page at `path`."""
    kept = {"seat": wanted.seat, "kind": wanted.kind, "refused": "1" if wanted.refused else ""}
    asked = urlencode({name: value for name, value in kept.items() if value})
    return f"{path}{'?' + asked if asked else ''}#row-{seq}"


def _names(exercise: Exercise, rows: list[dict[str, Any]]) -> _Names:
    zh = wording.language() == "zh"
    begun: Mapping[str, Any] = rows[0].get("data", {}) if rows else {}
    called = {name: str((one.model_extra or {}).get("name", name)) for name, one in exercise.cast.items()}
    bound: Mapping[str, Any] = begun.get("bindings", {})
    people = {
        str(key): called[name] for name, keys in bound.items() if name in called and isinstance(keys, list)
        for key in keys
    }  # fmt: skip
    for row in rows:
        for change in row.get("changes", ()):
            if change["table"] == "patient" and change["column"] == "name":
                people.setdefault(change["id"], str(change["after"]))
    return _Names(seats={name: (seat.zh if zh else seat.en) for name, seat in exercise.seats.items()}, people=people)


def _fits(one: Entry, wanted: Query) -> bool:
    return wanted.seat in ("", one.seat) and wanted.kind in ("", one.kind) and (one.refused or not wanted.refused)


def _entry(row: Mapping[str, Any], names: _Names) -> Entry:
    action = ACTIONS.get(str(row["action"]))
    kind = action.kind if action else "write"
    code, actor = str(row.get("code") or ""), str(row["actor"])
    return Entry(
        seq=int(row["seq"]),
        at=str(row["at"]).replace("T", " "),
        clock=str(row["at"])[11:16],
        worked=presenting.minutes_and_seconds(int(row["t"]) // 1000),
        seat=_("Hospital") if actor == SYSTEM else names.seats.get(actor, actor.removeprefix("account:")),
        kind=kind,
        kind_words=kind_words(kind),
        words=_told((action.zh, action.en)) if action else str(row["action"]),
        patient=names.people.get(str(row.get("patient") or ""), str(row.get("patient") or "")),
        refused=row["outcome"] == "refused",
        code=code,
        why=_why(code),
        details=tuple(_details(row, names)),
        changes=tuple(_changes(row, names)),
    )


def kind_words(kind: str) -> str:
    """Return what people call a kind of action."""
    return {
        "transition": _("Steps of the work"),
        "write": _("Entries"),
        "view": _("Looking things up"),
        "alert": _("Warnings"),
        "privacy": _("Privacy"),
        "auth": _("Log-in and password"),
        "print": _("Printing"),
        "attempt": _("Exercise"),
        "inject": _("Messages and events"),
        "clock": _("Clock"),
        "colleague": _("Colleagues"),
    }.get(kind, kind)


def _details(row: Mapping[str, Any], names: _Names) -> Iterable[Detail]:
    action = ACTIONS.get(str(row["action"]))
    for name, raw in sorted(row.get("data", {}).items()):
        if name in HIDDEN or raw is None or raw == "":
            continue
        kind = action.attributes.get(name, "text") if action else "text"
        listed = raw if isinstance(raw, list) else [raw]
        said = _(", ").join(_value(kind.replace("list:", "code:"), one, names) for one in listed)
        yield Detail(name=_told(words.column(name) if name == "code" else words.field(name)), value=_short(said))


def _changes(row: Mapping[str, Any], names: _Names) -> Iterable[Changed]:
    records: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for change in row.get("changes", ()):
        records.setdefault((change["table"], change["id"]), []).append(change)
    for (table, _key), listed in records.items():
        fresh = any(one["column"] == "id" and one["before"] is None for one in listed)
        columns = TABLES.get(table, {})
        yield Changed(
            record=_told(words.table(table)),
            fresh=fresh,
            columns=tuple(
                (
                    _told(words.column(one["column"])),
                    "" if fresh else _short(_value(columns.get(one["column"], "text"), one["before"], names)),
                    _short(_value(columns.get(one["column"], "text"), one["after"], names)),
                )
                for one in listed
                if one["column"] != "id"
            ),
        )


def _value(kind: str, raw: object, names: _Names) -> str:
    if kind.startswith("ref:") and str(raw) in names.people:
        return names.people[str(raw)]
    if isinstance(raw, dict):
        return json.dumps(raw, ensure_ascii=False)
    called = code_words.name(kind.removeprefix("code:"), str(raw)) if kind.startswith("code:") else None
    return _told(called or words.value(kind, raw))


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


def _why(code: str) -> str:
    known = REFUSALS.get(code)
    return _told((known.zh, known.en)) if known else ""


def _told(pair: tuple[str, str]) -> str:
    return pair[0] if wording.language() == "zh" else pair[1]

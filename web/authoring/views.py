"""What the library's lists and confirmations show."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sandbox.authoring import library
from sandbox.authoring.library import Standing, Volume
from sandbox.authoring.model import Draft
from sandbox.exercises.model import ExerciseVersion
from sandbox.exercises.problems import Problem
from web import listing, wording
from web.listing import Head, Order
from web.wording import _, _n

SORTABLE = ("library", "title", "minutes", "changed_at")
LENGTHS: Mapping[str, tuple[int, int]] = {"15": (0, 15), "30": (16, 30), "60": (31, 60), "more": (61, 10_000)}
TONES: Mapping[Standing, tuple[str, str]] = {
    Standing.UNCHECKED: ("", "hourglass"),
    Standing.CHECKING: ("accent", "hourglass"),
    Standing.RED: ("bad", "circle-x"),
    Standing.GREEN: ("good", "circle-check"),
    Standing.RELEASED: ("good", "check"),
    Standing.RETIRED: ("", "x"),
}
SHOWN_COLUMNS = 140
"""Of a line with a problem: what fits beside its number."""


@dataclass(frozen=True, kw_only=True)
class Query:
    q: str
    role: str
    minutes: str
    standing: str


@dataclass(frozen=True, kw_only=True)
class VolumeRow:
    key: str
    exercise: str
    version: int
    sha256: str
    title: str
    library: str
    roles: str
    minutes: int
    tone: str
    drawing: str
    standing: str
    words: str
    changed_at: datetime
    has_draft: bool
    retirable: bool
    assignable: int | None
    """The newest version of the exercise that is released and not retired."""


@dataclass(frozen=True, kw_only=True)
class ShelfView:
    query: Query
    roles: tuple[tuple[str, str], ...]
    lengths: tuple[tuple[str, str], ...]
    standings: tuple[tuple[str, str], ...]
    heads: tuple[Head, ...]
    rows: tuple[VolumeRow, ...]
    total: int


@dataclass(frozen=True, kw_only=True)
class ProblemRow:
    """A problem with the line it is about; `caret` are the blanks before the place."""

    line: int
    column: int
    code: str
    sentence: str
    text: str
    caret: str


@dataclass(frozen=True, kw_only=True)
class ProblemsView:
    file: str
    summary: str
    rows: tuple[ProblemRow, ...]


@dataclass(frozen=True, kw_only=True)
class ConfirmView:
    title: str
    consequence: str
    name: str
    action: str
    back: str
    button: str
    danger: bool


@dataclass(frozen=True, kw_only=True)
class ExerciseView:
    title: str
    exercise: str
    rows: tuple[VolumeRow, ...]


def shelf(everything: Sequence[Volume], query: Query, order: Order) -> ShelfView:
    """Return the newest file of each exercise, after filter and order."""
    found = library.newest(everything)
    wanted = [one for one in found if _wanted(one, query)]
    assignable = library.assignable(everything)
    keys = {
        "library": lambda one: (one.library or "~", one.exercise),
        "title": lambda one: (_title(one), one.exercise),
        "minutes": lambda one: (one.minutes, one.exercise),
        "changed_at": lambda one: (one.changed_at, one.exercise),
    }
    rows = sorted(wanted, key=keys[order.key], reverse=order.descending)
    columns = (
        ("library", _("No.")),
        ("title", _("Exercise")),
        ("", _("Roles")),
        ("minutes", _("Minutes")),
        ("", _("Newest")),
        ("", _("State")),
        ("", _("Can be assigned")),
        ("changed_at", _("Changed")),
    )
    asked = {"q": query.q, "role": query.role, "minutes": query.minutes, "standing": query.standing}
    lengths = {"15": _("up to 15 min"), "30": _("16–30 min"), "60": _("31–60 min"), "more": _("over an hour")}
    return ShelfView(
        query=query,
        roles=tuple((role, role_words(role)) for role in sorted({role for one in found for role in one.roles})),
        lengths=tuple(lengths.items()),
        standings=tuple((standing.value, standing_words(standing)) for standing in Standing),
        heads=listing.heads("authoring.shelf", columns, order, asked, numbers="minutes"),
        rows=tuple(_row(one, assignable) for one in rows),
        total=len(rows),
    )


def _wanted(one: Volume, query: Query) -> bool:
    text = f"{one.library} {one.title_zh} {one.title_en} {one.exercise}".casefold()
    least, most = LENGTHS.get(query.minutes, (0, 10_000))
    return (
        query.q.casefold() in text
        and (not query.role or query.role in one.roles)
        and least <= one.minutes <= most
        and (not query.standing or query.standing == one.standing)
    )


def exercise(found: Sequence[Volume]) -> ExerciseView:
    """Return the history of one exercise."""
    return ExerciseView(title=_title(found[0]), exercise=found[0].exercise, rows=tuple(_row(one, {}) for one in found))


def _row(one: Volume, assignable: Mapping[str, int]) -> VolumeRow:
    tone, drawing = TONES[one.standing]
    words = standing_words(one.standing)
    if one.standing is Standing.RED:
        words = _n("%(n)s finding", "%(n)s findings", one.findings) if one.findings else _("not proven through pages")
    return VolumeRow(
        key=one.key,
        exercise=one.exercise,
        version=one.version,
        sha256=one.sha256,
        title=_title(one),
        library=one.library,
        roles=("、" if wording.language() == "zh" else ", ").join(map(role_words, one.roles)),
        minutes=one.minutes,
        tone=tone,
        drawing=drawing,
        standing=one.standing.value,
        words=words,
        changed_at=one.changed_at,
        has_draft=one.has_draft,
        retirable=one.standing is Standing.RELEASED,
        assignable=assignable.get(one.exercise),
    )


def standing_words(standing: Standing) -> str:
    """Return where a file stands, in words."""
    return {
        Standing.UNCHECKED: _("Draft, not checked"),
        Standing.CHECKING: _("Being checked"),
        Standing.RED: _("Draft with findings"),
        Standing.GREEN: _("Ready for release"),
        Standing.RELEASED: _("Released"),
        Standing.RETIRED: _("Retired"),
    }[standing]


def role_words(role: str) -> str:
    """Return a role of the hospital in words."""
    return {
        "REG": _("Registration"),
        "OPD": _("Outpatient doctor"),
        "IPD": _("Ward doctor"),
        "NUR": _("Nurse"),
        "PHA": _("Pharmacist"),
        "CAS": _("Cashier"),
        "LAB": _("Laboratory"),
        "IMG": _("Imaging"),
        "MRC": _("Medical records"),
        "HOD": _("Head of department"),
        "ITA": _("IT administrator"),
        "FIN": _("Finance"),
    }.get(role, role)


def _title(one: Volume) -> str:
    return one.title_zh if wording.language() == "zh" else one.title_en


def file_name(sent: str | None) -> str:
    """Return the last part of an uploaded name, short and printable."""
    last = re.split(r"[\\/]", sent or "")[-1]
    return "".join(sign for sign in last if sign.isprintable())[:80] or "exercise.yaml"


def problems(file: str, content: bytes, found: Sequence[Problem]) -> ProblemsView:
    """Return what is wrong with a file, each with its line."""
    return ProblemsView(
        file=file,
        summary=_n("%(n)s problem; nothing was saved.", "%(n)s problems; nothing was saved.", len(found)),
        rows=tuple(
            problem_row(content, one.mark.line, one.mark.column, one.code, _say(one.zh, one.en)) for one in found
        ),
    )


def problem_row(content: bytes, line: int, column: int, code: str, sentence: str) -> ProblemRow:
    """Return a problem with the text of its line, cut to what a page can show around the place."""
    lines = content.decode("utf-8", "replace").splitlines()
    text = lines[line - 1] if 0 < line <= len(lines) else ""
    begin = max(0, column - 1 - SHOWN_COLUMNS // 2) if column > SHOWN_COLUMNS * 3 // 4 else 0
    shown = text[begin : begin + SHOWN_COLUMNS]
    before = shown[: max(0, column - 1 - begin)]
    return ProblemRow(
        line=line,
        column=column,
        code=code,
        sentence=sentence,
        text=("…" if begin else "") + shown + ("…" if len(text) > begin + SHOWN_COLUMNS else ""),
        caret=("…" if begin else "") + before,
    )


def _say(zh: str, en: str) -> str:
    return zh if wording.language() == "zh" else en


def confirm_release(draft: Draft) -> ConfirmView:
    """Return the question before a release."""
    title = _say(draft.title_zh, draft.title_en)
    return ConfirmView(
        title=_("Release version %(n)s?", n=draft.version),
        consequence=_(
            "It can be assigned at once and never changes again. A later correction needs version %(next)s.",
            next=draft.version + 1,
        ),
        name=f"{title} · {draft.exercise}@{draft.version}",
        action=f"/authoring/drafts/{draft.sha256}/release",
        back=f"/authoring/drafts/{draft.sha256}",
        button=_("Release"),
        danger=False,
    )


def confirm_retire(version: ExerciseVersion) -> ConfirmView:
    """Return the question before a version is retired."""
    title = _say(version.title_zh, version.title_en)
    return ConfirmView(
        title=_("Retire %(version)s?", version=version.id),
        consequence=_("Nobody can be assigned it any more. Standing assignments, attempts and reports stay."),
        name=f"{title} · {version.id}",
        action=f"/authoring/versions/{version.id}/retire",
        back=f"/authoring/exercises/{version.exercise}",
        button=_("Retire"),
        danger=True,
    )

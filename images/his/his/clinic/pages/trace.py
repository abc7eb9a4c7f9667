"""Two wordings of a record side by side: who, when, why, what it said, and whether it is what was signed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from his.chart import typed
from his.chart.acting import Acting, Record
from his.chart.refusing import Refused
from his.clinic import drawing
from his.clinic.operations import versions
from his.shell import frames, keyboard, strips
from his.shell.frames import Page

bp = Blueprint("clinic_trace", __name__, url_prefix="/clinic/records")

_PIECE = re.compile(r"[^，。；、,;\s]+|[，。；、,;\s]")
"""Wordings are compared clause by clause: single signs would light up by chance."""

Marked = Sequence[tuple[str, bool]]
"""Pieces of a text, each with whether the other wording lacks it."""


@dataclass(frozen=True, kw_only=True)
class Wording:
    place: int
    event: str
    by: str
    at: str
    reason: str
    digest: str
    untouched: bool
    """Whether the text still has the digest it was signed with."""
    left: str
    """Address of the page with this wording on the left."""
    right: str


@dataclass(frozen=True, kw_only=True)
class Part:
    name: str
    left: Marked
    right: Marked
    same: bool


@dataclass(frozen=True, kw_only=True)
class TraceView:
    wordings: Sequence[Wording]
    left: Wording
    right: Wording
    parts: Sequence[Part]
    back: str


@bp.get("/<key>/trace")
def trace(key: str) -> Response:
    """Show the wordings of a record; at first the last two."""
    with keyboard.looking() as act:
        record = act.fetch("medical_record", key)
    back = url_for("clinic_chart.section", encounter=record["encounter"], name="record")
    try:
        kept = keyboard.perform(versions.view_trace, medical_record=key)
    except Refused as refused:
        return frames.show(Page(template="shell/refused.html", title="desk.clinic", here=back, refusal=refused))
    with keyboard.looking() as act:
        visit = act.fetch("encounter", record["encounter"])
        view = _view(act, kept, record, back) if kept else None
        strip = strips.of(act, record["patient"], visit)
    tab = drawing.TAB_OF.get(keyboard.who().role, "queue")
    return frames.show(Page(template="clinic/trace.html", title="desk.clinic", tab=tab, view=view, strip=strip))


def _view(act: Acting, kept: Sequence[Record], record: Record, back: str) -> TraceView:
    last = len(kept)
    right = _chosen("right", last, last)
    left = _chosen("left", max(1, last - 1), last)
    wordings = [_wording(act, each, record, left=left, right=right) for each in kept]
    return TraceView(
        wordings=wordings,
        left=wordings[left - 1],
        right=wordings[right - 1],
        parts=[_part(name, kept[left - 1][name] or "", kept[right - 1][name] or "") for name in versions.SECTIONS],
        back=back,
    )


def _chosen(side: str, usual: int, last: int) -> int:
    return typed.whole(request.args.get(side), last) or usual


def _wording(act: Acting, kept: Record, record: Record, *, left: int, right: int) -> Wording:
    signer = act.one('SELECT "name" FROM "staff" WHERE "id" = ?', kept["signer"])
    place = kept["place"]
    return Wording(
        place=place,
        event=kept["event"],
        by="" if signer is None else signer["name"],
        at=keyboard.when(kept["signed_at"]),
        reason=kept["reason"],
        digest=kept["content_sha256"],
        untouched=versions.digest({**record, **kept}) == kept["content_sha256"],
        left=url_for(".trace", key=record["id"], left=place, right=right),
        right=url_for(".trace", key=record["id"], left=left, right=place),
    )


def _part(name: str, left: str, right: str) -> Part:
    one, other = _PIECE.findall(left), _PIECE.findall(right)
    blocks = SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
    return Part(
        name=name,
        left=list(_marked(one, [(each.a, each.a + each.size) for each in blocks])),
        right=list(_marked(other, [(each.b, each.b + each.size) for each in blocks])),
        same=left == right,
    )


def _marked(pieces: Sequence[str], common: Sequence[tuple[int, int]]) -> Iterator[tuple[str, bool]]:
    done = 0
    for begin, end in common:
        if done < begin:
            yield "".join(pieces[done:begin]), True
        if begin < end:
            yield "".join(pieces[begin:end]), False
        done = end

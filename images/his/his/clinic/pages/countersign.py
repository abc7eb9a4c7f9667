"""The head's list of records that wait for a countersignature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from his.chart.acting import Acting, Record
from his.clinic.operations import countersigning
from his.shell import frames, keyboard, naming
from his.shell.frames import Page

bp = Blueprint("clinic_countersign", __name__, url_prefix="/clinic/countersign")


@dataclass(frozen=True, kw_only=True)
class Waiting:
    id: str
    encounter: str
    href: str
    name: str
    sex: str
    age: str
    mrn: str
    author: str
    title: str
    type: str
    at: str


@dataclass(frozen=True, kw_only=True)
class CountersignView:
    rows: Sequence[Waiting]


@bp.get("/")
def waiting() -> Response:
    """Show what waits for the own department."""
    found = keyboard.perform(countersigning.view_waiting)
    with keyboard.looking() as act:
        view = CountersignView(rows=[_row(act, each) for each in found])
    return frames.show(Page(template="clinic/countersign.html", title="desk.clinic", tab="countersign", view=view))


def _row(act: Acting, record: Record) -> Waiting:
    glossary = keyboard.glossary()
    return Waiting(
        **naming.person(act, record),
        id=record["id"],
        encounter=record["encounter"],
        href=url_for("clinic.chart", encounter=record["encounter"], section="record"),
        mrn=record["mrn"],
        author=record["author_name"],
        title=glossary.name("title", record["author_title"]),
        type=glossary.name("record_type", record["type"]),
        at=keyboard.when(record["updated_at"]),
    )

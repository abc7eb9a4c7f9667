"""The page of the reports: which one, over which days; its table and its chart, on the screen and on paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from his.chart.acting import Acting
from his.chart.refusing import Refused
from his.hospital_time import DAY_S
from his.reports import running
from his.reports.figures import Line
from his.reports.running import Report
from his.shell import doing, exporting, frames, keyboard, seconds
from his.shell.frames import Page

bp = Blueprint("reports", __name__, url_prefix="/reports")

BAR_UNITS = 300
"""Length of the longest bar in units of the drawing."""
ROW_UNITS = 26
"""Height of a bar with its space: that of a row of the table beside it."""


@dataclass(frozen=True, kw_only=True)
class LineView:
    """A line with its bar: `length` and `top` in units of the drawing, `text` what stands at its end."""

    name: str
    figures: Sequence[str]
    length: int
    top: int
    text: str


@dataclass(frozen=True, kw_only=True)
class MenuView:
    name: str
    href: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class ReportsView:
    menu: Sequence[MenuView]
    report: str
    since: str
    until: str
    columns: Sequence[str]
    drawn: str
    lines: Sequence[LineView]
    height: int
    dept: str
    """The department that is counted; '' = the whole hospital."""
    document: str
    run_at: str


@bp.get("/")
def report() -> Response:
    """Run a report, or offer them."""
    name = request.args.get("report", "")
    since, until = (request.args.get(each, "").strip() for each in ("since", "until"))
    try:
        lines = keyboard.perform(running.run, report=name, since=since, until=until) if name else []
    except Refused as refused:
        return _show(name, since, until, [], refused)
    return _show(name, since, until, lines)


@bp.get("/export")
def export_form() -> Response:
    """Ask for the purpose of an export and for another person."""
    return _export_form({name: request.args.get(name, "").strip() for name in _ASKED})


@bp.post("/export")
def export() -> Response:
    """Give a report as a file once another person has approved it."""
    asked = {name: request.form.get(name, "").strip() for name in _ASKED}
    purpose = request.form.get("purpose", "")

    def run() -> str:
        lines = keyboard.perform(running.export, **asked, purpose=purpose, **seconds.given())
        known = running.REPORTS[asked["report"]]
        head = [keyboard.say(f"report.line.{known.name}"), *(keyboard.say(f"report.column.{c}") for c in known.columns)]
        return exporting.table(head, ([_name(known.about, each.code), *each.figures] for each in lines))

    return doing.answer_once(
        run,
        draw=lambda text: exporting.file(f"{asked['report']}-{asked['since']}-{asked['until']}", text),
        again=lambda refused: _export_form(asked, refused),
    )


_ASKED = ("report", "since", "until")


def _export_form(asked: Mapping[str, str], refusal: Refused | None = None) -> Response:
    known = asked["report"] in running.REPORTS
    return exporting.form(
        what=keyboard.say(f"report.{asked['report']}") if known else keyboard.say("report.title"),
        facts=(("report.since", asked["since"]), ("report.until", asked["until"])),
        action=url_for(".export"),
        fields=asked,
        back=f"{url_for('.report')}?{urlencode(asked)}" if known else url_for(".report"),
        tab="reports",
        refusal=refusal,
    )


def _show(name: str, since: str, until: str, lines: Sequence[Line], refusal: Refused | None = None) -> Response:
    with keyboard.looking() as act:
        view = _view(act, name, since, until, lines, refused=refusal is not None)
    return frames.show(
        Page(
            template="reports/report.html",
            title="desk.reports",
            tab="reports",
            view=view,
            keys=("F3=period", "F6=export", "F8=print") if view.lines else ("F3=period",),
            refusal=refusal,
        )
    )


def _view(act: Acting, name: str, since: str, until: str, lines: Sequence[Line], *, refused: bool) -> ReportsView:
    if not refused:
        first, last = running.days(act, since, until)
        since, until = act.iso(first * DAY_S)[:10], act.iso(last * DAY_S)[:10]
    known = running.REPORTS.get(name)
    heads = act.who.role == "HOD"
    offered = [each.name for each in running.REPORTS.values() if not (heads and each.whole)]
    return ReportsView(
        menu=[
            MenuView(name=each, href=url_for(".report", report=each, since=since, until=until), chosen=each == name)
            for each in (*offered, running.DRUGS_BY_DOCTOR)
        ],
        report=name if known else "",
        since=since,
        until=until,
        columns=known.columns if known else (),
        drawn=known.drawn if known else "",
        lines=_drawn(known, lines) if known else [],
        height=max(len(lines), 1) * ROW_UNITS,
        dept=keyboard.glossary().name("departments", act.who.dept) if heads else "",
        document=f"report:{name}",
        run_at=act.iso(act.now)[:16].replace("T", " "),
    )


def _drawn(known: Report, lines: Sequence[Line]) -> list[LineView]:
    largest = max((each.size for each in lines), default=Decimal(0)) or Decimal(1)
    place = known.columns.index(known.drawn)
    return [
        LineView(
            name=_name(known.about, each.code),
            figures=each.figures,
            length=max(1, int(each.size * BAR_UNITS / largest)),
            top=order * ROW_UNITS,
            text=each.figures[place],
        )
        for order, each in enumerate(lines)
    ]


def _name(about: str, code: str) -> str:
    if about == "fee_class":
        return keyboard.say(f"report.class.{code}")
    if about == "stock_state":
        return keyboard.say(f"status.stock_batch.{code}")
    return keyboard.glossary().name(about, code)

"""Running a report: who may, over which days, and the one that nobody gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from his.chart import permission, privacy
from his.chart.acting import Acting
from his.chart.hospital import Operation
from his.chart.refusing import Refused
from his.hospital_time import DAY_S
from his.reports import figures
from his.reports.figures import Count, Line, Period

DRUGS_BY_DOCTOR = "drugs_by_doctor"
"""统方: asked for by people with something to sell; the hospital has it for nobody."""
LONGEST_DAYS = 731
USUAL_DAYS = 90


@dataclass(frozen=True, kw_only=True)
class Report:
    """`columns` are what each figure is, `about` what each line is about; `whole` reports know no departments."""

    name: str
    about: str
    columns: tuple[str, ...]
    count: Count
    drawn: str
    """Which column the chart draws."""
    whole: bool = False


REPORTS: Mapping[str, Report] = {
    each.name: each
    for each in (
        Report(
            name="workload",
            about="departments",
            columns=("am", "pm", "nt", "registrations", "seen", "given_back", "absent"),
            count=figures.workload,
            drawn="registrations",
        ),
        Report(
            name="income_channel",
            about="pay_channel",
            columns=("invoices", "amount", "reversed", "net"),
            count=figures.income_by_channel,
            drawn="net",
            whole=True,
        ),
        Report(
            name="income_class",
            about="fee_class",
            columns=("items", "amount", "refunded", "net"),
            count=figures.income_by_class,
            drawn="net",
        ),
        Report(
            name="waiting",
            about="departments",
            columns=("visits", "wait_median", "wait_ninth", "visit_median", "dispense_median"),
            count=figures.waiting,
            drawn="wait_median",
        ),
        Report(
            name="prescriptions",
            about="departments",
            columns=("prescriptions", "drugs_each", "amount", "mean_amount", "antibacterial"),
            count=figures.prescriptions,
            drawn="prescriptions",
        ),
        Report(
            name="refunds",
            about="departments",
            columns=("items", "items_back", "amount", "refunded", "refund_share"),
            count=figures.refunds,
            drawn="refund_share",
        ),
        Report(
            name="stock",
            about="stock_state",
            columns=("drugs", "batches", "packs", "value"),
            count=figures.stock,
            drawn="value",
            whole=True,
        ),
    )
}


def run(act: Acting, *, report: str = "", since: str = "", until: str = "") -> list[Line]:
    """Run a report over days (ISO, both included; empty = the usual ones) and return its lines, largest first.

    Refused with E-GEN-02 for roles that may not, and for heads where a report knows no departments; with E-PRV-03 for
    drugs per doctor; with E-GEN-06 for an unknown report or days that are none.
    """
    act.attempt("report.run", data={"report": report or None, "range": f"{since}/{until}"})
    known, period = _permitted(act, report, since, until)
    act.record("report.run", data={"report": report, "range": _within(act, period)})
    return _lines(act, known, period)


def export(
    act: Acting,
    *,
    report: str = "",
    since: str = "",
    until: str = "",
    purpose: str = "",
    second: str | None = None,
    identified: bool = True,
) -> list[Line]:
    """Take a report out of the hospital's system: its lines, once another person has approved it.

    Refused as `run` and as `privacy.require_approved`.
    """
    data = privacy.export_data(act, what=privacy.STATISTICS, listed=report, purpose=purpose, second=second)
    act.attempt(privacy.EXPORT, data=data)
    known, period = _permitted(act, report, since, until)
    privacy.require_approved(act, data, second, identified=identified)
    lines = _lines(act, known, period)
    act.record(privacy.EXPORT, data={**data, "list": f"{report} {_within(act, period)}", "rows": len(lines)})
    return lines


def _permitted(act: Acting, report: str, since: str, until: str) -> tuple[Report, Period]:
    if report == DRUGS_BY_DOCTOR:
        raise Refused("E-PRV-03")
    scope = permission.require(act, "report.ops")
    known = REPORTS.get(report)
    if known is None:
        raise Refused("E-GEN-06")
    own = scope == permission.OWN
    if own and known.whole:
        raise Refused("E-GEN-02", hint_zh="该报表为全院口径", hint_en="This report covers the whole hospital")
    first, last = days(act, since, until)
    return known, Period(since=first, until=last, dept=act.who.dept if own else "")


def _lines(act: Acting, known: Report, period: Period) -> list[Line]:
    return sorted(known.count(act, period), key=lambda each: (-each.size, each.code))


def _within(act: Acting, period: Period) -> str:
    return "/".join(act.iso(each * DAY_S)[:10] for each in (period.since, period.until))


def days(act: Acting, since: str, until: str) -> tuple[int, int]:
    """Return the hospital days of a period. Refused with E-GEN-06 for days that are none, turned round or too many."""
    last = act.today if not until else _day(act, until)
    first = last - USUAL_DAYS + 1 if not since else _day(act, since)
    if not first <= last <= act.today or last - first >= LONGEST_DAYS:
        raise Refused("E-GEN-06", hint_zh="起止日期有误，最长两年", hint_en="The days are wrong; two years at most")
    return first, last


def _day(act: Acting, text: str) -> int:
    try:
        return (date.fromisoformat(text.strip()) - act.binding.anchor).days
    except ValueError as wrong:
        raise Refused("E-GEN-06", hint_zh="日期格式：2026-01-31", hint_en="A day is written 2026-01-31") from wrong


ACTIONS: Mapping[str, Operation] = {"report.run": run}

"""The morning report in the worker's log: one line for machines, then the text for people, in both languages."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sandbox.errors import Language
from sandbox.scheduling import report as reports
from sandbox.scheduling import words
from sandbox.scheduling.model import Entry, Night
from sandbox.scheduling.report import Report

LINES_IN_THE_LOG = 50
LANGUAGES: tuple[Language, ...] = ("zh", "en")


def tell(log: logging.Logger, night: Night, entries: Sequence[Entry], *, zone: ZoneInfo) -> None:
    """Log the report of a night; loudly if a person has to act."""
    report = reports.report(night, entries)
    level = logging.ERROR if report.verdict == "failures" else logging.INFO
    log.log(level, "nightly report", extra=figures(report))
    for language in LANGUAGES:
        for line in words.text(report, language, zone, most=LINES_IN_THE_LOG):
            log.log(level, "%s", line)


def figures(report: Report) -> dict[str, object]:
    """Return the report's figures by name, as the log and the command line tell them to machines."""
    return {
        "night": report.local_date.isoformat(),
        "verdict": report.verdict,
        "late": report.late,
        "total": report.total,
        "reset": report.reset,
        "closed": report.closed,
        "retired": report.retired,
        "deferred": report.deferred,
        "skipped": report.skipped,
        "failed": report.failed,
        "left": report.left,
        "digests": f"{report.digests_verified}/{report.reset}",
        "archives": f"{report.archives_verified}/{report.archived}",
        "p50_s": report.p50_s,
        "max_s": report.max_s,
        "total_s": report.total_s,
    }

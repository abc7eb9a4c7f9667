"""The worker's part of papers: reports that people want become files, a few at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from sandbox.attempts.ports import Stores
from sandbox.attempts.second_look import Paper
from sandbox.contract.exercise_pack import Words
from sandbox.contract.journal import Row
from sandbox.errors import LostRaceError, PdfUnavailableError, SandboxError
from sandbox.exercises import loader
from sandbox.grading import paper as papers
from sandbox.grading import report as reports
from sandbox.grading.paper import Letterhead
from sandbox.people.model import CLI, PersonId
from sandbox.provisioning import archiving
from sandbox.provisioning.ports import Files

log = logging.getLogger(__name__)

Begin = Callable[[], AbstractContextManager[Stores]]

AT_ONCE = 8
"""One child prints so many and ends."""

Printing = Callable[[Sequence[str]], list[bytes]]
"""HTML pages in, PDF files out. Raises PdfUnavailableError."""


class Now(Protocol):
    def now(self) -> datetime: ...


class Printer:
    """An errand of the worker."""

    def __init__(
        self, *, begin: Begin, reading: Begin, files: Files, printing: Printing, clock: Now, zone: ZoneInfo, site: str
    ) -> None:
        self._begin = begin
        self._reading = reading
        self._files = files
        self._printing = printing
        self._clock = clock
        self._zone = zone
        self._site = site

    def tick(self) -> int:
        """Print what is wanted; return how many papers were settled. Raises LeaseLostError, TemporaryError."""
        with self._reading() as stores:
            wanted = stores.papers.waiting(AT_ONCE)
        pages: list[tuple[Paper, str]] = []
        for one in wanted:
            try:
                pages.append((one, self._page(one)))
            except SandboxError as wrong:
                self._failed(one, wrong)
            except Exception as unforeseen:
                # One report that cannot be set must not keep all others from being printed.
                log.exception("the page of attempt %s failed in an unforeseen way", one.attempt)
                self._failed(one, SandboxError(str(unforeseen)))
        if pages:
            self._print(pages)
        return len(wanted)

    def _print(self, pages: list[tuple[Paper, str]]) -> None:
        try:
            made = self._printing([html for _one, html in pages])
        except PdfUnavailableError as wrong:
            for one, _html in pages:
                self._failed(one, wrong)
            return
        for (one, _html), content in zip(pages, made, strict=True):
            self._made(one, self._files.put(content))

    def _made(self, one: Paper, file: str) -> None:
        self._settle(lambda stores: stores.papers.made(one, file, at=self._clock.now()))

    def _failed(self, one: Paper, wrong: SandboxError) -> None:
        log.warning("report of attempt %s is not printed: %s %s", one.attempt, wrong.code, wrong)
        self._settle(lambda stores: stores.papers.failed(one, wrong.code))

    def _settle(self, deed: Callable[[Stores], None]) -> None:
        try:
            with self._begin() as stores:
                deed(stores)
        except LostRaceError as first:
            log.debug("paper: %s", first)

    def _page(self, one: Paper) -> str:
        with self._reading() as stores:
            attempt = stores.attempts.get(one.attempt)
            person = stores.people.get(PersonId(attempt.person))
            result = next(each for each in stores.results.of(one.attempt) if each.report_sha256 == one.report)
            exercise = stores.exercises.get(result.exercise_version).sha256
            evidence = stores.evidence.of(one.attempt)
            layer = {row.subject: self._who(stores, row.actor) for row in stores.adjustments.of(one.attempt)}
            void = stores.voids.of(one.attempt)
        report = reports.loads(self._files.get(one.report))
        seats = loader.trusted(self._files.get(exercise)).variants[attempt.variant].exercise.seats
        head = Letterhead(
            site=self._site,
            person=person.name,
            department=person.department,
            attempt=one.attempt,
            submitted=self._stamp(attempt.submitted_at),
            printed=self._stamp(self._clock.now()),
            deciders=layer,
            void=void.reason if void else "",
        )
        return papers.page(
            report,
            self._rows(evidence.journal_sha256 if evidence and report.result != "error" else ""),
            {name: Words(zh=seat.zh, en=seat.en) for name, seat in seats.items()},
            head,
            one.language,
        )

    def _rows(self, journal: str) -> tuple[Row, ...]:
        return archiving.read_journal(self._files.get(journal)) if journal else ()

    def _who(self, stores: Stores, actor: str) -> str:
        return actor if actor == CLI.id else stores.people.get(PersonId(actor)).name

    def _stamp(self, at: datetime | None) -> str:
        return at.astimezone(self._zone).strftime("%Y-%m-%d %H:%M") if at else "–"

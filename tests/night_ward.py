"""A site and its nightly reset, on a clock that a test moves; the night's report as people read it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sandbox.attempts.model import AttemptId, AttemptState, Graded, GradingInputs
from sandbox.attempts.reconciler import AttemptReconciler
from sandbox.exercises.model import ExerciseVersion, Mode
from sandbox.provisioning.model import InstanceId
from sandbox.scheduling import report as reports
from sandbox.scheduling import words
from sandbox.scheduling.model import Entry, Night
from sandbox.scheduling.nightly import Habits, Nightly, Outcome
from sandbox.scheduling.report import Report
from tests.builders import make_attempt
from tests.clocks import SteppedClock
from tests.provisioning_site import Site

JOB = "nightly-reset"
EVENING = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
"""20:00 in Shanghai."""
SHANGHAI = ZoneInfo("Asia/Shanghai")


def passed(inputs: GradingInputs) -> Graded:
    """Grade as if everything were right: nights are about when, not about what."""
    return Graded(report=b"{}", score="100", verdict="pass", grader="none")


@dataclass
class Ward:
    """A site, and its nightly reset at 02:00 local time."""

    site: Site
    zone: ZoneInfo = SHANGHAI
    habits: Habits = field(default_factory=lambda: Habits(zone=SHANGHAI, default_at="02:00"))
    nightly: Nightly = field(init=False)

    def __post_init__(self) -> None:
        self.worker_starts()

    def worker_starts(self, habits: Habits | None = None) -> None:
        """Have a worker that remembers nothing."""
        self.habits = habits or self.habits
        self.zone = self.habits.zone
        self.nightly = Nightly(
            begin=self.site.leadership.transaction,
            reading=self.site.database.reading,
            clock=self.site.clock,
            habits=self.habits,
        )
        self.attempts = AttemptReconciler(
            begin=self.site.leadership.transaction,
            reading=self.site.database.reading,
            files=self.site.files,
            grade=passed,
            clock=self.site.clock,
        )

    def until(self, wanted: datetime) -> None:
        """Let time pass until this moment, nobody at work meanwhile."""
        self.site.steps.advance((wanted - self.site.clock.now()).total_seconds())
        self.site.leadership.take(lambda _: True)

    def at_hour(self, hour: int, *, day: int = 2, minute: int = 0) -> None:
        """Let time pass until this local hour of March, nobody at work meanwhile."""
        self.until(datetime(2026, 3, day, hour, minute, tzinfo=self.zone))

    def goes_on(self, rounds: int = 200) -> Outcome:
        """Ring, then work as the worker does until nothing is left to do; return what the first ring led to."""
        first = self.nightly.run()
        for _ in range(rounds):
            done = [bool(self.site.round()), bool(self.attempts.tick()), bool(self.nightly.go_on())]
            if not any(done) and not self.site.reconciler.decide():
                return first
            self.site.steps.advance(1.0)
        raise AssertionError("the night never comes to rest")

    def entries(self, day: str) -> list[Entry]:
        with self.site.database.reading() as stores:
            return stores.ledger.of_night(JOB, date.fromisoformat(day))

    def night(self, day: str) -> Night | None:
        with self.site.database.reading() as stores:
            return stores.ledger.night(JOB, date.fromisoformat(day))

    def report(self, day: str) -> Report:
        night = self.night(day)
        assert night is not None
        return reports.report(night, self.entries(day), who=lambda key: self.site.instance(key).owner)  # type: ignore[arg-type]

    def told(self, day: str, language: words.Language = "zh") -> str:
        """Return the morning report as people read it."""
        return "\n".join(words.text(self.report(day), language, self.zone))

    def ledger(self) -> list[tuple[str, str, str]]:
        """Return (date, subject, fate) of everything, newest night first."""
        first, last = date(2000, 1, 1), date(2100, 1, 1)
        with self.site.database.reading() as stores:
            days = sorted(
                {each.local_date for each in stores.ledger.tallies(JOB, first=first, last=last)}, reverse=True
            )
            rows = [entry for day in days for entry in stores.ledger.of_night(JOB, day)]
        return [(entry.local_date.isoformat(), entry.subject, entry.fate.value) for entry in rows]


def opens(ward: Ward, owner: str, key: InstanceId, attempt: AttemptId, version: ExerciseVersion, *, mode: Mode) -> None:
    """Have a hospital wanted for an exercise, and let it open: the attempt begins with it."""
    site = ward.site
    site.launch(owner, key=key)
    with site.database.transaction() as stores:
        stores.connection.exec_driver_sql(
            "UPDATE instance SET exercise_version = ?, attempt = ? WHERE id = ?", (version.id, attempt, key)
        )
        stores.exercises.add(version)
        stores.attempts.add(
            make_attempt(
                id=attempt,
                person=owner,
                exercise_version=version.id,
                assignment=None,
                instance=key,
                state=AttemptState.REQUESTED,
                requested_at=site.clock.now(),
                opened_at=None,
                mode=mode,
            )
        )
    site.settle()


def make_ward(root: Path, empty_database: Path, *, start: datetime = EVENING, habits: Habits | None = None) -> Ward:
    """Return a site in this folder, nobody in it yet."""
    (root / "state" / "db").mkdir(parents=True)
    shutil.copyfile(empty_database, root / "state" / "db" / "sandbox.db")
    site = Site(root, clock=SteppedClock(start)).open()
    return Ward(site, habits=habits or Habits(zone=SHANGHAI, default_at="02:00"))

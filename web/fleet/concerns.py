"""Health, one line per concern: green, amber or red with the reason and the fix. Pure but for the words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.config import Settings
from sandbox.overview import Vitals
from sandbox.provisioning.model import CellState, GoldenDataset, Image, Observed
from sandbox.scheduling.calendar import Day
from sandbox.scheduling.model import Fate
from web import presenting
from web.wording import _, _n

QUEUE_PATIENCE = timedelta(seconds=30)
GRADING_PATIENCE = timedelta(minutes=2)
DISK_AMBER, DISK_RED = 5 << 30, 1 << 30
"""Free bytes. Source: provisioning.md §7, 5 GiB are kept free."""


@dataclass(frozen=True, kw_only=True)
class Concern:
    key: str
    title: str
    tone: str
    finding: str
    fix: str = ""

    @property
    def tone_words(self) -> str:
        """Return the colour in words, for people who cannot see it."""
        return {"good": _("fine"), "warn": _("needs attention"), "bad": _("broken")}[self.tone]


@dataclass(frozen=True, kw_only=True)
class Findings:
    """All that health is judged by."""

    settings: Settings
    vitals: Vitals
    image: Image | None
    dataset: GoldenDataset | None
    disk_free: int
    audit_broken: str | None
    last_night: Day | None


def judge(found: Findings, *, now: datetime) -> list[Concern]:
    """Return every concern, in the order in which things depend on each other."""
    return [
        _isolation(found),
        _worker(found, now=now),
        _engine(found),
        _image(found),
        _pool(found),
        _queue(found, now=now),
        _grading(found, now=now),
        _evidence(found),
        _troubles(found),
        _night(found),
        _disk(found),
        _audit(found),
    ]


def worst(concerns: Iterable[Concern]) -> str:
    """Return the worst colour."""
    tones = {one.tone for one in concerns}
    return "bad" if "bad" in tones else "warn" if "warn" in tones else "good"


def _isolation(found: Findings) -> Concern:
    title = _("Isolation")
    if found.settings.cell.driver == "process":
        return Concern(
            key="isolation",
            title=title,
            tone="bad",
            finding=_("Cells are plain processes: nothing is isolated."),
            fix=_("Install a container engine and set cell.driver = docker."),
        )
    return Concern(key="isolation", title=title, tone="good", finding=_("Every cell is a hardened container."))


def _worker(found: Findings, *, now: datetime) -> Concern:
    title, lease = _("Worker"), found.vitals.lease
    fix = _("Start it: his-sandbox worker. Its log says why it ended.")
    if lease is None:
        return Concern(key="worker", title=title, tone="bad", finding=_("No worker has ever run."), fix=fix)
    if lease.expires_at < now:
        finding = _("Silent since %(time)s; launches wait.", time=presenting.clock(lease.checked_at))
        return Concern(key="worker", title=title, tone="bad", finding=finding, fix=fix)
    # The lease is renewed also when there is nothing to write.
    renewed = lease.expires_at - timedelta(seconds=found.settings.worker.lease_s)
    finding = _("At work, last seen %(ago)s.", ago=presenting.ago(max(lease.checked_at, min(renewed, now))))
    return Concern(key="worker", title=title, tone="good", finding=finding)


def _engine(found: Findings) -> Concern:
    title = _("Container engine")
    held = found.vitals.troubles.get("SBX-301", 0)
    if held:
        return Concern(
            key="engine",
            title=title,
            tone="bad",
            finding=_n(
                "Does not answer; %(n)s thing waits for it.", "Does not answer; %(n)s things wait for it.", held
            ),
            fix=_("systemctl status docker; open hospitals go on meanwhile."),
        )
    running = sum(found.vitals.cells.get(state, 0) for state in (CellState.READY, CellState.CLAIMED, CellState.ARMED))
    return Concern(
        key="engine",
        title=title,
        tone="good",
        finding=_n("Answers; %(n)s cell is running.", "Answers; %(n)s cells are running.", running),
    )


def _image(found: Findings) -> Concern:
    title = _("Image and dataset")
    if found.image is None or found.dataset is None:
        return Concern(
            key="image",
            title=title,
            tone="bad",
            finding=_("No image or no dataset is registered; nothing can be launched."),
            fix=_("Run make demo, or his-sandbox image register and his-sandbox dataset build."),
        )
    finding = _(
        "Image %(image)s; dataset %(name)s, %(size)s.",
        image=found.image.id.removeprefix("sha256:")[:12],
        name=found.dataset.name,
        size=presenting.megabytes(found.dataset.bytes),
    )
    return Concern(key="image", title=title, tone="good", finding=finding)


def _pool(found: Findings) -> Concern:
    title, ready, wanted = _("Ready cells"), found.vitals.cells.get(CellState.READY, 0), found.settings.pool.ready
    finding = _("%(ready)s of %(wanted)s ready.", ready=ready, wanted=wanted)
    if ready >= wanted:
        return Concern(key="pool", title=title, tone="good", finding=finding)
    coming = sum(found.vitals.cells.get(one, 0) for one in (CellState.PLANNED, CellState.CREATED, CellState.STARTED))
    if coming:
        return Concern(key="pool", title=title, tone="good", finding=finding + " " + _("More are starting."))
    return Concern(
        key="pool",
        title=title,
        tone="warn" if ready else "bad",
        finding=finding,
        fix=_("Refills stop after failures in a row: see the trouble codes and the worker's log."),
    )


def _queue(found: Findings, *, now: datetime) -> Concern:
    title, waiting = _("Queue"), found.vitals.instances.get(Observed.QUEUED, 0)
    oldest = found.vitals.oldest_queued_at
    if oldest is None:
        return Concern(key="queue", title=title, tone="good", finding=_("Nobody is waiting."))
    finding = _n(
        "%(n)s person waits, the longest since %(time)s.",
        "%(n)s people wait, the longest since %(time)s.",
        waiting,
        time=presenting.clock(oldest),
    )
    late = now - oldest > QUEUE_PATIENCE
    fix = _("Look at worker, engine and ready cells above.") if late else ""
    return Concern(key="queue", title=title, tone="warn" if late else "good", finding=finding, fix=fix)


def _grading(found: Findings, *, now: datetime) -> Concern:
    title, oldest = _("Grading"), found.vitals.oldest_submitted_at
    if oldest is None:
        return Concern(key="grading", title=title, tone="good", finding=_("Nothing waits for a grade."))
    late = now - oldest > GRADING_PATIENCE
    finding = _("Work handed in at %(time)s is still without a grade.", time=presenting.clock(oldest))
    fix = _("The cell may be quarantined: see the list of cells.") if late else ""
    return Concern(key="grading", title=title, tone="bad" if late else "good", finding=finding, fix=fix)


def _evidence(found: Findings) -> Concern:
    title, count = _("Evidence"), found.vitals.ungradable
    if not count:
        return Concern(
            key="evidence", title=title, tone="good", finding=_("All graded work has evidence that verifies.")
        )
    finding = _n(
        "%(n)s attempt has evidence that does not verify; it has no score and is not counted.",
        "%(n)s attempts have evidence that does not verify; they have no score and are not counted.",
        count,
    )
    fix = _("his-sandbox attempt verify --all names the files; restore them from a backup, then a trainer regrades.")
    return Concern(key="evidence", title=title, tone="bad", finding=finding, fix=fix)


def _troubles(found: Findings) -> Concern:
    title, quarantined = _("Trouble"), found.vitals.cells.get(CellState.QUARANTINED, 0)
    failed = found.vitals.instances.get(Observed.FAILED, 0)
    codes = [f"{code} × {count}" for code, count in sorted(found.vitals.troubles.items())]
    if not (quarantined or failed or codes):
        return Concern(key="trouble", title=title, tone="good", finding=_("No cell or instance is in trouble."))
    parts = [
        _n("%(n)s cell quarantined", "%(n)s cells quarantined", quarantined) if quarantined else "",
        _n("%(n)s instance failed", "%(n)s instances failed", failed) if failed else "",
        ", ".join(codes),
    ]
    return Concern(
        key="trouble",
        title=title,
        tone="bad" if quarantined or failed else "warn",
        finding="; ".join(part for part in parts if part),
        fix=_("Open Instances and cells; the code's meaning shows when you point at it."),
    )


def _night(found: Findings) -> Concern:
    title = _("Nightly reset")
    night = found.last_night
    if night is None:
        return Concern(key="nightly", title=title, tone="good", finding=_("No night has been recorded yet."))
    day = night.local_date.isoformat()
    if night.verdict == "missed":
        finding = _("%(date)s: missed; the worker was not at work.", date=day)
        fix = _("Start the worker: the newest night is caught up at once.")
        return Concern(key="nightly", title=title, tone="bad", finding=finding, fix=fix)
    if night.verdict == "failures":
        failed = night.count(Fate.FAILED)
        finding = _n("%(date)s: %(n)s instance failed.", "%(date)s: %(n)s instances failed.", failed, date=day)
        finding = finding if failed else _("%(date)s: not everything was verified.", date=day)
        return Concern(key="nightly", title=title, tone="warn", finding=finding, fix=_("See Nightly reset."))
    finding = _("%(date)s: done.", date=day)
    if night.verdict == "running":
        finding = _("%(date)s: under way.", date=day)
    elif night.verdict == "deferred":
        waiting = night.count(Fate.DEFERRED)
        finding = _n("%(date)s: %(n)s instance waits.", "%(date)s: %(n)s instances wait.", waiting, date=day)
    return Concern(key="nightly", title=title, tone="good", finding=finding)


def _disk(found: Findings) -> Concern:
    free = found.disk_free
    shade = "bad" if free < DISK_RED else "warn" if free < DISK_AMBER else "good"
    fix = "" if shade == "good" else _("Free space below the state folder, or move it to a larger disk.")
    finding = _("%(size)s free for databases, archives and cells.", size=presenting.megabytes(free))
    return Concern(key="disk", title=_("Disk"), tone=shade, finding=finding, fix=fix)


def _audit(found: Findings) -> Concern:
    title = _("Audit trail")
    if found.audit_broken is None:
        return Concern(key="audit", title=title, tone="good", finding=_("The chain is unbroken."))
    return Concern(
        key="audit",
        title=title,
        tone="bad",
        finding=_("The chain is broken: %(what)s.", what=found.audit_broken),
        fix=_("Keep the database file as it is and tell the security administrator."),
    )

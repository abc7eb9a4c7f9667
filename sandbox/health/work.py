"""Is people's work safe: grades, evidence, what needs a person, the night."""

from __future__ import annotations

from datetime import datetime, timedelta

from sandbox.health.model import Finding, finding, number
from sandbox.health.seen import Seen
from sandbox.provisioning.model import CellState, Observed
from sandbox.scheduling.model import Fate

GRADING_PATIENCE = timedelta(minutes=2)


def grading(seen: Seen, now: datetime) -> Finding:
    """Return whether handed-in work is graded."""
    title, oldest = ("评分", "Grading"), seen.vitals.oldest_submitted_at
    if oldest is None:
        return finding("grading", title, "good", ("没有等待评分的练习。", "Nothing waits for a grade."))
    since = seen.clock(oldest)
    return finding(
        "grading",
        title,
        "bad" if now - oldest > GRADING_PATIENCE else "good",
        (f"{since} 提交的练习还没有成绩。", f"Work handed in at {since} is still without a grade."),
        ("其容器可能已被隔离待查：见容器列表。", "The cell may be quarantined: see the list of cells."),
        "instances",
    )


def evidence(seen: Seen) -> Finding:
    """Return whether graded work can be proven."""
    title, count = ("证据", "Evidence"), seen.vitals.ungradable
    if not count:
        found = ("所有已评分练习的证据均校验通过。", "All graded work has evidence that verifies.")
        return finding("evidence", title, "good", found)
    return finding(
        "evidence",
        title,
        "bad",
        (
            f"{count} 次练习的证据校验失败，没有成绩、不计次数。",
            f"{number(count, 'attempt has', 'attempts have')} evidence that does not verify: no score, not counted.",
        ),
        (
            "his-sandbox attempt verify --all 会列出文件；从备份恢复后由培训师重新评分。",
            "his-sandbox attempt verify --all names the files; restore them from a backup, then a trainer regrades.",
        ),
    )


def troubles(seen: Seen) -> Finding:
    """Return what needs a person."""
    title, quarantined = ("异常", "Trouble"), seen.vitals.cells.get(CellState.QUARANTINED, 0)
    failed = seen.vitals.instances.get(Observed.FAILED, 0)
    codes = [f"{code} × {count}" for code, count in sorted(seen.vitals.troubles.items())]
    if not (quarantined or failed or codes):
        return finding("trouble", title, "good", ("没有异常的容器或环境。", "No cell or instance is in trouble."))
    zh = [f"{quarantined} 个容器隔离待查" if quarantined else "", f"{failed} 个环境失败" if failed else "", *codes]
    en = [
        f"{number(quarantined, 'cell', 'cells')} quarantined" if quarantined else "",
        f"{number(failed, 'instance', 'instances')} failed" if failed else "",
        *codes,
    ]
    return finding(
        "trouble",
        title,
        "bad" if quarantined or failed else "warn",
        ("；".join(filter(None, zh)), "; ".join(filter(None, en))),
        (
            "打开「实例与容器」，按异常筛选；指向代码可见含义。",
            "Open Instances and cells and filter by trouble; the code's meaning shows when you point at it.",
        ),
        "instances",
    )


def night(seen: Seen) -> Finding:
    """Return how the newest night went."""
    title, last = ("夜间重置", "Nightly reset"), seen.last_night
    if last is None:
        return finding("nightly", title, "good", ("还没有夜间重置记录。", "No night has been recorded yet."))
    day = last.night.local_date.isoformat()
    if last.verdict == "missed":
        return finding(
            "nightly",
            title,
            "bad",
            (f"{day}：错过，当时后台进程没有运行。", f"{day}: missed; the worker was not at work."),
            ("启动后台进程：最近错过的一夜会立即补做。", "Start the worker: the newest night is caught up at once."),
        )
    if last.verdict == "failures":
        failed = last.count(Fate.FAILED)
        found = (f"{day}：{failed} 个环境失败。", f"{day}: {number(failed, 'instance', 'instances')} failed.")
        return finding("nightly", title, "warn", found, ("见夜间重置页面。", "See Nightly reset."), "nightly")
    if last.verdict == "running":
        return finding("nightly", title, "good", (f"{day}：进行中。", f"{day}: under way."))
    if last.verdict == "deferred":
        waiting = last.count(Fate.DEFERRED)
        found = (f"{day}：{waiting} 个环境在等候。", f"{day}: {number(waiting, 'instance waits', 'instances wait')}.")
        return finding("nightly", title, "good", found)
    return finding("nightly", title, "good", (f"{day}：完成。", f"{day}: done."))

"""Do the records hold: archives, database, audit trail, clock. The worker looks, this judges what it wrote down."""

from __future__ import annotations

from datetime import datetime

from sandbox.health.model import Finding, finding
from sandbox.health.seen import Seen


def archives(seen: Seen, now: datetime) -> Finding:
    """Return whether what was archived last still verifies."""
    title, told = ("存档", "Archives"), seen.fresh("archives", now)
    if told is None:
        return _unknown("archives", title, seen)
    broken, checked = str(told.facts.get("broken") or ""), told.facts.get("checked") or 0
    if broken:
        return finding(
            "archives",
            title,
            "bad",
            (f"存档校验失败：{broken}。", f"An archive does not verify: {broken}."),
            (
                "从备份恢复该文件；不要删除数据库记录。",
                "Restore the file from a backup; leave its row in the database.",
            ),
        )
    at = seen.clock(told.at)
    return finding(
        "archives",
        title,
        "good",
        (f"最新 {checked} 份存档校验通过（{at}）。", f"The newest {checked} verify (looked at {at})."),
    )


def database(seen: Seen, now: datetime) -> Finding:
    """Return whether the database is whole."""
    title, told = ("数据库", "Database"), seen.fresh("database", now)
    if told is None:
        return _unknown("database", title, seen)
    damage, size = str(told.facts.get("damage") or ""), f"{int(told.facts.get('bytes') or 0) / (1 << 20):.1f} MiB"
    if damage:
        return finding(
            "database",
            title,
            "bad",
            (f"数据库完整性检查失败：{damage}。", f"The integrity check fails: {damage}."),
            (
                "停止所有进程，保留文件原样，从备份恢复。",
                "Stop all processes, keep the file as it is, restore from a backup.",
            ),
        )
    at = seen.clock(told.at)
    return finding("database", title, "good", (f"完整，{size}（{at}）。", f"Whole, {size} (looked at {at})."))


def audit(seen: Seen, now: datetime) -> Finding:
    """Return whether the audit chain holds."""
    title, told = ("审计记录", "Audit trail"), seen.fresh("audit", now)
    if told is None:
        return _unknown("audit", title, seen)
    broken, entries = str(told.facts.get("broken") or ""), told.facts.get("entries") or 0
    if broken:
        return finding(
            "audit",
            title,
            "bad",
            (f"审计链断裂：{broken}。", f"The chain is broken: {broken}."),
            (
                "保留数据库文件原样，并告知安全管理员。",
                "Keep the database file as it is and tell the security administrator.",
            ),
        )
    at = seen.clock(told.at)
    return finding(
        "audit",
        title,
        "good",
        (f"{entries} 条记录，链完整（{at}）。", f"{entries} entries, unbroken (looked at {at})."),
    )


def clock(seen: Seen) -> Finding:
    """Return whether the clock jumped lately."""
    title, told = ("时钟", "Clock"), seen.checkups.get("clock")
    step = float(told.facts.get("step_s") or 0.0) if told else 0.0
    if told is None or not step:
        return finding("clock", title, "good", ("没有跳变。", "It has not jumped."))
    at = seen.clock(datetime.fromisoformat(str(told.facts["stepped_at"])))
    return finding(
        "clock",
        title,
        "warn",
        (f"{at} 时钟跳变 {step:+.0f} 秒。", f"It jumped by {step:+.0f} s at {at}."),
        (
            "检查时间同步服务；考核的截止时间以本机时钟为准。",
            "Look at the time service; deadlines of exams go by this clock.",
        ),
    )


def _unknown(key: str, title: tuple[str, str], seen: Seen) -> Finding:
    """What the worker has not looked at, or not for hours."""
    told = seen.checkups.get(key)
    if told is None:
        return finding(key, title, "good", ("后台进程启动后会检查。", "Looked at by the worker once it runs."))
    at = seen.clock(told.at)
    return finding(
        key,
        title,
        "warn",
        (f"上次检查在 {at}。", f"Last looked at {at}."),
        ("后台进程没有在检查：先看后台进程。", "The worker has stopped looking: see Worker above."),
    )

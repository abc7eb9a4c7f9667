"""Will there be a cell for the next person: ready cells, refills, seats. As the worker saw it a few seconds ago."""

from __future__ import annotations

from datetime import datetime

from sandbox.health.model import Finding, Tone, finding
from sandbox.health.seen import Seen
from sandbox.provisioning.capacity import Capacity, Pressure, Term
from sandbox.provisioning.model import CellState
from sandbox.scheduling import advice
from sandbox.scheduling.vitals import Vitals

GIB = 1 << 30
MIB = 1 << 20
NEARLY = 0.9
"""Share of the seats in use from which on the next class may not fit."""
TERMS: dict[Term, tuple[str, str]] = {
    "memory": ("内存", "memory"),
    "disk": ("磁盘", "disk"),
    "site": ("全院上限", "site limit"),
}


def pool(seen: Seen) -> Finding:
    """Return whether cells are ready, and why they are not made."""
    title, known = ("备用容器", "Ready cells"), seen.supply
    ready = seen.vitals.cells.get(CellState.READY, 0)
    wanted = seen.pool_wanted if known is None else known.target
    found = (f"应有 {wanted} 个，现有 {ready} 个。", f"{ready} of {wanted} ready.")
    if known is not None and known.failures:
        return _failing(seen, known, found, ready)
    if ready >= wanted:
        return finding("pool", title, "good", found)
    coming = sum(seen.vitals.cells.get(one, 0) for one in (CellState.PLANNED, CellState.CREATED, CellState.STARTED))
    if coming:
        return finding(
            "pool", title, "good", (f"{found[0]}另有 {coming} 个正在启动。", f"{found[1]} More are starting.")
        )
    return finding(
        "pool",
        title,
        "warn" if ready else "bad",
        found,
        (
            "先看上面的后台进程、引擎和镜像；后台日志有详情。",
            "Look at worker, engine and image above; the worker's log has the detail.",
        ),
    )


def _failing(seen: Seen, known: Vitals, found: tuple[str, str], ready: int) -> Finding:
    since = seen.clock(known.failing_since) if known.failing_since else "–"
    again_zh = f"下次重试 {_second(seen, known.resting_until)}" if known.resting_until else "正在重试"
    again_en = f"next try {_second(seen, known.resting_until)}" if known.resting_until else "trying again"
    return finding(
        "pool",
        ("备用容器", "Ready cells"),
        "warn" if ready else "bad",
        (
            f"{found[0]}自 {since} 起连续 {known.failures} 次失败（{known.trouble}），{again_zh}。",
            f"{found[1]} Failed {known.failures} times in a row since {since} ({known.trouble}); {again_en}.",
        ),
        (
            "原因与建议见「容量」；后台日志有详情。",
            "Pool and capacity explains the reason; the worker's log has the detail.",
        ),
        "capacity",
    )


def _second(seen: Seen, at: datetime) -> str:
    return f"{at.astimezone(seen.zone):%H:%M:%S}"


def capacity(seen: Seen, now: datetime) -> Finding:
    """Return how many hospitals fit, with every term, and whether memory is under pressure."""
    title, known = ("容量", "Capacity"), seen.supply
    if known is None or advice.is_stale(known, now=now):
        return finding(
            "capacity",
            title,
            "warn",
            ("后台进程尚未测量，或已停止测量。", "The worker has not measured this machine, or no longer does."),
            ("启动后台进程：his-sandbox worker。", "Start the worker: his-sandbox worker."),
        )
    tone, state = _state(known)
    seats, terms = known.capacity.seats, known.capacity
    return finding(
        "capacity",
        title,
        tone,
        (
            f"{seats} 个席位已用 {known.occupied} 个（{_terms_zh(terms)}；{_memory_zh(known)}）。{state[0]}",
            f"{known.occupied} of {seats} seats in use ({_terms_en(terms)}; {_memory_en(known)}).{state[1]}",
        ),
        ("见「容量」中的建议。", "See the advice on Pool and capacity."),
        "capacity",
    )


def _state(known: Vitals) -> tuple[Tone, tuple[str, str]]:
    if known.pressure is Pressure.SHORT:
        return "bad", ("内存不足：闲置的练习环境正在休眠。", " Memory is short: idle hospitals hibernate.")
    if not known.free:
        return "bad", ("席位已满，现在启动需要排队。", " All are taken: who launches now waits.")
    if known.pressure is Pressure.TIGHT:
        return "warn", ("内存偏紧：暂不补充备用容器。", " Memory is tight: no ready cells are added.")
    if known.occupied >= NEARLY * known.capacity.seats:
        return "warn", ("即将用满。", " Nearly all are taken.")
    return "good", ("", "")


def _terms_zh(held: Capacity) -> str:
    return f"内存可容 {held.memory}，磁盘 {held.disk}，全院上限 {held.site}，最先用完：{TERMS[held.short][0]}"


def _terms_en(held: Capacity) -> str:
    return f"memory {held.memory}, disk {held.disk}, site limit {held.site}; {TERMS[held.short][1]} runs out first"


def _memory_zh(known: Vitals) -> str:
    kept, free = known.memory_reserve / GIB, known.memory_available / GIB
    return f"内存可用 {free:.1f} GiB，预留 {kept:.1f} GiB，每个容器 {known.cell_bytes / MIB:.1f} MiB"


def _memory_en(known: Vitals) -> str:
    kept, free = known.memory_reserve / GIB, known.memory_available / GIB
    return f"{free:.1f} GiB available, {kept:.1f} GiB kept, {known.cell_bytes / MIB:.1f} MiB a cell"

"""Can hospitals be made and handed out: isolation, worker, engine, image, queue."""

from __future__ import annotations

from datetime import datetime, timedelta

from sandbox.errors import EngineUnavailableError
from sandbox.health.model import Finding, finding, number
from sandbox.health.seen import Seen
from sandbox.provisioning.model import CellState, Observed

QUEUE_PATIENCE = timedelta(seconds=30)


def isolation(seen: Seen) -> Finding:
    """Return whether cells are what their profile says."""
    title = ("隔离", "Isolation")
    if not seen.isolated:
        return finding(
            "isolation",
            title,
            "bad",
            ("容器以普通进程运行：没有任何隔离。", "Cells are plain processes: nothing is isolated."),
            (
                '安装容器引擎，并设置 cell.driver = "docker"。',
                'Install a container engine and set cell.driver = "docker".',
            ),
        )
    drifted = seen.vitals.troubles.get("SBX-403", 0)
    if drifted:
        return finding(
            "isolation",
            title,
            "bad",
            (
                f"{drifted} 个容器的隔离设置与要求不符，已停用。",
                f"{number(drifted, 'cell differs', 'cells differ')} from the profile and is out of use.",
            ),
            (
                "有人改动了容器或引擎的默认设置：查看该容器的日志和审计记录。",
                "Somebody changed a container or the engine's defaults: see the cell's log and the audit trail.",
            ),
            "instances",
        )
    return finding(
        "isolation",
        title,
        "good",
        ("每个容器都经过加固，与要求一致。", "Every cell is a hardened container, as its profile wants it."),
    )


def worker(seen: Seen, now: datetime) -> Finding:
    """Return whether somebody leads."""
    title, lease = ("后台进程", "Worker"), seen.vitals.lease
    fix = ("启动：his-sandbox worker。退出原因见其日志。", "Start it: his-sandbox worker. Its log says why it ended.")
    if lease is None:
        return finding("worker", title, "bad", ("后台进程从未运行过。", "No worker has ever run."), fix)
    if lease.expires_at < now:
        since = seen.clock(lease.checked_at)
        return finding(
            "worker",
            title,
            "bad",
            (f"自 {since} 起没有响应，启动请求在等候。", f"Silent since {since}; launches wait."),
            fix,
        )
    # The lease is renewed also when there is nothing to write.
    renewed = max(lease.checked_at, min(lease.expires_at - timedelta(seconds=seen.lease_s), now))
    ago = max(0, round((now - renewed).total_seconds()))
    return finding("worker", title, "good", (f"工作中，{ago} 秒前还有响应。", f"At work, last seen {ago} s ago."))


def engine(seen: Seen) -> Finding:
    """Return whether containers can be made."""
    title, told = ("容器引擎", "Container engine"), seen.checkups.get("engine")
    held = seen.vitals.troubles.get(EngineUnavailableError.code, 0)
    silent = told is not None and bool(told.facts.get("trouble"))
    fix = (
        "检查 systemctl status docker；已打开的环境不受影响。",
        "systemctl status docker; open hospitals go on meanwhile.",
    )
    if held or silent:
        return finding(
            "engine",
            title,
            "bad",
            (
                f"没有响应，{held} 项操作在等候。",
                f"Does not answer; {number(held, 'thing waits', 'things wait')} for it.",
            ),
            fix,
        )
    running = sum(seen.vitals.cells.get(state, 0) for state in (CellState.READY, CellState.CLAIMED, CellState.ARMED))
    version = f" {told.facts.get('version', '')}" if told else ""
    if told and told.facts.get("live_restore") is False:
        return finding(
            "engine",
            title,
            "warn",
            (
                f"正常{version}，但引擎重启时所有练习环境会中断。",
                f"Answers{version}, but its restart would stop every practice hospital.",
            ),
            (
                '在 /etc/docker/daemon.json 中设置 "live-restore": true，然后重新加载引擎。',
                'Set "live-restore": true in /etc/docker/daemon.json and reload the engine.',
            ),
        )
    words = (
        f"正常{version}，{running} 个容器在运行。",
        f"Answers{version}; {number(running, 'cell is', 'cells are')} running.",
    )
    return finding("engine", title, "good", words)


def image(seen: Seen) -> Finding:
    """Return whether there is something to make them from."""
    title = ("镜像与数据集", "Image and dataset")
    if seen.image is None or seen.dataset is None:
        return finding(
            "image",
            title,
            "bad",
            (
                "尚未登记镜像或数据集，无法启动任何环境。",
                "No image or no dataset is registered; nothing can be launched.",
            ),
            (
                "运行 his-sandbox image build，再运行 his-sandbox dataset build。",
                "Run his-sandbox image build, then his-sandbox dataset build.",
            ),
        )
    image, size = seen.image.id.removeprefix("sha256:")[:12], f"{seen.dataset.bytes / (1 << 20):.1f} MiB"
    found = (
        f"镜像 {image}；数据集 {seen.dataset.name}，{size}。",
        f"Image {image}; dataset {seen.dataset.name}, {size}.",
    )
    return finding("image", title, "good", found)


def queue(seen: Seen, now: datetime) -> Finding:
    """Return whether anybody waits too long."""
    title, oldest = ("排队", "Queue"), seen.vitals.oldest_queued_at
    waiting = seen.vitals.instances.get(Observed.QUEUED, 0)
    if oldest is None:
        return finding("queue", title, "good", ("没有人在等候。", "Nobody is waiting."))
    since = seen.clock(oldest)
    return finding(
        "queue",
        title,
        "warn" if now - oldest > QUEUE_PATIENCE else "good",
        (
            f"{waiting} 人在等候，最早从 {since} 开始。",
            f"{number(waiting, 'person waits', 'people wait')}, the longest since {since}.",
        ),
        ("先看后台进程、引擎和备用容器。", "Look at worker, engine and ready cells above."),
        "instances",
    )

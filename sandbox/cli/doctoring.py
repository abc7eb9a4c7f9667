"""What `his-sandbox doctor` looks at: one finding per concern, each with its fix."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass

from sandbox import bootstrap
from sandbox.adapters import imaging, pdf
from sandbox.config import Settings
from sandbox.contract import layout
from sandbox.errors import Language, SandboxError

LEAST_FREE_BYTES = 5 << 30
"""Below this launches are refused; see provisioning, capacity."""
_LONGEST_CELL = "0" * 12


@dataclass(frozen=True, kw_only=True)
class Finding:
    concern: str
    well: bool
    found: str
    fix: str = ""


def examine(settings: Settings, *, language: Language) -> list[Finding]:
    """Return all findings; never stops at the first bad one."""
    zh = language == "zh"
    return [
        _isolation(settings, zh),
        *_engine(settings, language),
        *_database(settings, language),
        _disk(settings, zh),
        _paths(settings, zh),
        _printing(zh),
        *_ports(settings, zh),
    ]


def _isolation(settings: Settings, zh: bool) -> Finding:
    isolated = settings.cell.driver == "docker"
    return Finding(
        concern="隔离" if zh else "isolation",
        well=isolated,
        found=settings.cell.driver,
        fix="" if isolated else ("安装并启动容器引擎" if zh else "install and start a container engine"),
    )


def _engine(settings: Settings, language: Language) -> Iterator[Finding]:
    if settings.cell.driver != "docker":
        return
    concern = "容器引擎" if language == "zh" else "engine"
    try:
        info = imaging.facts(settings.worker.engine, timeout_s=5)
    except SandboxError as gone:
        yield Finding(concern=concern, well=False, found=gone.say(language), fix="images/engine/start.sh")
        return
    yield Finding(concern=concern, well=True, found=str(info["ServerVersion"]))
    live = bool(info.get("LiveRestoreEnabled"))
    fix = "live-restore: true → /etc/docker/daemon.json"
    yield Finding(concern="live-restore", well=live, found=str(live).lower(), fix="" if live else fix)
    seccomp = any("seccomp" in each for each in info.get("SecurityOptions") or ())
    yield Finding(concern="seccomp", well=seccomp, found=str(seccomp).lower())


def _database(settings: Settings, language: Language) -> Iterator[Finding]:
    concern = "数据库" if language == "zh" else "database"
    try:
        services = bootstrap.connect(settings)
        with services.database.reading() as stores:
            image = stores.images.latest()
            holder = stores.lease.holder()
    except SandboxError as wrong:
        yield Finding(concern=concern, well=False, found=wrong.say(language), fix="his-sandbox db init")
        return
    yield Finding(concern=concern, well=True, found=settings.database.url)
    yield Finding(
        concern="镜像" if language == "zh" else "image",
        well=image is not None,
        found=image.id[:19] if image else "–",
        fix="" if image else "his-sandbox image build",
    )
    yield Finding(
        concern="后台进程" if language == "zh" else "worker",
        well=holder is not None,
        found=holder or "–",
        fix="" if holder else "his-sandbox worker",
    )


def _disk(settings: Settings, zh: bool) -> Finding:
    free = shutil.disk_usage(settings.site.state).free
    return Finding(
        concern="磁盘" if zh else "disk",
        well=free >= LEAST_FREE_BYTES,
        found=f"{free / (1 << 30):.1f} GiB",
        fix="" if free >= LEAST_FREE_BYTES else ("至少保留 5 GiB" if zh else "keep at least 5 GiB free"),
    )


def _paths(settings: Settings, zh: bool) -> Finding:
    fits = layout.socket_path_fits(settings.site.run / _LONGEST_CELL)
    return Finding(
        concern="套接字路径" if zh else "socket paths",
        well=fits,
        found=str(settings.site.run),
        fix="" if fits else ("换一个更短的 site.run" if zh else "choose a shorter site.run"),
    )


def _printing(zh: bool) -> Finding:
    lacking = pdf.missing()
    return Finding(
        concern="PDF 报告" if zh else "PDF reports",
        well=not lacking,
        found=("齐全" if zh else "complete") if not lacking else " ".join(lacking),
        fix="apt-get install " + " ".join(lacking) if lacking else "",
    )


def _ports(settings: Settings, zh: bool) -> Iterator[Finding]:
    for name, port in (("panel", settings.panel.port), ("gateway", settings.gateway.port)):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.settimeout(1)
            listening = probe.connect_ex(("127.0.0.1", port)) == 0
        yield Finding(
            concern=f"nginx → {name}",
            well=listening,
            found=f"127.0.0.1:{port}",
            fix="" if listening else ("启动 nginx" if zh else "start nginx"),
        )

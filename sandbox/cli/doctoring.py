"""What `his-sandbox doctor` looks at: the machine, the paths and ports, and every concern of the health page."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import sqlalchemy as sa

from sandbox import bootstrap, observing
from sandbox.adapters import examination, pdf
from sandbox.adapters.db.engine import integrity
from sandbox.clock import SystemClock
from sandbox.config import Settings
from sandbox.contract import layout
from sandbox.errors import SandboxError
from sandbox.health import checkup, machine, site
from sandbox.health.model import Checkup, Fact, Finding, finding
from sandbox.health.seen import Seen

_LONGEST_CELL = "0" * 12
CONNECT_S = 1.0


def examine(settings: Settings) -> list[Finding]:
    """Return all findings; never stops at the first bad one."""
    room = examination.look(settings.site.state)
    made = examination.examine()
    said = _engine(settings)
    if said is not None:
        made = replace(made, engine=said)
    return [
        *machine.build(made, room),
        *machine.room(room),
        *_site(settings, said),
        _paths(settings),
        _printing(),
        *_ports(settings),
    ]


def _engine(settings: Settings) -> dict[str, Fact] | None:
    """Ask the engine now, whatever the worker wrote down; None where cells need none."""
    if settings.cell.driver != "docker":
        return None
    return dict(checkup.engine(lambda: observing.engine_facts(settings), SystemClock()))


def _site(settings: Settings, engine: dict[str, Fact] | None) -> Iterator[Finding]:
    now = datetime.now(UTC)
    try:
        services = bootstrap.connect(settings)
        with services.database.reading() as stores:
            seen = site.look(stores, settings, now=now)
            looked: dict[str, dict[str, Fact]] = {
                "audit": dict(checkup.audit_trail(services.database.reading)),
                "archives": dict(checkup.archives(services.database.reading, services.files)),
                "database": {"damage": integrity(stores.connection), "bytes": _size(settings)},
            }
        services.database.close()
    except SandboxError as wrong:
        yield finding(
            "database",
            ("数据库", "Database"),
            "bad",
            (wrong.say("zh"), wrong.say("en")),
            ("运行 his-sandbox db init。", "Run his-sandbox db init."),
        )
        return
    if engine is not None:
        looked["engine"] = engine
    yield from site.judge(_looked_at(seen, looked, now), now=now)


def _looked_at(seen: Seen, looked: dict[str, dict[str, Fact]], now: datetime) -> Seen:
    fresh = {concern: Checkup(concern=concern, at=now, facts=facts) for concern, facts in looked.items()}
    return replace(seen, checkups={**seen.checkups, **fresh})


def _size(settings: Settings) -> int:
    file = sa.make_url(settings.database.url).database
    return observing.size_of(file or "")


def _paths(settings: Settings) -> Finding:
    fits = layout.socket_path_fits(settings.site.run / _LONGEST_CELL)
    return finding(
        "paths",
        ("套接字路径", "Socket paths"),
        "good" if fits else "bad",
        (str(settings.site.run), str(settings.site.run)),
        ("换一个更短的 site.run。", "Choose a shorter site.run."),
    )


def _printing() -> Finding:
    lacking = " ".join(pdf.missing())
    return finding(
        "pdf",
        ("PDF 报告", "PDF reports"),
        "warn" if lacking else "good",
        (lacking or "齐全", lacking or "complete"),
        (f"apt-get install {lacking}", f"apt-get install {lacking}"),
    )


def _ports(settings: Settings) -> Iterator[Finding]:
    for key, zh, en, port in (
        ("panel", "门户端口", "Panel's port", settings.panel.port),
        ("gateway", "网关端口", "Gateway's port", settings.gateway.port),
    ):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.settimeout(CONNECT_S)
            listening = probe.connect_ex(("127.0.0.1", port)) == 0
        place = f"127.0.0.1:{port}"
        yield finding(
            key,
            (zh, en),
            "good" if listening else "bad",
            (place if listening else f"{place} 没有程序监听", place if listening else f"nobody listens on {place}"),
            ("启动 nginx。", "Start nginx."),
        )

"""his-sandbox cell prune: what is of no use any more, and taking it away.

Only the worker touches the engine: this command leaves a request and waits for the worker's answer.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping, Sequence

import click

from sandbox.bootstrap import Services
from sandbox.cli.showing import telling_errors, terminal
from sandbox.errors import StoreBusyError, TemporaryError
from sandbox.people.model import CLI
from sandbox.provisioning import pruning
from sandbox.provisioning.leftovers import Fate, Why
from sandbox.provisioning.prunes import PruneRequest
from sandbox.provisioning.pruning import Pruned

PATIENCE_S = 60.0
LOOK_S = 0.2

WHY: Mapping[Why, tuple[str, str]] = {
    Why.NO_ROW: ("数据库中没有对应记录", "no row explains it"),
    Why.KILLED_RUN: ("由中断的任务遗留", "left by a run that was killed"),
    Why.OLD_INPUTS: ("由以前的镜像或数据说明生成", "made from an earlier image or specification"),
    Why.EARLIER_BUILD: ("以前的镜像，已没有容器使用", "an earlier build that no cell needs"),
    Why.FOR_A_PERSON: ("未满 7 天，留待人工查看", "kept for a person, less than 7 days"),
    Why.KEPT_LONG_ENOUGH: ("留存已满 7 天", "kept for more than 7 days"),
}
FATE: Mapping[Fate, tuple[str, str]] = {
    Fate.ARCHIVE_AND_REMOVE: ("如有操作则先归档，然后移除", "archived if anybody worked in it, then removed"),
    Fate.SET_ASIDE: ("移到一边，7 天后删除", "set aside, deleted after 7 days"),
    Fate.REMOVE: ("删除", "deleted"),
    Fate.KEEP: ("保留", "stays"),
}


@click.command("prune")
@click.option("--dry-run", is_flag=True, help="Only list what would be done, and why.")
@click.option("--yes", is_flag=True, help="Do it without asking.")
@telling_errors
def prune(dry_run: bool, yes: bool) -> None:
    """Take away containers, folders, datasets and images that no row explains or needs; work is archived first."""
    services = terminal().services()
    found = _answered(services, None)
    _show(found, done=False)
    going = [one for one in found if one.fate is not Fate.KEEP]
    if dry_run or not going:
        return
    if not yes:
        _confirm(len(going))
    done = _answered(services, [f"{one.kind} {one.name}" for one in going])
    _show([one for one in done if one.fate is not Fate.KEEP], done=True)
    if not all(one.done for one in done if one.fate is not Fate.KEEP):
        raise SystemExit(75)


def _confirm(count: int) -> None:
    zh = terminal().language == "zh"
    asked = f"以上 {count} 项将被处理。请输入 {count} 确认" if zh else f"{count} things go. Type {count} to confirm"
    if click.prompt(asked, type=str, default="", show_default=False).strip() != str(count):
        raise click.Abort


def _answered(services: Services, approved: Sequence[str] | None) -> list[Pruned]:
    """Return the worker's answer. Raises StoreBusyError if no worker answers, TemporaryError if it could not look."""
    with services.database.transaction() as stores:
        key = pruning.ask(stores, CLI, approved, draw=secrets.token_hex, now=services.clock.now()).id
    services.poke()
    request = _await(services, key)
    if request.trouble:
        raise TemporaryError(f"the worker could not look: {request.trouble}")
    return pruning.read(request)


def _await(services: Services, key: str) -> PruneRequest:
    pause, end = threading.Event(), services.clock.monotonic() + PATIENCE_S
    while services.clock.monotonic() < end:
        with services.database.reading() as stores:
            request = stores.prunes.get(key)
        if request.answered_at is not None:
            return request
        pause.wait(LOOK_S)
    raise StoreBusyError("no worker answers: start it with his-sandbox worker")


def _show(listed: Sequence[Pruned], *, done: bool) -> None:
    at = 0 if terminal().language == "zh" else 1
    rows = [
        {
            "kind": one.kind.value,
            "name": one.name,
            "MiB": f"{one.bytes / (1 << 20):.1f}" if one.bytes else "",
            "why": WHY[one.why][at],
            "fate": FATE[one.fate][at],
            **({"done": one.done} if done else {}),
        }
        for one in listed
    ]
    terminal().table(rows, empty=("没有可清理的内容。", "Nothing is of no use."))

"""What happened to an instance, or because of one click: rows and log lines as events, oldest first. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sandbox.audit.model import Entry
from sandbox.provisioning.model import Cell, CellState, Instance, Move

_TOLD = ("at", "level", "logger", "process", "event", "message", "cause", "instance", "cell", "action", "trace")
"""What a log line says in places of its own, or not at all in a story."""

_LAUNCHES = frozenset({"instance.launch", "attempt.start"})
_MOVES: Mapping[str, str] = {"reset": "重置", "nightly": "夜间重置"}
_STATES: Mapping[CellState, str] = {
    CellState.PLANNED: "已计划",
    CellState.CREATED: "已创建",
    CellState.STARTED: "已启动",
    CellState.READY: "已就绪",
    CellState.CLAIMED: "已占用",
    CellState.ARMED: "使用中",
    CellState.SEALED: "已封存",
    CellState.ARCHIVED: "已存档",
    CellState.GONE: "已移除",
    CellState.BROKEN: "故障",
    CellState.QUARANTINED: "隔离待查",
}


@dataclass(frozen=True, kw_only=True)
class Story:
    """The rows about an instance, a cell or a click."""

    instances: tuple[Instance, ...] = ()
    cells: tuple[Cell, ...] = ()
    """Gone ones included."""
    moves: tuple[Move, ...] = ()
    entries: tuple[Entry, ...] = ()

    @property
    def causes(self) -> frozenset[str]:
        """Return every click that had a part in it."""
        rows = [*(one.cause for one in self.instances), *(one.cause for one in self.moves)]
        return frozenset(filter(None, [*rows, *(str(one.facts.get("cause") or "") for one in self.entries)]))


@dataclass(frozen=True, kw_only=True)
class Event:
    """`where`: audit, row, or the process whose log says it."""

    at: datetime
    where: str
    what: str
    cause: str = ""
    actor: str = ""
    """Id of the person, or the process, that did it."""
    detail: str = ""
    zh: str = ""
    """`what` in Chinese; '' where it is made of names only, or not our words."""


def events(story: Story) -> list[Event]:
    """Return what rows tell, oldest first."""
    found = [*_of_instances(story), *_of_moves(story), *_of_cells(story), *_of_entries(story)]
    return sorted(found, key=lambda one: one.at)


def _of_instances(story: Story) -> Iterator[Event]:
    for one in story.instances:
        cause = _launched_by(story, one)
        yield Event(
            at=one.queued_at, where="row", what=f"instance {one.id} queued", cause=cause, zh=f"环境 {one.id} 排队"
        )
        if one.opened_at is not None:
            yield Event(
                at=one.opened_at, where="row", what=f"instance {one.id} open", cause=cause, zh=f"环境 {one.id} 打开"
            )


def _launched_by(story: Story, one: Instance) -> str:
    """Return the click that launched it; its row names the one that was last, which may have closed it."""
    for entry in story.entries:
        if entry.verb in _LAUNCHES and one.id in (entry.subject, entry.facts.get("instance")):
            return str(entry.facts.get("cause") or "")
    return ""


def _of_moves(story: Story) -> Iterator[Event]:
    for one in story.moves:
        name, zh = f"{one.kind} of epoch {one.epoch}", f"{_MOVES[one.kind]}（第 {one.epoch} 代）"
        yield Event(
            at=one.created_at, where="row", what=f"{name} wanted", cause=one.cause, actor=one.actor, zh=f"{zh}：已要求"
        )
        if one.flipped_at is not None:
            yield Event(at=one.flipped_at, where="row", what=f"{name} flipped", cause=one.cause, zh=f"{zh}：已切换")
        if one.closed_at is not None:
            yield Event(at=one.closed_at, where="row", what=f"{name} over", cause=one.cause, zh=f"{zh}：已完成")


def _of_cells(story: Story) -> Iterator[Event]:
    for one in story.cells:
        if one.begun_at is not None:
            yield Event(at=one.begun_at, where="row", what=f"cell {one.id} planned", zh=f"容器 {one.id} 已计划")
        if one.ready_at is not None:
            yield Event(at=one.ready_at, where="row", what=f"cell {one.id} ready", zh=f"容器 {one.id} 已就绪")
        zh = f"容器 {one.id} {_STATES[one.state]}"
        yield Event(at=one.since, where="row", what=f"cell {one.id} {one.state}", detail=one.trouble, zh=zh)


def _of_entries(story: Story) -> Iterator[Event]:
    for one in story.entries:
        said = {name: fact for name, fact in one.facts.items() if name != "cause" and fact is not None}
        detail = " ".join(f"{name}={fact}" for name, fact in said.items())
        what = f"{one.verb} {one.subject}" + ("" if one.outcome == "ok" else f" {one.outcome}")
        cause = str(one.facts.get("cause") or "")
        yield Event(at=one.at, where="audit", what=what, cause=cause, actor=one.actor, detail=detail)


def from_log(lines: Iterable[str], story: Story, *, causes: frozenset[str], cell: str = "") -> Iterator[Event]:
    """Return the lines of a log that belong to the story; `cell`: it is that cell's own log, all of it belongs.

    What is no line of ours is passed over: a log holds whatever its process printed.
    """
    subjects: set[object] = {one.id for one in story.instances} | {one.id for one in story.cells}
    for line in lines:
        said = _parsed(line)
        at = _moment(str(said.get("at", "")))
        ours = bool(cell) or said.get("cause") in causes or bool({said.get("instance"), said.get("cell")} & subjects)
        if at is None or not ours:
            continue
        more = " ".join(f"{name}={value}" for name, value in said.items() if name not in _TOLD)
        action = f"{said['action']}: " if said.get("action") else ""
        yield Event(
            at=at,
            where=f"cell {cell}" if cell else str(said.get("process", "log")),
            what=f"{action}{said.get('event', said.get('message', ''))}",
            cause=str(said.get("cause") or ""),
            detail=more,
        )


def _parsed(line: str) -> dict[str, object]:
    if not line.startswith("{"):
        return {}
    try:
        said = json.loads(line)
    except ValueError:
        # The line that a crash cut off, or text of somebody else's.
        return {}
    return said if isinstance(said, dict) else {}


def _moment(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)

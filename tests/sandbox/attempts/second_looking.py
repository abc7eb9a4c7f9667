"""What people do when they look at a result again, and how it stands then."""

from __future__ import annotations

from typing import Any

from sandbox.attempts import adjusting, regrading
from sandbox.attempts.model import AttemptId
from sandbox.attempts.second_look import (
    AdjustmentRow,
    Regrade,
    RegradeId,
    RegradeItem,
    RegradeState,
    Scope,
)
from sandbox.people.model import Actor
from tests.graded import Archive
from tests.personas import bob


def adjust(archive: Archive, key: AttemptId, subject: str, kind: Any, points: str = "", **more: Any) -> AdjustmentRow:
    said = {"reason": "看过录像", "actor": bob, **more}
    actor = said.pop("actor")
    with archive.database.transaction() as stores:
        return adjusting.adjust(
            stores, archive.files, actor, key, subject=subject, kind=kind, points=points, now=archive.now, **said
        )


def scores(archive: Archive, key: AttemptId) -> list[tuple[str, str]]:
    return [(one.score, one.verdict) for one in archive.results(key)]


def request(archive: Archive, *, actor: Actor = bob, target: str = "", **scope: Any) -> Regrade:
    with archive.database.transaction() as stores:
        return regrading.request(
            stores,
            archive.files,
            actor,
            scope=Scope(**scope),
            target=target,
            reason="第一版严重度判错",
            now=archive.now,
        )


def decide(archive: Archive, key: RegradeId, choice: Any, actor: Actor = bob) -> None:
    with archive.database.transaction() as stores:
        regrading.decide(stores, actor, key, choice, now=archive.now)


def items(archive: Archive, key: RegradeId) -> dict[AttemptId, RegradeItem]:
    with archive.database.reading() as stores:
        return {item.attempt: item for item in stores.regrades.items(key)}


def state(archive: Archive, key: RegradeId) -> RegradeState:
    with archive.database.reading() as stores:
        return stores.regrades.get(key).state

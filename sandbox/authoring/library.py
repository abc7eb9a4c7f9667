"""The library: every exercise by its newest file, and where that stands between draft and retired."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sandbox.authoring.model import Draft, GateRun
from sandbox.authoring.ports import Stores
from sandbox.exercises.model import ExerciseVersion


class Standing(StrEnum):
    """Where a file stands. Green: passed the gate and waits for its release."""

    UNCHECKED = "unchecked"
    CHECKING = "checking"
    RED = "red"
    GREEN = "green"
    RELEASED = "released"
    RETIRED = "retired"


@dataclass(frozen=True, kw_only=True)
class Volume:
    """One file of the library: a released version, or a draft that is none yet."""

    exercise: str
    version: int
    sha256: str
    title_zh: str
    title_en: str
    library: str
    roles: tuple[str, ...]
    minutes: int
    standing: Standing
    findings: int
    changed_at: datetime
    has_draft: bool
    """False for a version released before drafts were kept."""

    @property
    def key(self) -> str:
        """Return `<exercise>@<version>`."""
        return f"{self.exercise}@{self.version}"


def volumes(stores: Stores) -> list[Volume]:
    """Return every file, by exercise, newest version first; of several drafts of one version the newest first."""
    return shelved(
        stores.exercises.all(),
        stores.exercises.retired(),
        stores.drafts.all(),
        stores.gate.newest(),
        {request.draft for request in stores.gate.waiting()},
    )


def shelved(
    versions: Sequence[ExerciseVersion],
    retired: Mapping[str, datetime],
    drafts: Sequence[Draft],
    runs: Mapping[str, GateRun],
    checking: Collection[str],
) -> list[Volume]:
    """Put versions and drafts together: a draft whose bytes are released is that version."""
    released = {version.sha256: version for version in versions}
    by_draft = {draft.sha256: draft for draft in drafts}
    found = [_released(one, retired, by_draft.get(one.sha256)) for one in versions]
    found += [_draft(one, runs.get(one.sha256), checking) for one in drafts if one.sha256 not in released]
    return sorted(found, key=lambda one: (one.exercise, -one.version, -one.changed_at.timestamp()))


def newest(found: Iterable[Volume]) -> list[Volume]:
    """Return the first volume of each exercise."""
    return list({one.exercise: one for one in reversed(list(found))}.values())[::-1]


def assignable(found: Iterable[Volume]) -> dict[str, int]:
    """Return, per exercise, the newest version that is released and not retired."""
    numbers: dict[str, int] = {}
    for one in found:
        if one.standing is Standing.RELEASED:
            numbers[one.exercise] = max(one.version, numbers.get(one.exercise, 0))
    return numbers


def _released(one: ExerciseVersion, retired: Mapping[str, datetime], draft: Draft | None) -> Volume:
    return Volume(
        exercise=one.exercise,
        version=one.version,
        sha256=one.sha256,
        title_zh=one.title_zh,
        title_en=one.title_en,
        library="" if draft is None else draft.library,
        roles=() if draft is None else draft.roles,
        minutes=one.minutes,
        standing=Standing.RETIRED if one.id in retired else Standing.RELEASED,
        findings=0,
        changed_at=retired.get(one.id, one.released_at),
        has_draft=draft is not None,
    )


def _draft(one: Draft, run: GateRun | None, checking: Collection[str]) -> Volume:
    if one.sha256 in checking:
        standing = Standing.CHECKING
    elif run is None:
        standing = Standing.UNCHECKED
    else:
        standing = Standing.GREEN if run.releasable else Standing.RED
    return Volume(
        exercise=one.exercise,
        version=one.version,
        sha256=one.sha256,
        title_zh=one.title_zh,
        title_en=one.title_en,
        library=one.library,
        roles=one.roles,
        minutes=one.minutes,
        standing=standing,
        findings=0 if run is None else run.findings,
        changed_at=one.saved_at if run is None else run.ran_at,
        has_draft=True,
    )

"""Releasing a version: its bytes kept by SHA-256, its row inserted once."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Protocol

from sandbox.audit import operations as audit
from sandbox.errors import InvalidError
from sandbox.exercises.loader import Loaded
from sandbox.exercises.model import ExerciseVersion, Keep, Per
from sandbox.exercises.ports import Stores
from sandbox.people import policy
from sandbox.people.model import Actor


class Bytes(Protocol):
    """Where exercise files are kept."""

    def put(self, content: bytes) -> str: ...


def described(loaded: Loaded, *, now: datetime) -> ExerciseVersion:
    """Return the row that releases this file: what lists show, and what pins its bytes."""
    exercise, plan = loaded.exercise, loaded.plan
    title, goal = exercise.title, exercise.goal
    return ExerciseVersion(
        id=f"{exercise.id}@{exercise.version}",
        exercise=exercise.id,
        version=exercise.version,
        sha256=loaded.sha256,
        title_zh=title.zh,
        title_en=title.en,
        goal_zh=goal.zh if goal else "",
        goal_en=goal.en if goal else "",
        minutes=exercise.rules.time // 60_000,
        pass_score=int(exercise.rules.pass_),
        modes=plan.modes,
        exam_attempts=plan.attempts.max,
        exam_per=Per(plan.attempts.per),
        exam_keep=Keep(plan.attempts.keep),
        exam_wait_ms=plan.attempts.wait_ms,
        min_time_ms=plan.min_time_ms,
        variants=len(loaded.variants),
        released_at=now,
    )


def release(
    stores: Stores, files: Bytes, actor: Actor, version: ExerciseVersion, content: bytes, *, now: datetime
) -> bool:
    """Release a version that was checked; False if these very bytes are released under this number already.

    Raises VersionTakenError if the number is taken by other bytes: released versions never change.
    """
    policy.require(actor, "exercise.release")
    if hashlib.sha256(content).hexdigest() != version.sha256:
        raise InvalidError(problems=f"{version.id}: SHA-256")
    files.put(content)
    if not stores.exercises.add(version):
        return False
    audit.record(stores, actor, "exercise.release", version.id, at=now, facts={"sha256": version.sha256})
    return True

"""Releasing a version: its bytes kept by SHA-256, its row inserted once."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Protocol

from sandbox.audit import operations as audit
from sandbox.errors import InvalidError
from sandbox.exercises.model import ExerciseVersion
from sandbox.exercises.ports import Stores
from sandbox.people import policy
from sandbox.people.model import Actor


class Bytes(Protocol):
    """Where exercise files are kept."""

    def put(self, content: bytes) -> str: ...


def release(
    stores: Stores, files: Bytes, actor: Actor, version: ExerciseVersion, content: bytes, *, now: datetime
) -> bool:
    """Release a version that was checked; False if these very bytes are released under this number already.

    Raises WrongStateError if the number is taken by other bytes: released versions never change.
    """
    policy.require(actor, "exercise.release")
    if hashlib.sha256(content).hexdigest() != version.sha256:
        raise InvalidError(problems=f"{version.id}: SHA-256")
    files.put(content)
    if not stores.exercises.add(version):
        return False
    audit.record(stores, actor, "exercise.release", version.id, at=now, facts={"sha256": version.sha256})
    return True

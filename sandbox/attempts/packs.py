"""What the cell of one attempt is armed with: the pinned version, the variant drawn, the clock as slow as granted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from sandbox.attempts.model import AttemptId
from sandbox.attempts.ports import Stores
from sandbox.contract.exercise_pack import ExercisePack
from sandbox.exercises import compile as compiling


class StandardPacks(Protocol):
    """Packs of released versions for anybody; they never change."""

    def pack(self, exercise_version: str, *, variant: int) -> ExercisePack: ...


class AttemptPacks:
    """Fulfils provisioning.ports.PackSource."""

    def __init__(self, reading: Callable[[], AbstractContextManager[Stores]], standard: StandardPacks) -> None:
        self._reading = reading
        self._standard = standard

    def pack(self, exercise_version: str, attempt: str) -> ExercisePack:
        """Return the pack of one attempt. Raises NotFoundError, ArchiveCorruptError."""
        with self._reading() as stores:
            pinned = stores.attempts.get(AttemptId(attempt))
        standard = self._standard.pack(exercise_version, variant=pinned.variant)
        return compiling.accommodate(standard, time_factor=pinned.time_factor, untimed=pinned.untimed)

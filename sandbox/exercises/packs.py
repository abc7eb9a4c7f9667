"""Released exercises as packs for cells."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from sandbox.contract.exercise_pack import ExercisePack
from sandbox.exercises import compile as compiling
from sandbox.exercises import loader
from sandbox.exercises.ports import Stores


class Bytes(Protocol):
    """Where exercise files are kept."""

    def get(self, sha256: str) -> bytes: ...


class ReleasedPacks:
    """Packs from the pinned version's bytes, never from a newer file."""

    def __init__(self, reading: Callable[[], AbstractContextManager[Stores]], files: Bytes) -> None:
        self._reading = reading
        self._files = files

    def pack(self, exercise_version: str, *, variant: int = 0) -> ExercisePack:
        """Return what a cell is armed with. Raises NotFoundError, ArchiveCorruptError."""
        with self._reading() as stores:
            sha256 = stores.exercises.get(exercise_version).sha256
        loaded = loader.trusted(self._files.get(sha256))
        drawn = loaded.variants[variant]
        return compiling.pack(drawn.exercise, drawn.plan, sha256=sha256, variant=variant)

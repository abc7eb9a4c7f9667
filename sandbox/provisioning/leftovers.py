"""Decides what on this machine is of no use any more, and what is to become of it. Pure: what was found in, list out.

Nothing that a row explains is ever in the list: a hibernated cell has a row, a cell kept for a person has one. What
somebody may have worked in is archived or set aside, never deleted; only copies and things made anew are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sandbox.provisioning import folders
from sandbox.provisioning.model import Cell, CellId, GoldenDataset, Image, SeenCell

BUILDING_PATIENCE_S = 3600.0
"""A dataset takes seconds; one that is being built for so long was left by a killed run."""


class Kind(StrEnum):
    CONTAINER = "container"
    FOLDER = "folder"
    MOUNT = "mount"
    ONE_SHOT = "one-shot"
    DATASET = "dataset"
    IMAGE = "image"
    SET_ASIDE = "set-aside"


class Why(StrEnum):
    NO_ROW = "no-row"
    KILLED_RUN = "killed-run"
    OLD_INPUTS = "old-inputs"
    EARLIER_BUILD = "earlier-build"
    FOR_A_PERSON = "for-a-person"
    KEPT_LONG_ENOUGH = "kept-long-enough"


class Fate(StrEnum):
    """What is done with it."""

    ARCHIVE_AND_REMOVE = "archive-and-remove"
    SET_ASIDE = "set-aside"
    REMOVE = "remove"
    KEEP = "keep"


@dataclass(frozen=True, kw_only=True)
class LeftOver:
    kind: Kind
    name: str
    why: Why
    fate: Fate
    bytes: int = 0
    """0 = unknown, or nothing to speak of."""

    @property
    def key(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, kw_only=True)
class Found:
    """What lies on the machine under this site's name. Sizes are bytes."""

    containers: Sequence[SeenCell] = ()
    data: frozenset[CellId] = frozenset()
    mounts: frozenset[CellId] = frozenset()
    one_shots: Mapping[str, str] = field(default_factory=dict)
    """Engine id -> name, of those whose program nobody waits for."""
    datasets: Mapping[str, int] = field(default_factory=dict)
    building: Mapping[str, float] = field(default_factory=dict)
    """Name of a dataset that is being built -> its age in seconds."""
    images: Mapping[str, int] = field(default_factory=dict)
    """Images of this site's own rows that are on the engine and that no container uses."""
    set_aside: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Needed:
    """What the rows say."""

    cells: Sequence[Cell]
    """Those that are not gone."""
    images: Sequence[Image]
    latest: Image | None
    datasets: Mapping[str, GoldenDataset]
    """By the SHA-256 of their file."""
    inputs_key: str
    """Of the dataset that cells are armed with now; '' = nobody knows, so every dataset with a row stays."""


def plan(found: Found, needed: Needed, *, now: datetime) -> list[LeftOver]:
    """Return everything of no use, in the order in which it is to go."""
    return [
        *_containers(found, needed),
        *_folders(found, needed),
        *_one_shots(found),
        *_datasets(found, needed),
        *_images(found, needed),
        *_set_aside(found, now),
    ]


def _containers(found: Found, needed: Needed) -> Iterator[LeftOver]:
    known = {cell.id for cell in needed.cells}
    for one in sorted(found.containers, key=lambda one: one.cell):
        if one.cell not in known:
            yield LeftOver(kind=Kind.CONTAINER, name=one.cell, why=Why.NO_ROW, fate=Fate.ARCHIVE_AND_REMOVE)


def _folders(found: Found, needed: Needed) -> Iterator[LeftOver]:
    """Folders of containers go with these: a running cell is not robbed of its data first."""
    explained = {cell.id for cell in needed.cells} | {one.cell for one in found.containers}
    for cell in sorted(found.data - explained):
        yield LeftOver(kind=Kind.FOLDER, name=cell, why=Why.NO_ROW, fate=Fate.SET_ASIDE)
    for cell in sorted(found.mounts - explained):
        yield LeftOver(kind=Kind.MOUNT, name=cell, why=Why.NO_ROW, fate=Fate.REMOVE)


def _one_shots(found: Found) -> Iterator[LeftOver]:
    for name in sorted(found.one_shots.values()):
        yield LeftOver(kind=Kind.ONE_SHOT, name=name, why=Why.KILLED_RUN, fate=Fate.REMOVE)


def _datasets(found: Found, needed: Needed) -> Iterator[LeftOver]:
    placed = {cell.dataset for cell in needed.cells}
    for name, size in sorted(found.datasets.items()):
        sha256 = name.removesuffix(".db")
        row = needed.datasets.get(sha256)
        if row is None and sha256 not in placed:
            yield LeftOver(kind=Kind.DATASET, name=name, why=Why.NO_ROW, fate=Fate.REMOVE, bytes=size)
        elif row is not None and needed.inputs_key not in ("", row.inputs_key) and sha256 not in placed:
            yield LeftOver(kind=Kind.DATASET, name=name, why=Why.OLD_INPUTS, fate=Fate.REMOVE, bytes=size)
    for name, age_s in sorted(found.building.items()):
        if age_s > BUILDING_PATIENCE_S:
            yield LeftOver(kind=Kind.DATASET, name=name, why=Why.KILLED_RUN, fate=Fate.REMOVE)


def _images(found: Found, needed: Needed) -> Iterator[LeftOver]:
    kept = {cell.image for cell in needed.cells} | ({needed.latest.id} if needed.latest else set())
    for image in sorted({one.id for one in needed.images} - kept):
        if image in found.images:
            size = found.images[image]
            yield LeftOver(kind=Kind.IMAGE, name=image, why=Why.EARLIER_BUILD, fate=Fate.REMOVE, bytes=size)


def _set_aside(found: Found, now: datetime) -> Iterator[LeftOver]:
    for name, size in sorted(found.set_aside.items()):
        old = folders.may_go(name, now=now)
        why, fate = (Why.KEPT_LONG_ENOUGH, Fate.REMOVE) if old else (Why.FOR_A_PERSON, Fate.KEEP)
        yield LeftOver(kind=Kind.SET_ASIDE, name=name, why=why, fate=fate, bytes=size)

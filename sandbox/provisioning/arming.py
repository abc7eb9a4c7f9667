"""What a cell is armed with: person, attempt, exercise, hospital date. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from sandbox.contract.control import PRACTICE, Arm, Armed
from sandbox.contract.exercise_pack import FREE_PRACTICE, ExercisePack
from sandbox.errors import ContractMismatchError
from sandbox.provisioning.model import Cell, GoldenDataset, Instance
from sandbox.provisioning.ports import PackSource


@dataclass(frozen=True, kw_only=True)
class Trainee:
    """How a cell addresses the person it is armed for."""

    name: str
    language: Literal["zh", "en"]


def journal_name(cell: Cell) -> str:
    """Return what stands for the attempt in this cell's journal."""
    return cell.attempt or PRACTICE


def pack_of(instance: Instance, cell: Cell, packs: PackSource) -> ExercisePack:
    """Return the pinned exercise of the attempt the cell was claimed for, or free practice."""
    if instance.exercise_version is None or cell.attempt is None:
        return FREE_PRACTICE
    return packs.pack(instance.exercise_version, cell.attempt)


def command(instance: Instance, cell: Cell, trainee: Trainee, pack: ExercisePack, *, today: date, cause: str) -> Arm:
    """Return the arm command for a claimed cell. `today` is the local date from which the hospital's days count,
    `cause` the causality id of what wanted it.
    """
    assert cell.epoch is not None
    return Arm(
        instance=instance.id,
        epoch=cell.epoch,
        attempt=journal_name(cell),
        nonce=cell.nonce,
        trainee=trainee.name,
        language=trainee.language,
        anchor=today.isoformat(),
        pack=pack,
        cause=cause,
    )


def verify(armed: Armed, instance: Instance, cell: Cell, golden: GoldenDataset) -> None:
    """Raise ContractMismatchError unless the cell took this instance, epoch and dataset."""
    if (armed.instance, armed.epoch) != (instance.id, cell.epoch):
        raise ContractMismatchError(f"armed for {armed.instance} {armed.epoch}")
    if armed.dataset_digest != golden.digest:
        raise ContractMismatchError(f"dataset {armed.dataset_digest[:12]} instead of {golden.digest[:12]}")

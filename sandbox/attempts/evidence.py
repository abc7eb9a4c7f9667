"""The papers of an attempt: fetched for the grader, checked on demand. What fails is told, never guessed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

from sandbox.attempts import adjusting, showing
from sandbox.attempts.model import Attempt, AttemptId, Evidence, GradingInputs
from sandbox.attempts.ports import Stores
from sandbox.contract import journal as chain
from sandbox.contract.exercise_pack import Words
from sandbox.errors import ArchiveCorruptError, NotFoundError, SandboxError
from sandbox.provisioning import archiving
from sandbox.provisioning.ports import Files

CHANGED = "the file of the {what} was changed on disk"
MISSING = "the file of the {what} is missing"


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be graded, by SHA-256: small enough to be sent to another process."""

    exercise: str
    journal: str
    state: str
    inputs: GradingInputs
    """Everything but the bytes, which `fetch` fills in."""
    layer: int
    """Number of the newest adjustment in it; 0 = none."""


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What checking the stored evidence of one attempt found; nothing wrong = it holds."""

    attempt: AttemptId
    rows: int
    wrong: tuple[Words, ...]


def order(stores: Stores, attempt: Attempt, exercise_version: str) -> Order:
    """Return what grading this attempt by this version needs. Raises SandboxError if it was sealed without evidence."""
    evidence = stores.evidence.of(attempt.id)
    archive = stores.archives.of_attempt(attempt.id)
    if evidence is None or archive is None:
        raise SandboxError(f"attempt {attempt.id} is sealed without evidence")
    layer = stores.adjustments.of(attempt.id)
    return Order(
        exercise=stores.exercises.get(exercise_version).sha256,
        journal=evidence.journal_sha256,
        state=evidence.state_sha256,
        inputs=GradingInputs(
            exercise=b"",
            journal=b"",
            state=b"",
            attempt=attempt.id,
            nonce=evidence.nonce,
            fault=archive.chain,
            hints=tuple(stores.hints.of(attempt.id)),
            adjustments=adjusting.effective(layer),
            free_hints=showing.hints(attempt.mode) == "free",
            time_factor=attempt.time_factor,
            untimed=attempt.untimed,
            variant=attempt.variant,
        ),
        layer=layer[-1].number if layer else 0,
    )


def fetch(files: Files, wanted: Order) -> GradingInputs:
    """Return the inputs with their bytes. Evidence that rots on disk becomes a fault: an error, not a lower score.

    Raises ArchiveCorruptError or NotFoundError for the exercise's own file: without it nothing can be said at all.
    """
    exercise = files.get(wanted.exercise)
    journal, journal_fault = _read(files, wanted.journal, "journal")
    state, state_fault = _read(files, wanted.state, "final state")
    begun, baseline_fault = _baseline(files, state)
    fault = wanted.inputs.fault or journal_fault or state_fault or baseline_fault
    return replace(wanted.inputs, exercise=exercise, journal=journal, state=state, baseline=begun, fault=fault)


def _baseline(files: Files, state: bytes) -> tuple[bytes, str]:
    try:
        named = archiving.baseline_of(state)
    except ArchiveCorruptError:
        # Whoever reads the state says so.
        return b"", ""
    return _read(files, named, "dataset's baseline") if named else (b"", "")


def _read(files: Files, sha256: str, what: str) -> tuple[bytes, str]:
    try:
        return files.get(sha256), ""
    except ArchiveCorruptError:
        return b"", CHANGED.format(what=what)
    except NotFoundError:
        return b"", MISSING.format(what=what)


def check(stores: Stores, files: Files, attempt: AttemptId) -> Checked:
    """Check digests and chain of what is stored for an attempt. Raises NotFoundError if it has no evidence."""
    sealed = stores.evidence.of(attempt)
    if sealed is None:
        raise NotFoundError(f"attempt {attempt} has no evidence")
    return Checked(attempt=attempt, rows=sealed.rows, wrong=tuple(_wrong(stores, files, sealed)))


def _wrong(stores: Stores, files: Files, sealed: Evidence) -> Iterable[Words]:
    archive = stores.archives.of_attempt(sealed.attempt)
    if archive is None or (archive.journal_sha256, archive.state_sha256) != (
        sealed.journal_sha256,
        sealed.state_sha256,
    ):
        yield Words(zh="证据与容器存档不一致", en="the evidence is not what was archived of the cell")
    elif archive.chain:
        yield Words(zh=f"封存时操作日志已有问题（{archive.chain}）", en=f"broken when it was sealed: {archive.chain}")
    journal, journal_fault = _read(files, sealed.journal_sha256, "journal")
    state, state_fault = _read(files, sealed.state_sha256, "final state")
    if journal_fault:
        yield Words(zh="操作日志文件丢失或被改动", en=journal_fault)
    else:
        yield from _broken_journal(journal, sealed)
    if state_fault:
        yield Words(zh="最终状态文件丢失或被改动", en=state_fault)
    elif baseline_fault := _baseline(files, state)[1]:
        yield Words(zh="数据集初始状态文件丢失或被改动", en=baseline_fault)
    yield from _broken_reports(stores, files, sealed)


def _broken_journal(content: bytes, sealed: Evidence) -> Iterable[Words]:
    try:
        rows = archiving.read_journal(content)
    except ArchiveCorruptError as unreadable:
        yield Words(zh=f"操作日志无法读取（{unreadable}）", en=str(unreadable))
        return
    if len(rows) != sealed.rows:
        yield Words(zh=f"操作日志有{len(rows)}行，应为{sealed.rows}行", en=f"{len(rows)} rows instead of {sealed.rows}")
    broken = chain.broken_at(rows, attempt=sealed.attempt, nonce=sealed.nonce)
    if broken is not None:
        yield Words(zh=f"操作日志校验失败（{broken}）", en=f"the chain does not hold: {broken}")


def _broken_reports(stores: Stores, files: Files, sealed: Evidence) -> Iterable[Words]:
    for result in stores.results.of(sealed.attempt):
        content, fault = _read(files, result.report_sha256, f"report of result {result.number}")
        if fault:
            yield Words(zh=f"第{result.number}次成绩的报告文件丢失或被改动", en=fault)
        elif json.loads(content).get("digests", {}).get("journal", sealed.journal_sha256) != sealed.journal_sha256:
            yield Words(
                zh=f"第{result.number}次成绩依据的是另一份操作日志",
                en=f"result {result.number} was graded from another journal",
            )

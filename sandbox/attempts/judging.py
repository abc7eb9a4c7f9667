"""Grades sealed evidence: archived bytes in, the report's bytes and what lists show of it out."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from sandbox.attempts.model import Graded, GradingInputs
from sandbox.contract.exercise_pack import Words
from sandbox.contract.journal import Row
from sandbox.errors import ArchiveCorruptError
from sandbox.exercises import loader
from sandbox.grading import evidence
from sandbox.grading import grade as grading
from sandbox.grading import report as reports
from sandbox.grading.evidence import Evidence, Journal
from sandbox.grading.grade import Circumstances
from sandbox.grading.ledger import Accommodations
from sandbox.grading.report import Report
from sandbox.grading.scoring import HintOpened
from sandbox.provisioning import archiving


def judge(inputs: GradingInputs) -> Graded:
    """Fulfil ports.Grader. Equal inputs give equal bytes.

    Evidence that does not read or does not verify gives a report without a score, whose result is `error`.
    Raises ExerciseInvalidError if the exercise does not read.
    """
    report = _report(inputs)
    return Graded(
        report=reports.dumps(report),
        score=report.score,
        score_to=report.score_to,
        verdict=report.result,
        pending=len(report.pending),
        faults=len(report.errors),
        grader=report.grader,
    )


def _report(inputs: GradingInputs) -> Report:
    around = Circumstances(
        hints=tuple(
            HintOpened(hint=use.hint, working_ms=use.working_ms, free=inputs.free_hints) for use in inputs.hints
        ),
        accommodations=Accommodations(time_factor=inputs.time_factor, untimed=inputs.untimed),
        adjustments=inputs.adjustments,
    )
    return grading.judge(loader.trusted(inputs.exercise), _read(inputs), around)


def _read(inputs: GradingInputs) -> Evidence:
    if inputs.fault and not (inputs.journal and inputs.state):
        return _faulty(inputs.fault)
    try:
        rows, state = archiving.read_journal(inputs.journal), archiving.read_state(inputs.state, inputs.baseline)
    except ArchiveCorruptError as unreadable:
        return _faulty(inputs.fault or str(unreadable))
    digests = {"journal": _sha256(inputs.journal), "state": _sha256(inputs.state)}
    journal = Journal(attempt=inputs.attempt, nonce=inputs.nonce, rows=rows)
    found = evidence.read(journal, state, digests=digests)
    # The worker saw at sealing, on the disk, or when the attempt began what the rows alone do not show.
    fault = inputs.fault or _another_variant(rows, inputs.variant)
    return replace(found, fault=_told(fault)) if fault and found.fault is None else found


def _another_variant(rows: tuple[Row, ...], pinned: int) -> str:
    """Return what is wrong if the cell began another variant than the one drawn, else ''."""
    begun = rows[0].data.get("variant", 0) if rows else pinned
    return "" if begun == pinned else f"row 1 names variant {begun}, drawn was {pinned}"


def _faulty(fault: str) -> Evidence:
    return Evidence(rows=(), tables={}, digests={}, fault=_told(fault))


def _told(fault: str) -> Words:
    return Words(zh=f"证据校验失败（{fault}）", en=f"the evidence does not verify ({fault})")


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()

"""Grades sealed evidence: archived bytes in, the report's bytes and what lists show of it out."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from sandbox.attempts.model import Graded, GradingInputs
from sandbox.contract.exercise_pack import Words
from sandbox.exercises import loader
from sandbox.grading import evidence
from sandbox.grading import grade as grading
from sandbox.grading import report as reports
from sandbox.grading.evidence import Journal
from sandbox.grading.grade import Circumstances
from sandbox.grading.ledger import Accommodations
from sandbox.grading.report import Report
from sandbox.grading.scoring import HintOpened
from sandbox.provisioning import archiving


def judge(inputs: GradingInputs) -> Graded:
    """Fulfil ports.Grader. Equal inputs give equal bytes.

    Raises ArchiveCorruptError if journal or state do not read, ExerciseInvalidError if the exercise does not.
    """
    journal = Journal(attempt=inputs.attempt, nonce=inputs.nonce, rows=archiving.read_journal(inputs.journal))
    digests = {"journal": _sha256(inputs.journal), "state": _sha256(inputs.state)}
    found = evidence.read(journal, archiving.read_state(inputs.state), digests=digests)
    around = Circumstances(
        hints=tuple(
            HintOpened(hint=use.hint, working_ms=use.working_ms, free=inputs.free_hints) for use in inputs.hints
        ),
        accommodations=Accommodations(time_factor=inputs.time_factor, untimed=inputs.untimed),
    )
    report = grading.judge(loader.trusted(inputs.exercise), found, around)
    fault = inputs.fault or _another_variant(report, inputs.variant)
    if fault and report.result != "error":
        report = _spoilt(report, fault)
    return Graded(report=reports.dumps(report), score=report.score, verdict=report.result, grader=report.grader)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _another_variant(report: Report, pinned: int) -> str:
    """Return what is wrong if the cell began another variant than the one drawn, else ''."""
    return "" if report.variant == pinned else f"row 1 names variant {report.variant}, drawn was {pinned}"


def _spoilt(report: Report, fault: str) -> Report:
    """Return the report without a score: the worker saw at sealing what the rows alone no longer show."""
    said = Words(zh=f"操作日志校验失败({fault})", en=f"the journal does not verify ({fault})")
    return replace(report, result="error", score="", score_to="", exact="", errors=(*report.errors, said))

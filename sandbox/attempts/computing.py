"""Grades one attempt anew, aside: reads its papers, stores a report, says what differs. Runs in any process."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from sandbox.attempts import differing, evidence
from sandbox.attempts.differing import Change
from sandbox.attempts.evidence import Order
from sandbox.attempts.judging import judge
from sandbox.attempts.model import Graded
from sandbox.errors import JournalBrokenError, SandboxError
from sandbox.provisioning.ports import Files

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Task:
    """`old_report`: SHA-256 of the report that counts now; `old_error`: it has no score."""

    order: Order
    old_report: str
    old_error: bool


@dataclass(frozen=True, kw_only=True)
class Computed:
    """What a task gave: the report's values and SHA-256, or the code of what failed."""

    graded: Graded | None = None
    """Without the report's bytes."""
    report: str = ""
    changes: tuple[Change, ...] = ()
    trouble: str = ""


class Computing(Protocol):
    """Who does tasks: this very process, or others."""

    def __call__(self, files: Files, tasks: Sequence[Task]) -> Iterable[Computed]:
        """Begin at once; answer in the order of the tasks, each as soon as it is there."""
        ...

    def close(self) -> None:
        """Nothing more comes for now."""
        ...


def compute(files: Files, task: Task) -> Computed:
    """Return what the attempt's evidence gives today. What fails is told by its code: one attempt stops no other."""
    try:
        return _compute(files, task)
    except SandboxError as wrong:
        return Computed(trouble=wrong.code)
    except Exception:
        # Old evidence under a new grader may break what nobody foresaw: its item fails, the others go on.
        log.exception("attempt %s was not graded anew", task.order.inputs.attempt)
        return Computed(trouble=SandboxError.code)


def _compute(files: Files, task: Task) -> Computed:
    graded = judge(evidence.fetch(files, task.order))
    report = json.loads(graded.report)
    if graded.verdict == "error" and not task.old_error:
        # A score that stands is never replaced by none: somebody has to look at the evidence first.
        raise JournalBrokenError(detail=task.order.inputs.attempt)
    old = json.loads(files.get(task.old_report))
    sha256 = files.put(graded.report)
    return Computed(graded=replace(graded, report=b""), report=sha256, changes=differing.changes(old, report))

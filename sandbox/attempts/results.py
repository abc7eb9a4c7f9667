"""The next result of an attempt: results are appended, never changed, and say whose decision they are."""

from __future__ import annotations

from datetime import datetime

from sandbox.attempts.model import AttemptId, Graded, Result
from sandbox.attempts.ports import Stores
from sandbox.people.model import WORKER


def following(
    stores: Stores,
    attempt: AttemptId,
    graded: Graded,
    *,
    layer: int,
    exercise_version: str,
    report: str,
    actor: str = WORKER.id,
    reason: str = "",
    now: datetime,
) -> Result:
    """Return the result that comes after all there are.

    `layer` is the number of the newest adjustment in it, `report` the SHA-256 of the graded report.
    """
    return Result(
        attempt=attempt,
        number=len(stores.results.of(attempt)) + 1,
        exercise_version=exercise_version,
        score=graded.score,
        score_to=graded.score_to,
        verdict=graded.verdict,
        pending=graded.pending,
        faults=graded.faults,
        adjustments=layer,
        report_sha256=report,
        grader=graded.grader,
        actor=actor,
        reason=reason,
        graded_at=now,
    )

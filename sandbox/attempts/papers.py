"""Wanting a report on paper. The worker makes it; the file is kept by SHA-256, made once and again after a voiding."""

from __future__ import annotations

from datetime import datetime

from sandbox.attempts.model import AttemptId
from sandbox.attempts.ports import Stores
from sandbox.attempts.second_look import Audience, Paper, PaperLanguage, PaperState
from sandbox.audit import operations as audit
from sandbox.errors import WrongStateError
from sandbox.people import policy
from sandbox.people.model import Actor


def want(stores: Stores, actor: Actor, attempt_id: AttemptId, *, language: PaperLanguage, now: datetime) -> Paper:
    """Want the report that counts, in this language; wanting it twice is one paper.

    A failed one is tried again, and one from before the attempt was voided is made anew: it must say so.

    Raises ForbiddenError, WrongStateError if there is no report.
    """
    attempt = stores.attempts.get(attempt_id)
    policy.require(actor, "report.view", owner=attempt.person)
    results = stores.results.of(attempt_id)
    if not results:
        raise WrongStateError(f"attempt {attempt_id} has no report")
    audience: Audience = "trainee" if actor.id == attempt.person else "trainer"
    wanted = Paper(
        report=results[0].report_sha256,
        language=language,
        audience=audience,
        attempt=attempt_id,
        state=PaperState.WANTED,
        wanted_by=actor.id,
        wanted_at=now,
        made_at=None,
        file="",
        trouble="",
    )
    if stores.papers.want(wanted):
        audit.record(stores, actor, "report.print", attempt_id, at=now, facts={"language": language})
        return wanted
    there = stores.papers.of(attempt_id, wanted.report, language, audience)
    if there is not None and (there.state is PaperState.FAILED or _is_outdated(stores, there)):
        stores.papers.want_again(there, at=now)
        return wanted
    return there or wanted


def _is_outdated(stores: Stores, made: Paper) -> bool:
    void = stores.voids.of(made.attempt)
    return void is not None and made.made_at is not None and made.made_at < void.at

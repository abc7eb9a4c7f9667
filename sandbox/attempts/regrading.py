"""Asking for a regrade and deciding on its preview. Nothing that counts changes before a person has accepted."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime

from sandbox.attempts import fitting
from sandbox.attempts.model import Attempt
from sandbox.attempts.ports import Stores
from sandbox.attempts.second_look import (
    REGRADE_MOVES,
    Choice,
    Regrade,
    RegradeDecision,
    RegradeId,
    RegradeState,
    Scope,
)
from sandbox.audit import operations as audit
from sandbox.errors import RegradeInvalidError, WrongStateError
from sandbox.exercises import loader
from sandbox.people import policy
from sandbox.people.model import Actor
from sandbox.provisioning.ports import Files

Draw = Callable[[int], str]
"""Returns so many random bytes as hex digits."""

LONGEST_REASON = 500
_ID_BYTES = 8


def request(
    stores: Stores,
    files: Files,
    actor: Actor,
    *,
    scope: Scope,
    target: str = "",
    reason: str,
    now: datetime,
    draw: Draw = secrets.token_hex,
) -> Regrade:
    """Want a preview of what the present grader, or the exercise version `target`, makes of these attempts.

    Own attempts are left out. Raises RegradeInvalidError, saying why, if nothing is in the scope or a version of it
    does not fit the target; NotFoundError for an unknown target.
    """
    policy.require(actor, "regrade.request")
    scope = _scope(stores, scope, target)
    attempts = in_scope(stores, scope, target, without=actor.id)
    if not attempts:
        raise RegradeInvalidError(zh="范围内没有已评分的练习", en="no graded attempt is in the scope")
    if target:
        _require_fit(stores, files, attempts, target)
    asked = Regrade(
        id=RegradeId(draw(_ID_BYTES)),
        **asdict(scope),
        target=target,
        reason=_reason(reason),
        requested_by=actor.id,
        requested_at=now,
        state=RegradeState.REQUESTED,
        since=now,
    )
    stores.regrades.add(asked)
    facts: dict[str, audit.Fact] = {**asdict(scope), "target": target, "reason": asked.reason, "count": len(attempts)}
    audit.record(stores, actor, "regrade.request", asked.id, at=now, facts=facts)
    return asked


def decide(
    stores: Stores, actor: Actor, key: RegradeId, choice: Choice, *, reason: str = "", now: datetime
) -> RegradeDecision:
    """Accept a preview, accept only what is higher, or discard it; the worker does it.

    The decider's own attempts keep their result. Raises WrongStateError unless the preview is ready (discarding is
    possible before), LostRaceError if somebody decided already.
    """
    policy.require(actor, "regrade.decide")
    state = stores.regrades.get(key).state
    allowed = RegradeState.DISCARDED in REGRADE_MOVES[state] if choice == "discard" else state is RegradeState.READY
    if not allowed:
        raise WrongStateError(f"regrade {key} is {state}")
    decision = RegradeDecision(regrade=key, choice=choice, reason=_short(reason), actor=actor.id, at=now)
    stores.regrades.decide(decision)
    audit.record(stores, actor, "regrade.decide", key, at=now, facts={"choice": choice, "reason": decision.reason})
    return decision


def in_scope(stores: Stores, scope: Scope, target: str, *, without: str) -> list[Attempt]:
    """Return the attempts that would be computed: not void, not of `without`, not of a version above the target."""
    found = [one for one in stores.regrades.attempts_in(scope) if one.person != without]
    if not target:
        return found
    limit = stores.exercises.get(target).version
    versions = {one.exercise_version: stores.exercises.get(one.exercise_version).version for one in found}
    return [one for one in found if versions[one.exercise_version] <= limit]


def _scope(stores: Stores, scope: Scope, target: str) -> Scope:
    if not any((scope.exercise, scope.assignment, scope.person, scope.attempt)):
        raise RegradeInvalidError(
            zh="请指定练习、指派、人员或某次练习", en="name an exercise, assignment, person or attempt"
        )
    if not target:
        return scope
    exercise = stores.exercises.get(target).exercise
    if scope.exercise not in (None, exercise):
        raise RegradeInvalidError(zh="目标版本不是这个练习的", en="the target is a version of another exercise")
    return replace(scope, exercise=exercise)


def _require_fit(stores: Stores, files: Files, attempts: list[Attempt], target: str) -> None:
    aimed = loader.trusted(files.get(stores.exercises.get(target).sha256))
    for version in sorted({one.exercise_version for one in attempts}):
        played = loader.trusted(files.get(stores.exercises.get(version).sha256))
        wrong = fitting.misfits(played, aimed)
        if wrong:
            raise RegradeInvalidError(
                zh=f"{version} 的证据不能按 {target} 评分：" + "，".join(one.zh for one in wrong),
                en=f"what was done in {version} cannot be graded by {target}: " + ", ".join(one.en for one in wrong),
            )


def _reason(text: str) -> str:
    reason = _short(text)
    if not reason:
        raise RegradeInvalidError(zh="请写明理由", en="say why")
    return reason


def _short(text: str) -> str:
    reason = " ".join(text.split())
    if len(reason) > LONGEST_REASON:
        raise RegradeInvalidError(zh=f"理由最多{LONGEST_REASON}字", en=f"at most {LONGEST_REASON} characters of reason")
    return reason

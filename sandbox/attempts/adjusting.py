"""The manual layer: marks, overrides, waivers, voided attempts. Rows lie over every grade and are never changed."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from sandbox.attempts.model import COUNTED, Attempt, AttemptId, AttemptState, Result
from sandbox.attempts.ports import Stores
from sandbox.attempts.second_look import AdjustmentKind, AdjustmentRow, Voided
from sandbox.audit import operations as audit
from sandbox.contract.exercise_pack import Words
from sandbox.errors import AdjustmentInvalidError, WrongStateError
from sandbox.exercises import loader
from sandbox.exercises.plan import Plan, Rubric
from sandbox.grading.report import Adjustment
from sandbox.people import policy
from sandbox.people.model import Actor
from sandbox.provisioning.ports import Files

LONGEST_REASON = 500
_LIVE = frozenset({AttemptState.REQUESTED, AttemptState.OPEN, AttemptState.SUBMITTED, AttemptState.SEALED})


def effective(layer: Sequence[AdjustmentRow]) -> tuple[Adjustment, ...]:
    """Return what of the layer counts: the last row of each subject, unless that one withdraws the others."""
    last = {row.subject: row for row in layer}
    return tuple(
        Adjustment(subject=row.subject, kind=row.kind, points=row.points, reason=row.reason)
        for row in sorted(last.values(), key=lambda row: row.subject)
        if row.kind != "withdraw"
    )


def adjust(
    stores: Stores,
    files: Files,
    actor: Actor,
    attempt_id: AttemptId,
    *,
    subject: str,
    kind: AdjustmentKind,
    points: str = "",
    reason: str = "",
    now: datetime,
) -> AdjustmentRow:
    """Append one row; the worker appends the result that holds it.

    Raises ForbiddenError for an own attempt, WrongStateError for one without a score, AdjustmentInvalidError.
    """
    attempt = stores.attempts.get(attempt_id)
    policy.require(actor, "attempt.adjust", owner=attempt.person)
    result = _scored(stores, attempt)
    plan = loader.trusted(files.get(stores.exercises.get(result.exercise_version).sha256)).plan
    layer = stores.adjustments.of(attempt_id)
    row = AdjustmentRow(
        attempt=attempt_id,
        number=len(layer) + 1,
        subject=subject,
        kind=kind,
        points=_points(plan, subject, kind, points),
        reason=_reason(reason, needed=kind != "mark"),
        actor=actor.id,
        at=now,
    )
    if kind == "withdraw" and subject not in {one.subject for one in effective(layer)}:
        raise AdjustmentInvalidError(zh="这一项没有可撤销的调整", en="there is nothing to withdraw in this line")
    stores.adjustments.add(row)
    facts: dict[str, audit.Fact] = {
        "number": row.number,
        "subject": subject,
        "kind": kind,
        "points": row.points,
        "reason": row.reason,
    }
    audit.record(stores, actor, "attempt.adjust", attempt_id, at=now, facts=facts)
    return row


def void(stores: Stores, actor: Actor, attempt_id: AttemptId, *, reason: str, now: datetime) -> bool:
    """Say that an attempt does not count; False if that was said already. Its results stay.

    Raises ForbiddenError for an own attempt, WrongStateError while it is under way or if it does not count anyway.
    """
    attempt = stores.attempts.get(attempt_id)
    policy.require(actor, "attempt.void", owner=attempt.person)
    if attempt.state in _LIVE or attempt.state not in COUNTED:
        raise WrongStateError(f"attempt {attempt_id} is {attempt.state}")
    said = Voided(attempt=attempt_id, reason=_reason(reason, needed=True), actor=actor.id, at=now)
    if not stores.voids.add(said):
        return False
    audit.record(stores, actor, "attempt.void", attempt_id, at=now, facts={"reason": said.reason})
    return True


def _scored(stores: Stores, attempt: Attempt) -> Result:
    results = stores.results.of(attempt.id)
    if not results or results[0].verdict == "error":
        raise WrongStateError(f"attempt {attempt.id} has no score to adjust")
    return results[0]


def _reason(text: str, *, needed: bool) -> str:
    reason = " ".join(text.split())
    if needed and not reason:
        raise AdjustmentInvalidError(zh="请写明理由", en="say why")
    if len(reason) > LONGEST_REASON:
        raise AdjustmentInvalidError(
            zh=f"理由最多{LONGEST_REASON}字", en=f"at most {LONGEST_REASON} characters of reason"
        )
    return reason


def _points(plan: Plan, subject: str, kind: AdjustmentKind, typed: str) -> str:
    """Return the points as decimal text; full-width digits and stray spaces are understood."""
    most = _most(plan, subject)
    if kind in ("waive", "withdraw"):
        return ""
    try:
        number = Decimal(unicodedata.normalize("NFKC", typed).strip())
        fine = number.is_finite() and number == round(number, 2)
    except InvalidOperation as wrong:
        # Also raised by rounding: 1e30 has more digits than exact numbers hold.
        raise AdjustmentInvalidError(zh="分数应为数字", en="points must be a number") from wrong
    if not fine:
        raise AdjustmentInvalidError(zh="分数最多两位小数", en="points have at most two decimals")
    low = -most if kind == "add" else Fraction(0)
    if not low <= Fraction(number) <= most:
        raise AdjustmentInvalidError(zh=f"分数应在 {low} 到 {most} 之间", en=f"points must be between {low} and {most}")
    if kind == "mark" and Fraction(number) not in levels(plan, subject):
        raise AdjustmentInvalidError(
            zh="只有人工评分项可以按等级打分", en="only a rubric is marked, at one of its levels"
        )
    return f"{number:f}"


def levels(plan: Plan, subject: str) -> dict[Fraction, Words]:
    """Return points and meaning of the levels of a rubric line; nothing for any other line."""
    found = [check.part for check in plan.checks if check.id == subject]
    return dict(found[0].levels) if found and isinstance(found[0], Rubric) else {}


def _most(plan: Plan, subject: str) -> Fraction:
    for check in plan.checks:
        if check.id == subject:
            return check.points
    for rule in plan.never:
        if rule.id == subject:
            return rule.max
    raise AdjustmentInvalidError(zh=f"此练习没有“{subject}”这一项", en=f"this exercise has no line '{subject}'")

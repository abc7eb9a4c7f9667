"""Assigning exercises to people, granting extra time, opening reports, and taking all that back."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from datetime import datetime

from sandbox.attempts.model import Accommodation
from sandbox.audit import operations as audit
from sandbox.errors import InvalidError, RetiredError
from sandbox.exercises.model import ExerciseVersion, Keep, Mode, Per
from sandbox.people import policy
from sandbox.people.model import Actor, PersonId, Role
from sandbox.training.model import Assignment, Rules
from sandbox.training.ports import Stores

Draw = Callable[[int], str]
"""Returns so many random bytes as hex digits."""

FACTORS = range(1, 5)
"""How many times slower a clock may run; source: exercises.md 4."""


def assign(
    stores: Stores,
    actor: Actor,
    *,
    exercise_version: str,
    people: Iterable[PersonId],
    rules: Rules,
    now: datetime,
    draw: Draw = secrets.token_hex,
) -> list[Assignment]:
    """Assign one version to many people; return what is new. Who already has it in this mode keeps what they have.

    Raises NotFoundError for an unknown version or person, RetiredError for a retired one, InvalidError for rules that
    cannot be meant or somebody who cannot do exercises. Then nobody was assigned anything.
    """
    policy.require(actor, "assignment.create")
    version = stores.exercises.get(exercise_version)
    if exercise_version in stores.exercises.retired():
        raise RetiredError(f"{exercise_version} is retired", version=exercise_version)
    wrong = problem(version, rules, now=now)
    if wrong:
        raise InvalidError(problems=wrong)
    made = []
    for key in dict.fromkeys(people):
        person = stores.people.get(key)
        if person.disabled or not person.roles & {Role.TRAINEE, Role.TRAINER}:
            raise InvalidError(problems=f"{person.name}: 不能做练习 / cannot do exercises")
        assignment = _assignment(version, key, rules, by=actor.id, key=draw(8), now=now)
        if stores.assignments.add(assignment):
            made.append(assignment)
            facts: dict[str, audit.Fact] = {
                "person": key,
                "exercise": exercise_version,
                "mode": assignment.mode.value,
                "max_attempts": assignment.max_attempts,
            }
            audit.record(stores, actor, "assignment.create", assignment.id, at=now, facts=facts)
    return made


def problem(version: ExerciseVersion, rules: Rules, *, now: datetime) -> str:
    """Return what is wrong with rules for this exercise in both languages, or ''. Pure."""
    limited = rules.max_attempts is not None or rules.per is not Per.EVER or rules.keep is not Keep.BEST
    checks = {
        "此练习不允许这种方式 / this exercise does not allow this mode": rules.mode not in version.modes,
        "截止时间已过 / the due time is in the past": rules.due is not None and rules.due <= now,
        "截止时间须晚于开放时间 / due must be after it opens": rules.opens is not None
        and rules.due is not None
        and rules.due <= rules.opens,
        "次数至少为 1 / at least one attempt": rules.max_attempts is not None and rules.max_attempts < 1,
        "次数限制只用于课堂；考核按练习规定，自主练习不限次数 / attempts are limited in a class only: an exam follows"
        " the exercise, practice has no limit": rules.mode is not Mode.CLASS and limited,
        "只有课堂可以选择自查和何时公布报告 / only a class can choose checks and open reports": rules.mode
        is not Mode.CLASS
        and (rules.checks_allowed or rules.reports_open),
    }
    return "; ".join(words for words, is_wrong in checks.items() if is_wrong)


def _assignment(
    version: ExerciseVersion, person: PersonId, rules: Rules, *, by: str, key: str, now: datetime
) -> Assignment:
    exam = rules.mode is Mode.EXAM
    return Assignment(
        id=key,
        exercise_version=version.id,
        person=person,
        mode=rules.mode,
        opens=rules.opens,
        due=rules.due,
        max_attempts=version.exam_attempts if exam else rules.max_attempts,
        per=version.exam_per if exam else rules.per,
        keep=version.exam_keep if exam else rules.keep,
        wait_ms=version.exam_wait_ms if exam else 0,
        checks_allowed=rules.checks_allowed,
        reports_opened_at=now if rules.reports_open else None,
        assigned_by=by,
        assigned_at=now,
        withdrawn_at=None,
    )


def withdraw(stores: Stores, actor: Actor, assignment: str, *, now: datetime) -> bool:
    """Take an assignment back; False if it already was. Attempts under way go on."""
    policy.require(actor, "assignment.withdraw")
    if not stores.assignments.withdraw(assignment, at=now):
        return False
    audit.record(stores, actor, "assignment.withdraw", assignment, at=now)
    return True


def accommodate(
    stores: Stores, actor: Actor, assignment: str, *, time_factor: int, untimed: bool, now: datetime
) -> Accommodation:
    """Grant extra time for attempts that start from now on; one under way keeps what was pinned on it.

    Raises NotFoundError, ForbiddenError for an own one, InvalidError for a factor that is not from 1 to 4.
    """
    policy.require(actor, "assignment.accommodate", owner=stores.assignments.get(assignment).person)
    if time_factor not in FACTORS:
        raise InvalidError(problems="时间系数应为 1 到 4 / the time factor must be from 1 to 4")
    granted = Accommodation(
        assignment=assignment, time_factor=time_factor, untimed=untimed, granted_by=actor.id, granted_at=now
    )
    stores.accommodations.set(granted)
    facts: dict[str, audit.Fact] = {"time_factor": time_factor, "untimed": untimed}
    audit.record(stores, actor, "assignment.accommodate", assignment, at=now, facts=facts)
    return granted


def open_reports(stores: Stores, actor: Actor, assignment: str, *, now: datetime) -> bool:
    """Let the trainee see the reports of this assignment; False if they were open.

    Raises NotFoundError, ForbiddenError for an own one.
    """
    policy.require(actor, "reports.open", owner=stores.assignments.get(assignment).person)
    if not stores.assignments.open_reports(assignment, at=now):
        return False
    audit.record(stores, actor, "reports.open", assignment, at=now)
    return True


def close_reports(stores: Stores, actor: Actor, assignment: str, *, now: datetime) -> bool:
    """Hide them again; False if they were closed. What was read is read. Raises as `open_reports`."""
    policy.require(actor, "reports.open", owner=stores.assignments.get(assignment).person)
    if not stores.assignments.close_reports(assignment):
        return False
    audit.record(stores, actor, "reports.close", assignment, at=now)
    return True

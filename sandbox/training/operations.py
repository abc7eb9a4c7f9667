"""Assigning exercises to people, and taking that back."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from datetime import datetime

from sandbox.audit import operations as audit
from sandbox.errors import InvalidError
from sandbox.people import policy
from sandbox.people.model import Actor, PersonId, Role
from sandbox.training.model import Assignment
from sandbox.training.ports import Stores

Draw = Callable[[int], str]
"""Returns so many random bytes as hex digits."""


def assign(
    stores: Stores,
    actor: Actor,
    *,
    exercise_version: str,
    people: Iterable[PersonId],
    due: datetime | None,
    max_attempts: int | None,
    now: datetime,
    draw: Draw = secrets.token_hex,
) -> list[Assignment]:
    """Assign one version to many people; return what is new. Who already has it keeps what they have.

    Raises NotFoundError for an unknown version or person, InvalidError for a date in the past, a limit below one,
    or somebody who cannot do exercises. Then nobody was assigned anything.
    """
    policy.require(actor, "assignment.create")
    stores.exercises.get(exercise_version)
    if due is not None and due <= now:
        raise InvalidError(problems="截止时间已过 / the due time is in the past")
    if max_attempts is not None and max_attempts < 1:
        raise InvalidError(problems="次数至少为 1 / at least one attempt")
    made = []
    for key in dict.fromkeys(people):
        person = stores.people.get(key)
        if person.disabled or not person.roles & {Role.TRAINEE, Role.TRAINER}:
            raise InvalidError(problems=f"{person.name}: 不能做练习 / cannot do exercises")
        assignment = Assignment(
            id=draw(8),
            exercise_version=exercise_version,
            person=key,
            due=due,
            max_attempts=max_attempts,
            assigned_by=actor.id,
            assigned_at=now,
            withdrawn_at=None,
        )
        if stores.assignments.add(assignment):
            made.append(assignment)
            facts = {"person": key, "exercise": exercise_version, "max_attempts": max_attempts}
            audit.record(stores, actor, "assignment.create", assignment.id, at=now, facts=facts)
    return made


def withdraw(stores: Stores, actor: Actor, assignment: str, *, now: datetime) -> bool:
    """Take an assignment back; False if it already was. Attempts under way go on."""
    policy.require(actor, "assignment.withdraw")
    if not stores.assignments.withdraw(assignment, at=now):
        return False
    audit.record(stores, actor, "assignment.withdraw", assignment, at=now)
    return True

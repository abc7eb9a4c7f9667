"""Asking for a regrade: the form, and the list of all regrades."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.attempts.model import AttemptId
from sandbox.attempts.second_look import Regrade, Scope
from sandbox.errors import RegradeInvalidError
from sandbox.overview import Stores
from web import presenting
from web.teaching import told
from web.teaching.regrade_views import Asked, Line, RegradesView

LONGEST_NUMBER = 9
"""Digits of a version."""


def asked(form: Mapping[str, str]) -> Asked:
    """Return what the form or the address says."""
    return Asked(**{name: form.get(name, "").strip() for name in Asked.__dataclass_fields__})


def scope(stores: Stores, typed: Asked) -> Scope:
    """Return the scope that was typed. Raises RegradeInvalidError for an unknown log-in name or a wrong number."""
    person = stores.people.by_login(typed.person) if typed.person else None
    if typed.person and person is None:
        raise RegradeInvalidError(zh=f"没有工号为 {typed.person} 的人", en=f"nobody has the number {typed.person}")
    digits = typed.max_version.isascii() and typed.max_version.isdigit() and len(typed.max_version) <= LONGEST_NUMBER
    if typed.max_version and not digits:
        raise RegradeInvalidError(zh="版本应为数字", en="the version must be a number")
    return Scope(
        exercise=typed.exercise or None,
        assignment=typed.assignment or None,
        person=person.id if person else None,
        attempt=AttemptId(typed.attempt) if typed.attempt else None,
        max_version=int(typed.max_version) if typed.max_version else None,
    )


def overview(stores: Stores, typed: Asked, problem: str) -> RegradesView:
    """Return the page with the form and all regrades."""
    every = stores.exercises.all()
    exercises = {one.exercise: presenting.title(one) for one in every}
    return RegradesView(
        typed=typed,
        problem=problem,
        exercises=tuple(sorted(exercises.items())),
        versions=tuple((one.id, f"{presenting.title(one)} · v{one.version}") for one in reversed(every)),
        lines=tuple(_line(stores, one) for one in stores.regrades.all()),
    )


def _line(stores: Stores, one: Regrade) -> Line:
    words, shade = told.state(one.state)
    return Line(
        key=one.id,
        what=told.what(stores, one),
        target=told.target(one),
        reason=one.reason,
        who=told.name(stores, one.requested_by),
        at=one.requested_at,
        state=words,
        tone=shade,
        count=sum(stores.regrades.counts(one.id).values()),
    )

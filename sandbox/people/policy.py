"""Who may do what. Pure: an actor, a verb and, where it matters, whose thing it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.errors import ForbiddenError
from sandbox.people.model import WORKER, Actor, Role

_EVERYBODY = frozenset(Role)
_PEOPLE = _EVERYBODY - {Role.ROBOT}
_LEARNERS = frozenset({Role.TRAINEE, Role.TRAINER})
_TRAINERS = frozenset({Role.TRAINER})
_IT = frozenset({Role.IT})
_PRACTISING = _LEARNERS | {Role.ROBOT}
_WATCHING = _IT | {Role.ROBOT}
"""Robots read IT's pages during a rehearsal: what others wait for meanwhile is measured on real pages."""
_NOBODY: frozenset[Role] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Roles that may do it to what is their own, and roles that may do it to anybody's."""

    own: frozenset[Role] = _NOBODY
    others: frozenset[Role] = _NOBODY


def _own(roles: frozenset[Role]) -> Rule:
    return Rule(own=roles)


def _all(roles: frozenset[Role]) -> Rule:
    return Rule(own=roles, others=roles)


RULES: Mapping[str, Rule] = {
    "home.view": _all(_EVERYBODY),
    "password.change": _own(_PEOPLE),
    "language.set": _own(_PEOPLE),
    # Practice. A trainer tries things out as anybody does; IT looks after machines, not patients.
    "instance.launch": _own(_PRACTISING),
    "instance.enter": _own(_PRACTISING),
    "instance.reset": _own(_PRACTISING),
    "instance.close": _own(_PRACTISING),
    # Sleep and stay: IT may do it for anybody. Time itself may end a stay.
    "instance.hibernate": Rule(own=_PRACTISING, others=_IT),
    "instance.wake": Rule(own=_PRACTISING, others=_IT),
    "instance.extend": Rule(own=_PRACTISING, others=_IT),
    "instance.expire": Rule(),
    # Exercises. A trainee starts what was assigned; trying without an assignment is for trainers.
    "attempt.start": _own(_LEARNERS),
    "attempt.try": _own(_TRAINERS),
    "attempt.submit": _own(_LEARNERS),
    "attempt.abandon": _own(_LEARNERS),
    "attempt.cancel": _own(_LEARNERS),
    "hint.open": _own(_LEARNERS),
    "attempt.check": _own(_LEARNERS),
    "report.view": Rule(own=_LEARNERS, others=_TRAINERS),
    # Nobody touches an own grade; source: policy P50.
    "attempt.adjust": Rule(others=_TRAINERS),
    "attempt.void": Rule(others=_TRAINERS),
    "regrade.view": _all(_TRAINERS),
    "regrade.request": _all(_TRAINERS),
    "regrade.decide": _all(_TRAINERS),
    "exercise.author": _all(_TRAINERS),
    "exercise.release": _all(_TRAINERS),
    "exercise.retire": _all(_TRAINERS),
    # Teaching. IT sees instances, never grades.
    "assignment.create": _all(_TRAINERS),
    "assignment.withdraw": _all(_TRAINERS),
    # Nobody gives oneself time, or a look at what an exam will ask again.
    "assignment.accommodate": Rule(others=_TRAINERS),
    "reports.open": Rule(others=_TRAINERS),
    "results.view": _all(_TRAINERS),
    # Running the place.
    "fleet.view": _all(_WATCHING),
    "fleet.reset": _all(_IT),
    "fleet.destroy": _all(_IT),
    "fleet.prune": _all(_IT),
    # What a practice hospital could not reach: its own trainee may know it too.
    "certificate.view": Rule(own=_LEARNERS | _IT, others=_IT),
    "nightly.view": _all(_WATCHING),
    "rehearsal.run": _all(_IT),
    "rehearsal.view": _all(_IT),
    "nightly.set": _all(_IT),
    "nightly.run": _all(_IT),
    "image.register": _all(_IT),
    "dataset.build": _all(_IT),
    "people.add": _all(_IT),
    "people.disable": _all(_IT),
    "people.reset_password": _all(_IT),
}

_PROCESSES: Mapping[str, frozenset[str]] = {
    WORKER.id: frozenset(
        {
            "fleet.view",
            "fleet.reset",
            "fleet.destroy",
            "nightly.view",
            "nightly.run",
            "instance.hibernate",
            "instance.expire",
        }
    ),
}


def may(actor: Actor, verb: str, *, owner: str | None = None) -> bool:
    """Say whether the actor may do this to a thing of `owner`; None means it is nobody's in particular.

    Raises KeyError for a verb without a rule: a page that names one does not start.
    """
    rule = RULES[verb]
    if verb in _PROCESSES.get(actor.id, _NO_VERBS):
        return True
    if owner is None:
        return bool(actor.roles & (rule.own | rule.others))
    return bool(actor.roles & (rule.own if owner == actor.id else rule.others))


_NO_VERBS: frozenset[str] = frozenset()


def require(actor: Actor, verb: str, *, owner: str | None = None) -> None:
    """Raise ForbiddenError unless the actor may do this."""
    if not may(actor, verb, owner=owner):
        raise ForbiddenError(f"{actor.id} may not {verb}" + (f" of {owner}" if owner else ""))

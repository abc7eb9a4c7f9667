"""How regrades are told: states, outcomes, scopes, people."""

from __future__ import annotations

from sandbox.attempts.second_look import ItemOutcome, Regrade, RegradeState
from sandbox.overview import Stores
from sandbox.people.model import PersonId
from web import layer, presenting
from web.wording import _


def state(state: RegradeState) -> tuple[str, str]:
    """Return what people call a state, and its colour."""
    return {
        RegradeState.REQUESTED: (_("Waiting"), "accent"),
        RegradeState.COMPUTING: (_("Computing"), "accent"),
        RegradeState.READY: (_("Waits for a decision"), "warn"),
        RegradeState.APPLYING: (_("Being applied"), "accent"),
        RegradeState.APPLIED: (_("Applied"), "good"),
        RegradeState.DISCARDED: (_("Discarded"), ""),
    }[state]


def outcome(outcome: ItemOutcome) -> str:
    """Return what became of an attempt, in words."""
    return {
        ItemOutcome.WAITING: _("waiting"),
        ItemOutcome.COMPUTED: "",
        ItemOutcome.APPLIED: _("new result"),
        ItemOutcome.SAME: _("unchanged"),
        ItemOutcome.KEPT: _("old result kept"),
        ItemOutcome.OVERTAKEN: _("changed meanwhile, left alone"),
        ItemOutcome.FAILED: _("failed, old result kept"),
    }[outcome]


def what(stores: Stores, one: Regrade) -> str:
    """Return the scope in words."""
    parts = []
    if one.exercise:
        title = next((presenting.title(each) for each in stores.exercises.all() if each.exercise == one.exercise), "")
        parts.append(title or one.exercise)
    if one.max_version is not None:
        parts.append(_("up to v%(n)s", n=one.max_version))
    if one.assignment:
        parts.append(_("one class"))
    if one.person:
        parts.append(name(stores, one.person))
    if one.attempt:
        parts.append(_("attempt %(key)s", key=one.attempt))
    return " · ".join(parts)


def target(one: Regrade) -> str:
    """Return by what it is graded."""
    return one.target or _("same version, present grader")


def name(stores: Stores, actor: str) -> str:
    """Return who it was."""
    names = layer.process_names()
    return names.get(actor) or stores.people.get(PersonId(actor)).name

"""An assignment in one sentence, so that a slip is noticed before it is sent; and what is wrong with a form."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce

from sandbox.exercises.model import ExerciseVersion, Keep, Mode, Per
from sandbox.people.model import Person
from sandbox.training.model import Assignment, Rules
from web import presenting
from web.teaching.forms import AssignmentForm
from web.wording import _, _n

NAMED = 4
"""So many names the sentence says before it counts the others."""


def read_back(form: AssignmentForm, versions: Sequence[ExerciseVersion], people: Sequence[Person]) -> str:
    """Return the choice as one sentence."""
    version = next((one for one in versions if one.id == form.exercise_version), versions[0] if versions else None)
    names = [one.name for one in people if one.id in form.people]
    if version is None or not names:
        return _("Choose at least one person.")
    if form.rules.mode not in version.modes:
        return _("This exercise cannot be assigned as: %(mode)s.", mode=presenting.mode(form.rules.mode))
    who = _(", ").join(names[:NAMED])
    if len(names) > NAMED:
        who = _n("%(who)s and %(n)s other", "%(who)s and %(n)s others", len(names) - NAMED, who=who)
    return _(
        "%(who)s (%(count)s): %(title)s, %(terms)s.",
        who=who,
        count=_n("%(n)s person", "%(n)s people", len(names)),
        title=presenting.title(version),
        terms=_joined(_terms(form.rules, version)),
    )


def _joined(terms: Iterable[str]) -> str:
    return reduce(lambda one, other: _("%(one)s, %(other)s", one=one, other=other), terms)


def _terms(rules: Rules, version: ExerciseVersion) -> Iterable[str]:
    yield {Mode.PRACTICE: _("as practice"), Mode.CLASS: _("in class"), Mode.EXAM: _("as an exam")}[rules.mode]
    if rules.opens:
        yield _("from %(time)s", time=presenting.due(rules.opens))
    yield _("by %(due)s", due=presenting.due(rules.due)) if rules.due else _("in their own time")
    exam = rules.mode is Mode.EXAM
    yield from _tries(
        version.exam_attempts if exam else rules.max_attempts,
        version.exam_per if exam else rules.per,
        version.exam_keep if exam else rules.keep,
        version.exam_wait_ms if exam else 0,
    )
    yield _("pass mark %(score)s", score=version.pass_score)
    if rules.checks_allowed:
        yield _("may check their work")
    if rules.mode is not Mode.PRACTICE:
        yield _("reports at once") if rules.reports_open else _("reports when you open them")


def _tries(most: int | None, per: Per, keep: Keep, wait_ms: int) -> Iterable[str]:
    if most is None:
        yield _("any number of attempts")
    elif per is Per.DAY:
        yield _n("%(n)s attempt a day", "%(n)s attempts a day", most)
    else:
        yield _n("%(n)s attempt", "%(n)s attempts", most)
    if wait_ms:
        yield _("%(time)s between attempts", time=presenting.seconds(wait_ms / 1000))
    if most != 1 or per is Per.DAY:
        yield presenting.keep(keep)


def of_standing(given: Assignment, version: ExerciseVersion) -> str:
    """Return what was assigned as one sentence."""
    return _joined(_given(given, version))


def _given(given: Assignment, version: ExerciseVersion) -> Iterable[str]:
    if given.opens:
        yield _("from %(time)s", time=presenting.due(given.opens))
    yield _("by %(due)s", due=presenting.due(given.due)) if given.due else _("in their own time")
    yield from _tries(given.max_attempts, given.per, given.keep, given.wait_ms)
    yield _("pass mark %(score)s", score=version.pass_score)
    if given.checks_allowed:
        yield _("may check their work")
    yield _("assigned %(time)s", time=presenting.stamp(given.assigned_at))


def problem_words(form: AssignmentForm) -> str:
    """Return what is wrong with the form, or ''."""
    words = {
        "people": _("Choose at least one person."),
        "opens": _("The opening time cannot be understood."),
        "due": _("The due time cannot be understood."),
        "max_attempts": _("The number of attempts must be between 1 and 99, or empty for no limit."),
    }
    return " ".join(words[name] for name in form.wrong)

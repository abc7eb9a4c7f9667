"""What happens to the trainee: injects at a moment or after an event, and the buttons that let time pass."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.contract import matching, moments
from sandbox.exercises import plan, rows, schema, shape
from sandbox.exercises.names import Scope
from sandbox.exercises.parts import Events
from sandbox.exercises.problems import Said
from sandbox.exercises.shape import Path

DEEDS = ("say", "set", "add", "jump")


def check(exercise: schema.Exercise, events: Events, scope: Scope) -> None:
    """Report what is wrong with injects and skips."""
    waits: dict[str, set[str]] = {}
    for index, inject in scope.each("injects", exercise.injects):
        at: Path = ("injects", index)
        _trigger(inject, scope, at)
        _deed(inject, scope, at)
        if inject.when is not None:
            waits[inject.id] = _awaited(events.get(inject.when, ()), exercise)
    for index, inject in scope.each("injects", exercise.injects):
        if _reaches(inject.id, inject.id, waits):
            scope.report("EX407", ("injects", index), id=inject.id)
    for index, step in scope.each("steps", exercise.steps):
        if step.skip is not None:
            _forward(step.skip.to, scope, ("steps", index, "skip", "to"))


def _trigger(inject: schema.Inject, scope: Scope, at: Path) -> None:
    if (inject.at is None) == (inject.when is None):
        scope.report("EX205", at, where=shape.where(scope.root, at), list="at, when")
    if inject.at is not None and "delay" in inject.model_fields_set:
        scope.stray("delay", at)
    for key, name in (("unless", inject.unless), ("when", inject.when)):
        if name is not None:
            scope.refer("event", name, (*at, key))


def _deed(inject: schema.Inject, scope: Scope, at: Path) -> None:
    if len([key for key in DEEDS if getattr(inject, key) is not None]) != 1:
        scope.report("EX205", at, where=shape.where(scope.root, at), list=", ".join(DEEDS))
    if inject.set is not None:
        rows.change(inject.set, scope.records, scope, (*at, "set"))
    if inject.add is not None:
        for table, row in inject.add.items():
            place: Path = (*at, "add", table)
            if "as" in row:
                scope.stray("as", place)
            if rows.known_table(table, scope, place, key=True):
                rows.row(table, row, scope.records, scope, place)
    if inject.jump is not None:
        _forward(inject.jump, scope, (*at, "jump"))


def _forward(to: str, scope: Scope, at: Path) -> None:
    """Check that a jump does not lead to a day before the start: the hospital's clock never runs back."""
    if moments.resolve(to, moments.EPOCH).day < moments.EPOCH:
        wanted = Said("不早于开始日的日期", "a date that is not before the start")
        shape.wrong_type(at, wanted, to, scope.root, scope.problems)


def _awaited(event: tuple[plan.Compiled, ...], exercise: schema.Exercise) -> set[str]:
    """Return the injects whose firing could be this event."""
    bound = matching.Bound(anchor=moments.EPOCH)
    return {
        inject.id
        for pattern in event
        if "inject.fired" in pattern["actions"]
        for inject in exercise.injects
        if matching.holds(pattern["fields"].get("inject", {}), inject.id, bound)
    }


def _reaches(start: str, goal: str, waits: Mapping[str, set[str]]) -> bool:
    seen: set[str] = set()
    ahead = list(waits.get(start, ()))
    while ahead:
        one = ahead.pop()
        if one == goal:
            return True
        if one not in seen:
            seen.add(one)
            ahead += waits.get(one, ())
    return False

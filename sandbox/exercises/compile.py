"""Compiles a valid exercise: the pack a cell is armed with (no checks, no keys) and the plan the grader uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sandbox.contract import exercise_pack
from sandbox.contract.exercise_pack import ExercisePack
from sandbox.exercises import parts, schema
from sandbox.exercises import plan as plans

MAX_FACTOR = 4


def plan(
    exercise: schema.Exercise,
    *,
    events: Mapping[str, tuple[plans.Compiled, ...]],
    checks: tuple[plans.Check, ...],
    never: tuple[plans.Never, ...],
) -> plans.Plan:
    """Return what the grader needs of a valid exercise."""
    return plans.Plan(
        id=exercise.id,
        version=exercise.version,
        title=parts.words(exercise.title),
        pass_score=exercise.rules.pass_,
        critical_cap=exercise.rules.critical_cap,
        events=events,
        checks=checks,
        never=never,
        hints=tuple(
            plans.Hint(id=hint.id, step=step.id, cost=Fraction(hint.cost), words=parts.words(hint))
            for step in exercise.steps
            for hint in step.hints
        ),
        names={name: str((person.model_extra or {}).get("name", name)) for name, person in exercise.cast.items()},
        absent=tuple(each for each in _cast(exercise) if each.absent),
        seats=tuple(exercise.seats),
        marks=exercise.team.marks,
        players=(exercise.team.players[0], exercise.team.players[1]),
        time_ms=exercise.rules.time,
        min_time_ms=exercise.rules.min_time,
        modes=tuple(dict.fromkeys(exercise.rules.modes)),
        attempts=_limits(exercise.rules.attempts),
    )


def _limits(given: schema.Limits) -> plans.Limits:
    return plans.Limits(max=given.max, per=given.per, keep=given.keep, wait_ms=given.wait)


def pack(exercise: schema.Exercise, compiled: plans.Plan, *, sha256: str, variant: int = 0) -> ExercisePack:
    """Return what a cell is armed with for a person without accommodations. `exercise` and plan are the variant's."""
    awaited = {name for inject in exercise.injects for name in (inject.when, inject.unless) if name is not None}
    return ExercisePack(
        exercise=exercise.id,
        version=exercise.version,
        sha256=sha256,
        title=parts.words(exercise.title),
        clock=exercise.start.clock,
        limit_ms=exercise.rules.time,
        agreement=exercise.start.agreement,
        seats=tuple(_seat(name, seat) for name, seat in exercise.seats.items()),
        cast=tuple(_cast(exercise)),
        set=tuple(_change(each) for each in exercise.start.set),
        add=tuple(_row(table, row) for table, rows in exercise.start.add.items() for row in rows),
        injects=tuple(_inject(inject) for inject in exercise.injects),
        events={name: list(compiled.events[name]) for name in sorted(awaited)},
        questions=tuple(_question(check) for check in exercise.checks if check.answer is not None),
        skips=tuple(
            exercise_pack.Skip(step=step.id, to=step.skip.to, label=parts.words(step.skip))
            for step in exercise.steps
            if step.skip is not None
        ),
        variant=variant,
    )


def _row(table: str, row: Mapping[str, Any]) -> exercise_pack.StartRow:
    values = {column: travelling(value) for column, value in row.items() if column != "as"}
    return exercise_pack.StartRow(table=table, alias=row.get("as"), row=values)


def _change(given: schema.Change) -> exercise_pack.StartSet:
    return exercise_pack.StartSet(table=given.table, where=travelling(given.where), to=travelling(given.to))


def accommodate(standard: ExercisePack, *, time_factor: int = 1, untimed: bool = False) -> ExercisePack:
    """Return the pack for a person with extra time: the one clock runs slower; `untimed` has no limit, factor 4."""
    if untimed:
        return replace(standard, time_factor=MAX_FACTOR, limit_ms=None)
    return replace(standard, time_factor=time_factor)


def travelling(value: Any) -> Any:
    """Return a value of the file as JSON carries it: exact numbers become text."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        return {key: travelling(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [travelling(inner) for inner in value]
    return value


def _seat(name: str, seat: schema.Seat) -> exercise_pack.Seat:
    return exercise_pack.Seat(name=name, role=seat.role, dept=seat.dept, ward=seat.ward, title=parts.words(seat))


def _cast(exercise: schema.Exercise) -> list[exercise_pack.CastMember]:
    return [
        exercise_pack.CastMember(
            name=name,
            kind=person.kind,
            label=person.from_,
            absent=person.absent,
            identity=tuple(person.identity),
            columns={column: travelling(value) for column, value in (person.model_extra or {}).items()},
        )
        for name, person in exercise.cast.items()
    ]


def _inject(inject: schema.Inject) -> exercise_pack.Inject:
    return exercise_pack.Inject(
        id=inject.id,
        at=inject.at,
        when=inject.when,
        delay_ms=inject.delay,
        unless=inject.unless,
        say_from=None if inject.say is None else parts.words(inject.say.from_),
        say=None if inject.say is None else parts.words(inject.say),
        set=None if inject.set is None else _change(inject.set),
        add=None if inject.add is None else next(_row(table, row) for table, row in inject.add.items()),
        jump=inject.jump,
    )


def _question(check: schema.Check) -> exercise_pack.Question:
    if check.answer is None:
        raise ValueError(f"check {check.id} asks nothing")
    return exercise_pack.Question(
        check=check.id,
        ask=parts.words(check.answer.ask),
        type=check.answer.type,
        choices={name: parts.words(told) for name, told in check.answer.choices.items()},
    )

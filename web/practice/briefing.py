"""What the trainee reads beside the hospital: goal, steps with hints, people, accounts. No checks, no keys."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from sandbox.attempts import showing
from sandbox.attempts.model import Attempt
from sandbox.attempts.showing import Hints
from sandbox.contract import moments, seats
from sandbox.contract.exercise_pack import FREE_PRACTICE
from sandbox.errors import Language
from sandbox.exercises import loader, schema
from web import wording
from web.wording import _, _n

_PLACE = re.compile(r"\{\$([a-z][a-z0-9_]*)\.([a-z_]+)\}")
_SEXES = {"1": {"zh": "男", "en": "male"}, "2": {"zh": "女", "en": "female"}}


@dataclass(frozen=True, kw_only=True)
class SeatView:
    name: str
    title: str
    account: str
    password: str


@dataclass(frozen=True, kw_only=True)
class HintView:
    """`text` once it is open; `offered` if it is the next one that may be opened."""

    id: str
    text: str
    offered: bool
    offer: str


@dataclass(frozen=True, kw_only=True)
class StepView:
    id: str
    text: str
    seat: str
    skip: str
    """Label of the button inside the hospital that lets time pass; '' = none."""
    hints: tuple[HintView, ...]


@dataclass(frozen=True, kw_only=True)
class CastView:
    name: str
    facts: str


@dataclass(frozen=True, kw_only=True)
class Briefing:
    title: str
    goal: str
    seats: tuple[SeatView, ...]
    steps: tuple[StepView, ...]
    cast: tuple[CastView, ...]
    hints: str = ""
    """What opening a hint means in this mode; '' if there is none to open."""
    questions: tuple[str, ...] = ()
    """Asked and answered inside the hospital."""


class Told(Protocol):
    """A text in both languages, of an exercise file or of a pack."""

    @property
    def zh(self) -> str: ...
    @property
    def en(self) -> str: ...


def of_exercise(content: bytes, *, attempt: Attempt, nonce: str, opened: frozenset[str], today: date) -> Briefing:
    """Return the briefing of a released exercise as drawn for this attempt; `opened` are the hints already opened."""
    exercise = loader.trusted(content).variants[attempt.variant].exercise
    price = showing.hints(attempt.mode)
    titles = {name: told(seat) for name, seat in exercise.seats.items()}
    return Briefing(
        title=told(exercise.title),
        goal=told(exercise.goal) if exercise.goal else "",
        seats=accounts(titles, nonce),
        steps=tuple(_step(step, exercise, titles, opened, today, price=price) for step in exercise.steps),
        cast=tuple(_person(exercise.cast[name], today) for name in _named(exercise)),
        hints=_hint_words(price) if any(step.hints for step in exercise.steps) else "",
        questions=tuple(told(check.answer.ask) for check in exercise.checks if check.answer is not None),
    )


def of_free_practice(*, nonce: str) -> Briefing:
    """Return the briefing of an instance without an exercise."""
    return Briefing(
        title=told(FREE_PRACTICE.title),
        goal=_("Try whatever you like: register a patient, see them, prescribe, charge, dispense. Nothing is graded."),
        seats=accounts({seat.name: told(seat.title) for seat in FREE_PRACTICE.seats}, nonce),
        steps=(),
        cast=(),
    )


def _hint_words(price: Hints) -> str:
    return {
        "free": _("Hints cost nothing in practice."),
        "cost": _("A hint costs the points written on it, unless its step is right already."),
        "hidden": _("There are no hints in an exam."),
    }[price]


def _named(exercise: schema.Exercise) -> list[str]:
    """Return the people whom the steps name; who else is in the hospital is for the trainee to notice."""
    texts = " ".join(step.zh + step.en for step in exercise.steps)
    found = dict.fromkeys(name for name, _column in _PLACE.findall(texts))
    return [name for name in found if name in exercise.cast]


def told(words: Told) -> str:
    """Return the text in this request's language."""
    language: Language = wording.language()
    return words.zh if language == "zh" else words.en


def accounts(titles: Mapping[str, str], nonce: str) -> tuple[SeatView, ...]:
    """Return the log-ins of these seats, derived from the cell's nonce as the hospital derives them."""
    return tuple(
        SeatView(
            name=name,
            title=title,
            account=seats.account_name(name),
            password=seats.initial_password(nonce, name),
        )
        for name, title in titles.items()
    )


def steps_hints(content: bytes, hint: str) -> tuple[str, ...]:
    """Return the ids of the hints of the step this one belongs to, in their order; empty for an unknown one."""
    for step in loader.trusted(content).exercise.steps:
        ids = tuple(each.id for each in step.hints)
        if hint in ids:
            return ids
    return ()


def _step(
    step: schema.Step,
    exercise: schema.Exercise,
    titles: Mapping[str, str],
    opened: frozenset[str],
    today: date,
    *,
    price: Hints,
) -> StepView:
    return StepView(
        id=step.id,
        text=_filled(told(step), exercise.cast, today),
        seat=titles.get(step.seat or "", ""),
        skip=told(step.skip) if step.skip is not None else "",
        hints=tuple(_hints(step.hints, exercise.cast, opened, today, price=price)) if price != "hidden" else (),
    )


def _hints(
    hints: Iterable[schema.Hint],
    cast: Mapping[str, schema.CastMember],
    opened: frozenset[str],
    today: date,
    *,
    price: Hints,
) -> Iterable[HintView]:
    next_one = True
    for number, hint in enumerate(hints, start=1):
        is_open = hint.id in opened
        free = price == "free" or not hint.cost
        cost = _("free") if free else _n("costs %(n)s point", "costs %(n)s points", int(hint.cost))
        yield HintView(
            id=hint.id,
            text=_filled(told(hint), cast, today) if is_open else "",
            offered=not is_open and next_one,
            offer=_("Hint %(number)s (%(price)s)", number=number, price=cost),
        )
        next_one = is_open


def _filled(text: str, cast: Mapping[str, schema.CastMember], today: date) -> str:
    def value(found: re.Match[str]) -> str:
        member = cast.get(found[1])
        columns = (member.model_extra or {}) if member else {}
        written = columns.get(found[2])
        if found[2] == "birth_date" and isinstance(written, str):
            return moments.resolve(written, today).day.isoformat()
        return str(written) if written is not None else found[0]

    return _PLACE.sub(value, text)


def _person(person: schema.CastMember, today: date) -> CastView:
    columns = person.model_extra or {}
    facts = []
    sex = _SEXES.get(str(columns.get("sex")))
    if sex:
        facts.append(sex[wording.language()])
    born = columns.get("birth_date")
    if isinstance(born, str):
        facts.append(_n("%(n)s year old", "%(n)s years old", _age(moments.resolve(born, today).day, today)))
    if person.absent:
        facts.append(_("not on file yet"))
    return CastView(name=str(columns.get("name") or person.from_ or ""), facts=" · ".join(facts))


def _age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))

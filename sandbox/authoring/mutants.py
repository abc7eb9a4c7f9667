"""Mutants of the reference: the right run with one thing wrong. What no check notices, no trainee can learn from.

drop:<act> left out · swap:<a>/<b> neighbours exchanged · patient:<act>/<name> aimed at somebody else ·
field:<act>.<attribute> another value where something looks · repeat:<act> done twice · junk:<name> somebody else's
chart opened at the end · late:<act> the end of a time limit, and all after it, put off beyond the limit.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sandbox.authoring import mentions, values
from sandbox.authoring.values import World
from sandbox.contract.catalogue import ACTIONS
from sandbox.exercises import plan as plans
from sandbox.exercises import schema, scripts
from sandbox.exercises.loader import Variant
from sandbox.exercises.plan import Plan
from sandbox.exercises.scripts import Act
from sandbox.exercises.vocabulary import Vocabulary

WRITES = frozenset({"transition", "write"})
_LATER_MS = 1000
_CHART, _GLASS = "chart.open", "chart.break_glass"
_GIVEN_AS = {"drugs": "drug", "classes": "drug", "max_days": "days"}
"""Attributes that the hospital takes from the list of drugs -> what stands in that list."""


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """`id` is `kind:what`, unique in an exercise; `acts` are the whole run."""

    id: str
    acts: tuple[Act, ...]
    repeats: str = ""
    """Label of the second doing: a mutant that only repeats excuses itself if the hospital refuses that."""


def of(variant: Variant, reference: schema.SelfTest, vocabulary: Vocabulary) -> list[Mutant]:
    """Return every mutant, always in the same order."""
    exercise, plan = variant.exercise, variant.plan
    acts = scripts.resolve(exercise, reference)
    world = _world(exercise, vocabulary)
    made = [
        *(Mutant(id=f"drop:{act.label}", acts=_without(acts, act)) for act in acts),
        *_swaps(acts),
        *_other_patients(exercise, acts),
        *_other_values(plan, acts, world),
        *_repeats(acts),
        *_junk(exercise, acts),
        *_late(plan, acts, world),
    ]
    return list({mutant.id: mutant for mutant in made}.values())


def _world(exercise: schema.Exercise, vocabulary: Vocabulary) -> World:
    records: dict[str, list[str]] = {}
    for name, person in exercise.cast.items():
        records.setdefault(person.kind, []).append(name)
    for table, rows in exercise.start.add.items():
        records.setdefault(table, []).extend(str(row["as"]) for row in rows if "as" in row)
    known = {table: tuple(names) for table, names in records.items()}
    return World(
        vocabulary=vocabulary, records=known, bound=mentions.bound(name for names in known.values() for name in names)
    )


def _without(acts: Sequence[Act], gone: Act) -> tuple[Act, ...]:
    return tuple(act for act in acts if act is not gone)


def _with(acts: Sequence[Act], old: Act, new: Act) -> tuple[Act, ...]:
    return tuple(new if act is old else act for act in acts)


def _swaps(acts: Sequence[Act]) -> Iterator[Mutant]:
    for index, (first, then) in enumerate(itertools.pairwise(acts)):
        exchanged = (replace(then, at_ms=first.at_ms), replace(first, at_ms=then.at_ms))
        yield Mutant(id=f"swap:{first.label}/{then.label}", acts=(*acts[:index], *exchanged, *acts[index + 2 :]))


def _patients(exercise: schema.Exercise) -> list[str]:
    return [name for name, person in exercise.cast.items() if person.kind == "patient" and not person.absent]


def _other_patients(exercise: schema.Exercise, acts: Sequence[Act]) -> Iterator[Mutant]:
    for act in acts:
        for name, fields in _aimed(exercise, act):
            yield Mutant(
                id=f"patient:{act.label}/{name}", acts=_with(acts, act, replace(act, fields={**act.fields, **fields}))
            )


def _aimed(exercise: schema.Exercise, act: Act) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield, per other person, what the act would say of him: the person, or his record of the same kind."""
    if "patient" in act.fields:
        yield from (
            (name, {"patient": f"${name}"}) for name in _patients(exercise) if act.fields["patient"] != f"${name}"
        )
        return
    rows = exercise.start.add.get(ACTIONS[act.action].target, [])
    owner = {f"${row.get('as')}": str(row.get("patient")) for row in rows if "as" in row}
    mine = owner.get(str(act.fields.get("target")))
    for record, patient in owner.items():
        if mine is not None and patient != mine and patient.startswith("$"):
            yield patient[1:], {"target": record}


def _other_values(plan: Plan, acts: Sequence[Act], world: World) -> Iterator[Mutant]:
    for act in acts:
        for name, fields in _changed(plan, act, world):
            changed = replace(act, fields={**act.fields, **fields})
            yield Mutant(id=f"field:{act.label}.{name}", acts=_with(acts, act, changed))


def _changed(plan: Plan, act: Act, world: World) -> Iterator[tuple[str, dict[str, Any]]]:
    if act.action == "answer.give":
        answer = _answer(plan, str(act.fields.get("check")))
        if answer is not None:
            yield "value", {"value": _wrong_answer(answer, act.fields.get("value"))}
        return
    kinds = scripts.kinds_of(act.action)
    for name, value in act.fields.items():
        if name == "items" and isinstance(value, list):
            yield from _other_items(plan, act.action, value, world)
        elif name in kinds and name not in ("patient", "target", "encounter"):
            matchers = mentions.matchers(plan, act.action, name)
            if matchers:
                yield name, {name: values.other(value, kinds[name], matchers, world)}


def _other_items(
    plan: Plan, action: str, items: list[dict[str, Any]], world: World
) -> Iterator[tuple[str, dict[str, Any]]]:
    for attribute, key in _GIVEN_AS.items():
        matchers = mentions.matchers(plan, action, attribute) + mentions.columns(plan, "rx_item", key)
        if not matchers:
            continue
        if key == "days":
            given = [{**item, key: values.other(item.get(key, 1), "int", matchers, world)} for item in items]
        else:
            spoken = {str(code) for matcher in matchers for code in matcher.values()} | {
                item.get(key) for item in items
            }
            fresh = [code for code in sorted(world.vocabulary.codes.get("drugs", ())) if code not in spoken]
            given = [{**item, key: code} for item, code in zip(items, fresh, strict=False)]
        if given:
            yield key, {"items": given}


def _answer(plan: Plan, check: str) -> plans.Answer | None:
    looks = (part for one in plan.checks for part in mentions.parts(one.part))
    return next((part for part in looks if isinstance(part, plans.Answer) and part.check == check), None)


def _wrong_answer(answer: plans.Answer, value: Any) -> Any:
    if answer.type == "number":
        return int(value + answer.tolerance + 1)
    if answer.type == "choice":
        return next((choice for choice in answer.choices if choice not in answer.keys), "")
    if answer.type == "choices":
        return list(value)[:-1]
    return values.OTHER_TEXT


def _repeats(acts: Sequence[Act]) -> Iterator[Mutant]:
    for index, act in enumerate(acts):
        if ACTIONS[act.action].kind in WRITES:
            again = replace(act, label=f"{act.label}+", at_ms=act.at_ms + _LATER_MS)
            run = sorted((*acts[: index + 1], again, *acts[index + 1 :]), key=lambda each: each.at_ms)
            yield Mutant(id=f"repeat:{act.label}", acts=tuple(run), repeats=again.label)


def _junk(exercise: schema.Exercise, acts: Sequence[Act]) -> Iterator[Mutant]:
    """Yield the run with a chart too many: tried, the glass broken, tried again, as somebody curious would."""
    if not acts:
        return
    opened = {act.fields.get("patient") for act in acts if act.action == _CHART}
    openers = [act.seat for act in acts if act.action == _CHART]
    clinical = [name for name, seat in exercise.seats.items() if seat.role in ("OPD", "IPD", "NUR")]
    seat = (openers or clinical or [acts[-1].seat])[0]
    end = acts[-1].at_ms
    for name in _patients(exercise):
        if f"${name}" not in opened:
            peek = Act(label="peek", at_ms=end + _LATER_MS, seat=seat, action=_CHART, fields={"patient": f"${name}"})
            reason = {"patient": f"${name}", "reason": "OTHER", "text": values.OTHER_TEXT}
            glass = replace(peek, label="glass", at_ms=end + 2 * _LATER_MS, action=_GLASS, fields=reason)
            again = replace(peek, label="again", at_ms=end + 2 * _LATER_MS)
            yield Mutant(id=f"junk:{name}", acts=(*acts, peek, glass, again))


def _late(plan: Plan, acts: Sequence[Act], world: World) -> Iterator[Mutant]:
    looks = (part for check in plan.checks for part in mentions.parts(check.part))
    for within in (part for part in looks if isinstance(part, plans.Within)):
        end = _first(plan, within.to, acts, world)
        begin = None if within.start == plans.START else _first(plan, within.start, acts, world)
        if end is None or (begin is None and within.start != plans.START):
            continue
        limit = within.full_ms if within.zero_ms is None else within.zero_ms
        late_at = (0 if begin is None else begin.at_ms) + limit + _LATER_MS
        delay = max(0, late_at - end.at_ms)
        at = acts.index(end)
        yield Mutant(id=f"late:{end.label}", acts=(*acts[:at], *_delayed(acts[at:], delay)))


def _delayed(acts: Iterable[Act], delay_ms: int) -> Iterator[Act]:
    return (replace(act, at_ms=act.at_ms + delay_ms) for act in acts)


def _first(plan: Plan, event: str, acts: Sequence[Act], world: World) -> Act | None:
    patterns = plan.events[event]
    return next((act for act in acts if any(mentions.may_be(act, pattern, world.bound) for pattern in patterns)), None)

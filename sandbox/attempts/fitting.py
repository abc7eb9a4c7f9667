"""May evidence of one exercise version be graded by another? Only if the trainee met the same hospital. Pure."""

from __future__ import annotations

from typing import Any

from sandbox.contract.exercise_pack import Words
from sandbox.exercises.loader import Loaded
from sandbox.exercises.schema import Exercise


def misfits(played: Loaded, target: Loaded) -> tuple[Words, ...]:
    """Return why evidence of `played` cannot be graded by `target`; empty = it can.

    Texts, checks, never rules, events, hints and tests may differ: they look at what happened. What made it happen
    may not: events that injects wait for, and questions that nobody had a chance to answer.
    """
    if played.exercise.id != target.exercise.id:
        return (Words(zh="不是同一个练习", en="it is another exercise"),)
    if len(played.variants) != len(target.variants):
        return (Words(zh="变体数量不同", en="it has another number of variants"),)
    pairs = zip(played.variants, target.variants, strict=True)
    found = [each for old, new in pairs for each in _misfits(old.exercise, new.exercise)]
    return tuple(dict.fromkeys(found))


def _misfits(played: Exercise, target: Exercise) -> list[Words]:
    found = []
    if played.start.dataset != target.start.dataset:
        found.append(Words(zh="数据集不同", en="its dataset is another one"))
    elif played.start != target.start:
        found.append(Words(zh="起始数据不同", en="it starts from other data"))
    if played.cast != target.cast:
        found.append(Words(zh="人员不同", en="its cast is another one"))
    if played.seats != target.seats:
        found.append(Words(zh="岗位不同", en="its seats are other ones"))
    if played.injects != target.injects or _awaited(played) != _awaited(target):
        found.append(Words(zh="练习中发生的事件不同", en="other things happen during it"))
    if _asks_more(played, target):
        found.append(Words(zh="提出了当时没有的问题", en="it asks what nobody was asked"))
    if [step.skip for step in played.steps if step.skip] != [step.skip for step in target.steps if step.skip]:
        found.append(Words(zh="跳转时间不同", en="its clock can be moved otherwise"))
    return found


def _awaited(exercise: Exercise) -> dict[str, Any]:
    names = {name for inject in exercise.injects for name in (inject.when, inject.unless) if name is not None}
    return {name: exercise.events[name] for name in sorted(names)}


def _asks_more(played: Exercise, target: Exercise) -> bool:
    asked = _questions(played)
    return any(asked.get(check) != form for check, form in _questions(target).items())


def _questions(exercise: Exercise) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return the form of the answer that each question takes."""
    return {
        check.id: (check.answer.type, tuple(sorted(check.answer.choices)))
        for check in exercise.checks
        if check.answer is not None
    }

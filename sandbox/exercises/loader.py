"""Reads an exercise file: bytes in, exercise and plan out, or every problem at once with its place."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from sandbox.errors import ExerciseInvalidError
from sandbox.exercises import compile as compiling
from sandbox.exercises import consistency, linking, names, plan, schema, scripts, shape, tree, varying
from sandbox.exercises.problems import Problem, Problems, TooManyProblemsError
from sandbox.exercises.vocabulary import Vocabulary


@dataclass(frozen=True, kw_only=True)
class Variant:
    """One drawing of what varies; an exercise without `vary` has exactly one."""

    exercise: schema.Exercise
    plan: plan.Plan


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """A file without problems."""

    variants: tuple[Variant, ...]
    sha256: str

    @property
    def exercise(self) -> schema.Exercise:
        """The first variant; what lists show (title, rules, seats of the file) is the same in all."""
        return self.variants[0].exercise

    @property
    def plan(self) -> plan.Plan:
        """The first variant's plan."""
        return self.variants[0].plan


def load(data: bytes, *, vocabulary: Vocabulary | None = None, file: str = "exercise.yaml") -> Loaded:
    """Return the exercise. Raises ExerciseInvalidError with every problem, each `file:line:column code sentence`.

    Without a vocabulary codes and labels are taken as they are: the grader knows no dataset.
    """
    loaded, problems = examine(data, vocabulary=vocabulary)
    if loaded is None:
        raise ExerciseInvalidError(
            problems_zh="\n".join(problem.say(file, "zh") for problem in problems),
            problems_en="\n".join(problem.say(file, "en") for problem in problems),
        )
    return loaded


def examine(data: bytes, *, vocabulary: Vocabulary | None = None) -> tuple[Loaded | None, tuple[Problem, ...]]:
    """Return the exercise, or None and every problem in the order of the file, as many as one list holds."""
    problems = Problems()
    try:
        whole = _variants(data, problems, vocabulary)
    except TooManyProblemsError:
        return None, problems.sorted()
    if problems.found:
        return None, problems.sorted()
    return Loaded(variants=whole, sha256=hashlib.sha256(data).hexdigest()), ()


def _variants(data: bytes, problems: Problems, vocabulary: Vocabulary | None) -> tuple[Variant, ...]:
    root = tree.read(data, problems)
    if root is None:
        return ()
    read = [_variant(each, problems, vocabulary) for each in varying.variants(root, problems)]
    return tuple(each for each in read if each is not None)


@lru_cache(maxsize=64)
def trusted(data: bytes) -> Loaded:
    """Return a released exercise, read once: equal bytes, equal value. Raises ExerciseInvalidError."""
    return load(data)


def _variant(root: tree.Node, problems: Problems, vocabulary: Vocabulary | None) -> Variant | None:
    checked = shape.check(root, problems)
    linked = _link(checked.exercise, names.scope(root, problems, vocabulary, checked.places))
    return None if linked is None else Variant(exercise=checked.exercise, plan=linked)


def _link(exercise: schema.Exercise, scope: names.Scope) -> plan.Plan | None:
    known = linking.events(exercise.events, scope)
    inline: dict[str, tuple[plan.Compiled, ...]] = {}
    consistency.check(exercise, known, scope)
    checks = [linking.check(one, known, scope, ("checks", at)) for at, one in scope.each("checks", exercise.checks)]
    rules = [linking.never(one, inline, scope, ("never", at)) for at, one in scope.each("never", exercise.never)]
    scripts.check(exercise, scope)
    consistency.unused(exercise, scope)
    if scope.problems.found:
        return None
    return compiling.plan(
        exercise,
        events={**known, **inline},
        checks=tuple(check for check in checks if check is not None),
        never=tuple(rule for rule in rules if rule is not None),
    )

"""Which runs prove an exercise, and what they gave: tests of every variant, mutants of the first one's reference."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sandbox.authoring import mutants, selftest
from sandbox.authoring.mutants import Mutant
from sandbox.contract.replay import Replayed, Replays, Script, whole
from sandbox.exercises import schema
from sandbox.exercises.loader import Loaded
from sandbox.exercises.vocabulary import Vocabulary
from sandbox.grading import evidence
from sandbox.grading.report import Report

ANCHOR = "2026-03-02"
"""The hospital date of every rehearsal: equal files give equal reports."""
REFERENCE = "reference"


@dataclass(frozen=True, kw_only=True)
class Task:
    """One script of a variant: some of its runs."""

    variant: int
    script: Script


@dataclass(frozen=True, kw_only=True)
class Tried:
    """One mutant, what its run gave, and the run."""

    mutant: Mutant
    run: Replayed
    report: Report


@dataclass(frozen=True, kw_only=True)
class Rehearsed:
    """Everything the gate judges. `unarmed` says why a variant's start does not fit the hospital."""

    outcomes: tuple[tuple[int, selftest.Outcome], ...] = ()
    tried: tuple[Tried, ...] = ()
    unarmed: str = ""


def reference(exercise: schema.Exercise) -> schema.SelfTest | None:
    """Return the run that everything is compared with."""
    return next((test for test in exercise.tests if test.name == REFERENCE), None)


def tasks(loaded: Loaded, vocabulary: Vocabulary, *, quick: bool = False, at_once: int = 1) -> list[Task]:
    """Return the scripts to replay, each cut into `at_once` parts; `quick` leaves the mutants out."""
    made = [
        Task(variant=number, script=script)
        for number in range(len(loaded.variants))
        for script in selftest.build(loaded, anchor=ANCHOR, variant=number)
    ]
    if not quick:
        made = [_with_mutants(task, loaded, vocabulary) for task in made]
    return [part for task in made for part in _parts(task, at_once)]


def _with_mutants(task: Task, loaded: Loaded, vocabulary: Vocabulary) -> Task:
    """Add the mutants to the script that runs the reference: they are armed alike."""
    model = reference(loaded.exercise)
    if model is None or task.variant or model.name not in {run.name for run in task.script.runs}:
        return task
    wrong = (selftest.run_of(mutant.id, mutant.acts) for mutant in mutants.of(loaded.variants[0], model, vocabulary))
    return replace(task, script=replace(task.script, runs=(*task.script.runs, *wrong)))


def _parts(task: Task, number: int) -> Iterable[Task]:
    runs = task.script.runs
    size = -(-len(runs) // number) or 1
    for begin in range(0, len(runs), size):
        yield replace(task, script=replace(task.script, runs=runs[begin : begin + size]))


def judged(
    loaded: Loaded, vocabulary: Vocabulary, replays: Sequence[tuple[Task, Replays]], *, with_mutants: bool = True
) -> Rehearsed:
    """Grade everything that was replayed, or the tests alone."""
    unfit = next((given.unfit for _, given in replays if given.unfit), "")
    if unfit:
        return Rehearsed(unarmed=unfit)
    runs: dict[tuple[int, str], Replayed] = {
        (task.variant, run.name): run for task, given in replays for run in whole(given)
    }
    outcomes = tuple(
        (number, outcome)
        for number in range(len(loaded.variants))
        for outcome in selftest.prove(
            loaded, [run for (variant, _), run in runs.items() if variant == number], variant=number
        )
    )
    tried = tuple(_tried(loaded, vocabulary, runs)) if with_mutants else ()
    return Rehearsed(outcomes=outcomes, tried=tried)


def _tried(loaded: Loaded, vocabulary: Vocabulary, runs: dict[tuple[int, str], Replayed]) -> Iterable[Tried]:
    model = reference(loaded.exercise)
    if model is None:
        return
    for mutant in mutants.of(loaded.variants[0], model, vocabulary):
        run = runs.get((0, mutant.id))
        if run is not None:
            yield Tried(
                mutant=mutant,
                run=run,
                report=selftest.graded(loaded, model, evidence.replayed(run.rows, run.state.tables)),
            )

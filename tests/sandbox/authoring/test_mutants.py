"""Mutants of the reference: which there are, always the same, each with one thing wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox import bootstrap
from sandbox.authoring import mutants, rehearsing
from sandbox.authoring.mutants import Mutant
from sandbox.exercises import loader, scripts
from sandbox.exercises.loader import Loaded
from sandbox.exercises.scripts import Act
from tests.sandbox.exercises import files

ROOT = Path(__file__).resolve().parents[3]
SHIPPED = ROOT / "fixtures" / "exercises"
EXAMPLE = SHIPPED / "examples" / "x15-potassium-critical-value.yaml"
ALL = sorted(SHIPPED.rglob("*.yaml"))


def loaded(path: Path) -> Loaded:
    return loader.load(path.read_bytes(), vocabulary=bootstrap.vocabulary())


def of(exercise: Loaded) -> list[Mutant]:
    model = rehearsing.reference(exercise.exercise)
    assert model is not None
    return mutants.of(exercise.variants[0], model, bootstrap.vocabulary())


def reference(exercise: Loaded) -> dict[str, Act]:
    model = rehearsing.reference(exercise.exercise)
    assert model is not None
    return {act.label: act for act in scripts.resolve(exercise.exercise, model)}


def test_the_example_has_fifty_two_mutants_and_excuses_eight_of_them() -> None:
    example = loaded(EXAMPLE)
    ids = [mutant.id for mutant in of(example)]
    excused = [name for one in example.exercise.equivalent for name in one.mutants]
    assert (len(ids), len(excused)) == (52, 8)
    assert set(excused) <= set(ids)
    counted = {kind: sum(one.startswith(kind) for one in ids) for kind in ("drop", "swap", "patient", "field")}
    assert counted == {"drop": 12, "swap": 11, "patient": 6, "field": 10}
    assert [one for one in ids if one.startswith(("junk", "late"))] == [
        "junk:zhou2",
        "junk:vip",
        "late:ntf",
        "late:hdl",
    ]


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_ids_are_unique_and_mutants_always_the_same(path: Path) -> None:
    first, second = of(loaded(path)), of(loaded(path))
    assert first == second
    assert len({mutant.id for mutant in first}) == len(first)


def test_another_process_with_another_hash_seed_makes_the_same_mutants() -> None:
    program = (
        "from tests.sandbox.authoring.test_mutants import *\n"
        "print([(one.id, [(a.label, a.at_ms, dict(a.fields)) for a in one.acts]) for one in of(loaded(EXAMPLE))])"
    )

    def made(seed: str) -> bytes:
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        return subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True).stdout

    assert made("1") == made("2")


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_every_mutant_differs_from_the_reference(path: Path) -> None:
    exercise = loaded(path)
    right = tuple(reference(exercise).values())
    assert [mutant.id for mutant in of(exercise) if mutant.acts == right] == []


def test_what_is_late_keeps_its_order() -> None:
    late = next(mutant for mutant in of(loaded(EXAMPLE)) if mutant.id == "late:hdl")
    right = list(reference(loaded(EXAMPLE)).values())
    assert [act.label for act in late.acts] == [act.label for act in right]
    minutes = {act.label: act.at_ms / 60_000 for act in late.acts}
    # Notified after 4 minutes, nothing left of the points after 45 more.
    assert (round(minutes["hdl"]), round(minutes["cls"])) == (49, 65)
    assert minutes["rec"] == 12


def test_a_value_is_changed_to_one_that_a_matcher_tells_apart() -> None:
    fields = {}
    for mutant in of(loaded(SHIPPED / "x05-urti-penicillin-allergy.yaml")):
        kind, _, what = mutant.id.partition(":")
        label, _, name = what.partition(".")
        if kind == "field":
            fields[what] = next(act for act in mutant.acts if act.label == label).fields.get(name)
    # Mild and moderate are equally right there, so severe it must be.
    assert fields["alg.severity"] == "3"
    assert fields["rec.past"] == "另写一句"
    assert fields["rec.complaint"] == ""
    assert fields["dia.code"] not in ("J06.9", "J03.9")


def test_a_small_exercise_has_the_mutants_one_expects() -> None:
    exercise = loader.load(files.VALID.encode())
    kinds = [mutant.id.partition(":")[0] for mutant in of(exercise)]
    acts = len(reference(exercise))
    assert (kinds.count("drop"), kinds.count("swap")) == (acts, acts - 1)

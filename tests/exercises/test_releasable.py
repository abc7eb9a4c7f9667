"""What we ship is released through the gate like anybody's file, and the gate is quick."""

from __future__ import annotations

import csv
import hashlib
import resource
from pathlib import Path

import pytest

from sandbox.adapters.drivers import process
from sandbox.adapters.drivers.oneshot import ImageOneShot, ProcessProgram
from sandbox.contract import CONTRACT_VERSION
from sandbox.exercises import loader
from sandbox.exercises.vocabulary import Vocabulary
from sandbox.proving import AT_ONCE, Prover
from tests.exercises.conftest import FILES, ROOT

LIMIT_S = 10.0
"""For all shipped exercises, tests and mutants, on two cores; source: exercises.md 15 and the issue's figures."""


@pytest.fixture(scope="module")
def prover(golden: Path, vocabulary: Vocabulary, tmp_path_factory: pytest.TempPathFactory) -> Prover:
    one_shot = ImageOneShot(program=ProcessProgram(ROOT), scratch=tmp_path_factory.mktemp("scratch"))
    return Prover(one_shot=one_shot, image=process.image_of(ROOT), golden=golden, vocabulary=vocabulary)


def spent() -> float:
    """Return the seconds that the work so far takes on idle cores: ours, and our programs' side by side.

    Made of the processor's own count, for a test machine is rarely idle.
    """
    mine, programs = (resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return mine.ru_utime + mine.ru_stime + (programs.ru_utime + programs.ru_stime) / AT_ONCE


def test_all_pass_the_gate_in_memory_within_ten_seconds(prover: Prover) -> None:
    begun = spent()
    findings = {}
    for file in FILES:
        content = file.read_bytes()
        report = prover.prove(content, loader.load(content, vocabulary=prover.vocabulary))
        findings[file.stem] = [f"{one.line} {one.code} {one.en}" for one in report.findings]
    assert findings == {file.stem: [] for file in FILES}
    assert spent() - begun <= LIMIT_S


def test_the_list_of_proven_files_is_that_of_the_shipped_ones() -> None:
    """Whoever changes a file or the contract runs `exercise check --real` and writes its line anew."""
    with (ROOT / "fixtures/exercises/proven.csv").open(encoding="utf-8") as file:
        listed = [(row["sha256"], row["contract"]) for row in csv.DictReader(file)]
    shipped = [(hashlib.sha256(path.read_bytes()).hexdigest(), str(CONTRACT_VERSION)) for path in FILES]
    assert listed == shipped


def test_a_quick_proof_leaves_mutants_out(prover: Prover) -> None:
    content = FILES[0].read_bytes()
    report = prover.prove(content, loader.load(content, vocabulary=prover.vocabulary), quick=True)
    assert (report.clean, report.mutants, report.quick, report.releasable) == (True, (), True, False)

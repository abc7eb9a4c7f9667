"""Regrades are computed by processes of their own: alike, and with an honest outcome when one dies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sandbox.adapters.db.bundle import DbStores
from sandbox.adapters.db.engine import Database
from sandbox.adapters.files import FileStore
from sandbox.adapters.graders import GradingProcesses
from sandbox.attempts import computing, evidence
from sandbox.attempts.regrader import Regrader
from sandbox.errors import (
    OutcomeUnknownError,
)
from tests.fakes import FrozenClock
from tests.graded import X05, Archive, Deadly
from tests.sandbox.attempts.second_looking import items, request
from tests.web import papers


def test_other_processes_compute_what_this_one_does(
    peopled: Database[DbStores], clock: FrozenClock, tmp_path: Any
) -> None:
    archive = Archive(peopled, clock, FileStore(tmp_path / "files"))
    for deeds in (papers.CAREFUL, papers.HASTY):
        archive.graded(deeds=deeds)
    found = {}
    processes = GradingProcesses(processes=1)
    for name, means in (("here", archive.regrader._computing), ("there", processes)):
        regrader = Regrader(
            begin=archive.database.transaction,
            reading=archive.database.reading,
            files=archive.files,
            grade=lambda _inputs: pytest.fail("nothing was adjusted"),
            computing=means,
            clock=clock,
        )
        asked = request(archive, exercise="urti-penicillin-allergy")
        while regrader.tick():
            continue
        found[name] = [(one.attempt, one.new_score, one.new_report) for one in items(archive, asked.id).values()]
    processes.close()
    assert found["here"] == found["there"]
    assert len(found["here"]) == 2


def test_a_task_that_fails_tells_its_code(archive: Archive) -> None:
    key = archive.graded()
    with archive.database.reading() as stores:
        order = evidence.order(stores, stores.attempts.get(key), X05)
    task = computing.Task(order=order, old_report="f" * 64, old_error=False)
    assert computing.compute(archive.files, task) == computing.Computed(trouble="SBX-102")


def test_a_process_that_dies_is_an_unknown_outcome_and_the_next_batch_gets_new_ones(
    peopled: Database[DbStores], clock: FrozenClock, tmp_path: Path
) -> None:
    archive = Archive(peopled, clock, FileStore(tmp_path / "files"))
    key = archive.graded()
    with archive.database.reading() as stores:
        order = evidence.order(stores, stores.attempts.get(key), X05)
    task = computing.Task(order=order, old_report=archive.results(key)[0].report_sha256, old_error=False)
    processes = GradingProcesses(processes=1)
    with pytest.raises(OutcomeUnknownError):
        list(processes(Deadly(), [task]))
    assert [one.graded and one.graded.score for one in processes(archive.files, [task])] == ["100.0"]
    processes.close()

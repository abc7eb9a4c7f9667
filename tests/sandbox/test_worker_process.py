"""The worker as its own process on real cells: a trainee's day, a worker that dies, a cell that dies."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from sandbox.attempts.model import AttemptState
from sandbox.provisioning.model import CellState, Observed
from tests import engines, towns
from tests.towns import Town


@pytest.fixture(scope="module", params=["process", pytest.param("docker", marks=pytest.mark.docker)])
def town(request: pytest.FixtureRequest) -> Iterator[Town]:
    with towns.prepared(request.param) as made:
        yield made


def test_a_trainees_day(town: Town) -> None:
    with town.worker():
        key = town.launch()
        first = town.cell(key)
        assert town.health(first).instance == key
        town.reset(key)
        second = town.cell(key)
        assert second != first
        engines.until(lambda: town.state(first) is CellState.GONE, what="the old cell is gone")
        assert town.chain(first) == ""
        town.close(key)
        engines.until(lambda: town.state(second) is CellState.GONE, what="the last cell is gone")
        assert town.chain(second) == ""
        assert town.instance(key).observed is Observed.CLOSED
    assert not {first, second} & {seen.cell for seen in town.services.driver.observe()}


def test_a_killed_worker_is_followed_at_once_and_hospitals_go_on(town: Town) -> None:
    process = town.start()
    key = town.launch()
    cell = town.cell(key)
    pid = engines.serving_pid(town.services.driver.endpoint(cell))
    process.kill()
    process.wait()
    with town.worker():
        again = town.launch()
        assert engines.serving_pid(town.services.driver.endpoint(cell)) == pid
        assert town.cell(key) == cell
        town.close(key)
        town.close(again)
        engines.until(lambda: town.state(cell) is CellState.GONE, what="closed")


def test_a_second_worker_leaves_with_a_sentence_and_harms_nothing(town: Town) -> None:
    with town.worker():
        key = town.launch()
        second = town.start()
        assert second.wait(30) == 1
        assert "SBX-500" in town.log()
        town.reset(key)
        town.close(key)


def test_a_killed_cell_comes_back_with_every_row(town: Town) -> None:
    with town.worker():
        key = town.launch()
        cell = town.cell(key)
        before = town.health(cell)
        assert before.head.seq >= 1
        os.kill(engines.serving_pid(town.services.driver.endpoint(cell)), signal.SIGKILL)
        engines.until(lambda: not engines.running(town.services.driver, cell), what="it died")
        after = town.health(cell)
        assert (after.instance, after.epoch) == (key, 1)
        assert after.head.seq >= before.head.seq
        assert town.cell(key) == cell
        town.close(key)
        engines.until(lambda: town.state(cell) is CellState.GONE, what="closed")
        assert town.chain(cell) == ""


def test_leaving_leaves_hospitals_running(town: Town) -> None:
    with town.worker():
        key = town.launch()
    cell = town.cell(key)
    assert town.health(cell).instance == key
    with town.worker():
        town.close(key)
        engines.until(lambda: town.state(cell) is CellState.GONE, what="closed")


def test_an_attempt_is_opened_sealed_and_graded_without_anybody_pushing(town: Town) -> None:
    with town.worker():
        attempt = town.start_attempt("x05-urti-penicillin-allergy")
        engines.until(lambda: town.attempt(attempt).state is AttemptState.OPEN, what="open", patience_s=60)
        instance = town.attempt(attempt).instance
        assert town.health(town.cell(instance)).instance == instance
        town.submit(attempt)
        engines.until(lambda: town.attempt(attempt).state is AttemptState.GRADED, what="graded", patience_s=60)
        [result] = town.results(attempt)
        assert (result.verdict, result.score) == ("fail", "0.0")
        engines.until(lambda: town.state(town.cell(instance)) is CellState.GONE, what="gone", patience_s=60)

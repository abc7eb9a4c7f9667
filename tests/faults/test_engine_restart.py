"""The engine goes away in the middle of an exercise and comes back: nobody's work is lost, launches wait and go on."""

from __future__ import annotations

import functools
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from sandbox.errors import DiskFullError, EngineUnavailableError
from sandbox.provisioning.model import CellId, CellState, Observed
from tests import engines, towns
from tests.second_engine import SecondEngine, image_on, second_engine
from tests.towns import Town


@pytest.mark.docker
@pytest.mark.timeout(300)
@pytest.mark.parametrize("live_restore", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_the_engine_restarts_in_the_middle_of_an_exercise(live_restore: bool) -> None:
    with (
        second_engine(live_restore=live_restore) as engine,
        towns.prepared("docker", engine=engine.url, image=functools.partial(image_on, engine)) as town,
        town.worker(),
    ):
        key = town.launch()
        cell = town.cell(key)
        before = town.health(cell)
        engines.until(lambda: CellState.READY in [row.state for row in town.present()], what="a ready cell")
        engine.stop()
        first, second = town.ask_launch(), town.ask_launch()
        engines.until(lambda: town.instance(second).trouble == "SBX-301", what="told why", patience_s=60)
        assert town.instance(key).observed is Observed.OPEN
        engine.start()
        engines.until(lambda: town.instance(second).observed is Observed.OPEN, what="launches go on", patience_s=90)
        engines.until(lambda: town.instance(first).observed is Observed.OPEN, what="launches go on", patience_s=90)
        after = town.health(cell)
        assert (after.instance, after.epoch) == (key, 1)
        assert after.head.seq >= before.head.seq
        assert town.cell(key) == cell
        for opened in (key, first, second):
            town.close(opened)
        engines.until(lambda: town.state(cell) is CellState.GONE, what="closed", patience_s=60)
        assert town.chain(cell) == ""


@contextmanager
def town_on(engine: SecondEngine) -> Iterator[Town]:
    """A site on this engine with a worker and one open hospital."""
    with (
        towns.prepared("docker", engine=engine.url, image=functools.partial(image_on, engine)) as town,
        town.worker(),
    ):
        yield town


@pytest.mark.docker
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_while_the_engine_hangs_hospitals_go_on_and_the_reason_is_shown() -> None:
    with second_engine() as engine, town_on(engine) as town:
        key = town.launch()
        cell = town.cell(key)
        engine.send(signal.SIGSTOP)
        try:
            later = town.ask_launch()
            reason = EngineUnavailableError.code
            engines.until(lambda: town.instance(later).trouble == reason, what="told why", patience_s=60)
            assert town.health(cell).instance == key
            assert town.instance(key).observed is Observed.OPEN
        finally:
            engine.send(signal.SIGCONT)
        engines.until(lambda: town.instance(later).observed is Observed.OPEN, what="open", patience_s=120)
        assert town.cell(key) == cell


@pytest.mark.docker
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_full_engine_tells_those_who_wait_leaves_nothing_and_heals_without_a_restart() -> None:
    with second_engine(data_size="600m") as engine, town_on(engine) as town:
        key = town.launch()
        engines.until(lambda: not _being_made(town), what="the pool is at rest", patience_s=60)
        filler = engine.data / "filler"
        with suppress(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(b"x" * 65536)
        waiting = [town.ask_launch() for _ in range(3)]
        told = {DiskFullError.code}
        engines.until(lambda: {town.instance(one).trouble for one in waiting} & told, what="told why", patience_s=90)
        assert town.health(town.cell(key)).instance == key
        filler.unlink()
        engines.until(
            lambda: {town.instance(one).observed for one in waiting} == {Observed.OPEN}, what="open", patience_s=120
        )
        engines.until(lambda: _containers(town) == {one.id for one in town.present()}, what="no left-overs")


def _being_made(town: Town) -> bool:
    return any(one.state in (CellState.PLANNED, CellState.CREATED, CellState.STARTED) for one in town.present())


def _containers(town: Town) -> set[CellId]:
    return {seen.cell for seen in town.services.driver.observe()}

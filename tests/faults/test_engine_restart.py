"""The engine goes away in the middle of an exercise and comes back: nobody's work is lost, launches wait and go on."""

from __future__ import annotations

import functools

import pytest

from sandbox.provisioning.model import CellState, Observed
from tests import engines, towns
from tests.second_engine import image_on, second_engine


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

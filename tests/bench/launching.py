"""Cold launch beside the floor, warm launch beside cold, warm reset."""

from __future__ import annotations

import statistics
from collections.abc import Callable

from sandbox.robot.visitor import Visit, Visitor
from tests.bench.bare import Bare
from tests.bench.stage import BenchError, Stage
from tests.bench.table import Bound, Row, milliseconds, ratio

ROUNDS = 20
SPARE = 3
"""Warm cells while single launches are measured: one is taken, the refill is not waited for by anybody."""
LOOK_AGAIN_S = 0.005
"""A single launch is timed more finely than by the page's second: both sides are asked this often."""


def cold(stage: Stage, rounds: int = ROUNDS) -> tuple[Row]:
    """Press to first page with an empty pool, alternating with create + start + first answer of the engine alone."""
    bare = Bare(stage.services, stage.prepared.image.id)
    ours, floor = [], []
    with stage.serving(0):
        person = _one(stage)
        for _ in range(rounds):
            floor.append(bare.one())
            ours.append(_timed(person, person.launch))
            stage.close_all()
    row = Row(
        key="cold",
        title="cold launch, press → first page through nginx",
        measured=(
            milliseconds("press → first page, pool empty", ours),
            milliseconds("floor: create+start+answer", floor),
        ),
        gates=(ratio("median cold / floor", statistics.median(ours), statistics.median(floor), 1.2),),
    )
    return (row,)


def warm(stage: Stage, rounds: int = ROUNDS) -> tuple[Row]:
    """Press to first page with a warm cell; the same with an empty pool right after it, in turns of five."""
    ours, colds = [], []
    for _ in range(max(1, rounds // 10)):
        with stage.serving(SPARE):
            person = _one(stage)
            for _ in range(min(rounds, 10)):
                stage.until_ready(SPARE)
                ours.append(_timed(person, person.launch))
                stage.close_all()
        with stage.serving(0):
            person = _one(stage)
            for _ in range(min(rounds, 10)):
                colds.append(_timed(person, person.launch))
                stage.close_all()
    measured = milliseconds("press → first page, warm", ours)
    row = Row(
        key="warm",
        title="warm launch, press → first page through nginx",
        measured=(measured, milliseconds("press → first page, pool empty", colds)),
        gates=(ratio("median warm / cold", statistics.median(ours), statistics.median(colds), 0.35),),
        aims=(
            Bound(words="p50 ≤ 60 ms", value=measured.p50, limit=60),
            Bound(words="p95 ≤ 150 ms", value=measured.p95, limit=150),
        ),
    )
    return (row,)


def reset(stage: Stage, rounds: int = ROUNDS) -> tuple[Row]:
    """Press to fresh page with a warm cell, beside warm launches of the same run."""
    ours, launches = [], []
    with stage.serving(SPARE):
        person = _one(stage)
        for _ in range(rounds):
            stage.until_ready(SPARE)
            launches.append(_timed(person, person.launch))
            stage.until_ready(SPARE)
            ours.append(_timed(person, person.reset))
            stage.close_all()
    measured = milliseconds("press → fresh page, warm", ours)
    row = Row(
        key="reset",
        title="warm reset, press → fresh page through nginx",
        measured=(measured, milliseconds("warm launch", launches)),
        aims=(Bound(words="p50 ≤ 120 ms", value=measured.p50, limit=120),),
    )
    return (row,)


def _one(stage: Stage) -> Visitor:
    person = stage.visitors(1)[0]
    person.poll_s = LOOK_AGAIN_S
    return person


def _timed(person: Visitor, deed: Callable[[], Visit]) -> float:
    visit = deed()
    person.hang_up()
    if visit.inside is None:
        raise BenchError(visit.failure)
    return visit.inside


def wake(stage: Stage, rounds: int = ROUNDS) -> tuple[Row]:
    """Press to first page of a sleeping hospital, alternating with cold launches: both start one container."""
    ours, colds = [], []
    with stage.serving(0):
        person = _one(stage)
        for _ in range(rounds):
            colds.append(_timed(person, person.launch))
            stage.put_to_sleep(person.instance)
            ours.append(_timed(person, person.wake))
            stage.close_all()
    row = Row(
        key="wake",
        title="wake, press → first page through nginx",
        measured=(milliseconds("press → first page, asleep", ours), milliseconds("cold launch", colds)),
        gates=(ratio("median wake / cold", statistics.median(ours), statistics.median(colds), 1.2),),
    )
    return (row,)

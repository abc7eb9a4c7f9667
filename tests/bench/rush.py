"""Fifty at once: with a warm cell for each, with none, the engine alone at its best, and everybody else meanwhile."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence

from sandbox.robot.crowd import Crowd, PageTimes, strolling
from sandbox.robot.visitor import Visitor
from tests.bench import stage as stages
from tests.bench.bare import Bare
from tests.bench.stage import BenchError, Stage
from tests.bench.table import Bound, Row, milliseconds, quantile, ratio

SEATS = 50
OTHERS = 10
IDLE_S = 8.0
OTHERS_PAUSE_S = 1.0
"""Ten people who each open a page every second: more than ten people do."""
PAGES = ("/fleet/instances", "/training", "/fleet", "/fleet/nightly")
ROUNDS = 3


def at_once(stage: Stage, rounds: int = ROUNDS, seats: int = SEATS) -> tuple[Row, ...]:
    """Return three rows: pool of 50 beside none, none beside the engine's best, others' pages idle and meanwhile."""
    bare = Bare(stage.services, stage.prepared.image.id)
    warm, cold, alone, best = _Crowd(), _Crowd(), _Crowd(), _Crowd()
    idle: list[float] = []
    meanwhile: list[float] = []
    for number in range(rounds):
        with stage.serving(seats):
            crowd = stage.visitors(seats + OTHERS)
            if number == 0:
                with strolling(crowd[seats:], PAGES, pause_s=OTHERS_PAUSE_S) as quiet:
                    time.sleep(IDLE_S)
                idle += _whole(quiet)
            with strolling(crowd[seats:], PAGES, pause_s=OTHERS_PAUSE_S) as busy:
                warm.add(stage, crowd[:seats])
        with stage.serving(0):
            crowd = stage.visitors(seats + OTHERS)
            meanwhile += _whole(busy)
            with strolling(crowd[seats:], PAGES, pause_s=OTHERS_PAUSE_S) as busy:
                cold.add(stage, crowd[:seats])
            meanwhile += _whole(busy)
        with stage.serving(0):
            # Beside the engine alone nobody else may be about: the others' pages would be work of one side only.
            alone.add(stage, stage.visitors(seats))
        try:
            answered = bare.many(seats)
            best.each += answered
            best.last.append(max(answered))
        finally:
            bare.clear()
    return (*_rows(warm, cold, idle, meanwhile, seats), _beside_the_engine(alone, best, seats))


class _Crowd:
    """The times of everybody over all rounds, and of the last one of each round."""

    def __init__(self) -> None:
        self.each: list[float] = []
        self.last: list[float] = []

    def add(self, stage: Stage, crowd: Sequence[Visitor]) -> None:
        # The page asks each second: kept, for that is what people wait for; `last ready` is read from the rows.
        visits = Crowd(crowd).together(Visitor.launch)
        self.each += stages.inside(visits)
        self.last.append(stage.last_open() - min(visit.pressed_at for visit in visits))


def _whole(times: PageTimes) -> list[float]:
    if times.failures:
        raise BenchError(f"{len(times.failures)} of others' pages failed: {times.failures[0]}")
    return times.seconds


def _rows(warm: _Crowd, cold: _Crowd, idle: list[float], meanwhile: list[float], seats: int) -> tuple[Row, ...]:
    everybody = milliseconds(f"press → first page, pool of {seats}", warm.each)
    none = milliseconds("press → first page, pool empty", cold.each)
    quiet, busy = milliseconds("others' pages, idle", idle), milliseconds("others' pages, meanwhile", meanwhile)
    return (
        Row(
            key="rush-warm",
            title=f"{seats} at once, pool of {seats}",
            measured=(everybody, none),
            gates=(ratio("p95 pool / p95 empty", everybody.p95, none.p95, 0.15),),
            aims=(Bound(words="p95 ≤ 800 ms", value=everybody.p95, limit=800),),
            notes=("none failed: a failure would have ended the row",),
        ),
        Row(
            key="others",
            title=f"others' pages while {seats} launch (pool of {seats} and empty pool)",
            measured=(busy, quiet),
            gates=(
                ratio("p50 meanwhile / idle", busy.p50, quiet.p50, 3.0),
                ratio("p95 meanwhile / idle", busy.p95, quiet.p95, 3.0),
            ),
            aims=(Bound(words="p95 ≤ 150 ms", value=quantile(busy.values, 0.95), limit=150),),
            notes=(f"{OTHERS} people, a page of theirs every {OTHERS_PAUSE_S} s each",),
        ),
    )


def _beside_the_engine(alone: _Crowd, best: _Crowd, seats: int) -> Row:
    return Row(
        key="rush-cold",
        title=f"{seats} at once, empty pool, nobody else about",
        measured=(
            milliseconds("last open after the first press, per round", alone.last),
            milliseconds("floor: last answer, 16 engine calls at once", best.last),
            milliseconds("press → first page, pool empty", alone.each),
            milliseconds("floor: each answer after the begin", best.each),
        ),
        gates=(ratio("median last / floor", statistics.median(alone.last), statistics.median(best.last), 1.15),),
    )

"""Who sleeps and who leaves the queue when people find no seat: values in, values out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sandbox.attempts.model import AttemptState
from sandbox.exercises.model import Mode
from sandbox.provisioning.capacity import Pressure
from sandbox.provisioning.model import CellId, Desired, Instance, InstanceId, Observed
from sandbox.scheduling import relief
from tests.builders import NOON, make_attempt, make_instance, make_vitals

MINUTE = timedelta(minutes=1)
GIB = 1 << 30


def open_one(number: int, *, idle: int, **said: Any) -> Instance:
    """Return a hospital unused for so many minutes."""
    values: dict[str, Any] = {
        "id": InstanceId(f"{number:016x}"),
        "observed": Observed.OPEN,
        "cell": CellId(f"{number:012x}"),
        "epoch": 1,
        "opened_at": NOON - timedelta(hours=3),
        "last_request_at": NOON - idle * MINUTE,
    }
    return make_instance(**values | said)


def spared(instances: list[Instance], count: int, tried: relief.Attempts | None = None) -> list[int]:
    keys = relief.spare(instances, tried or {}, idle_s=600, count=count, now=NOON)
    return [int(key, 16) for key in keys]


def test_the_hospital_idle_longest_sleeps_first_and_none_that_is_in_use() -> None:
    those = [open_one(1, idle=12), open_one(2, idle=40), open_one(3, idle=9), open_one(4, idle=25)]
    assert spared(those, 2) == [2, 4]
    assert spared(those, 9) == [2, 4, 1]
    assert spared(those, 0) == []


@pytest.mark.parametrize(
    "said",
    [
        {"desired": Desired.CLOSED},
        {"desired": Desired.HIBERNATED},
        {"observed": Observed.REPLACING},
        {"observed": Observed.HIBERNATED},
    ],
)
def test_only_an_open_hospital_can_be_put_to_sleep(said: dict[str, Any]) -> None:
    assert spared([open_one(1, idle=90, **said)], 1) == []


@pytest.mark.parametrize(("mode", "sleeps"), [(Mode.EXAM, []), (Mode.CLASS, []), (Mode.PRACTICE, [1])])
def test_nobody_s_exam_sleeps_whatever_memory_says(mode: Mode, sleeps: list[int]) -> None:
    one = open_one(1, idle=90)
    attempt = make_attempt(instance=one.id, mode=mode, state=AttemptState.OPEN, opened_at=NOON - MINUTE)
    assert spared([one], 1, {one.id: attempt}) == sleeps


@pytest.mark.parametrize(
    ("vitals", "lacking", "ready", "falling", "expected"),
    [
        ({}, 0, 0, 0, 0),
        ({}, 3, 0, 0, 3),
        ({}, 30, 0, 0, relief.AT_ONCE),
        ({}, 3, 0, 2, 1),
        ({"by_disk": 5}, 3, 0, 0, 0),
        ({"pressure": Pressure.TIGHT, "memory_available": GIB - 1}, 0, 0, 0, 0),
        ({"pressure": Pressure.SHORT, "memory_available": GIB // 2}, 0, 0, 0, relief.AT_ONCE),
        ({"pressure": Pressure.SHORT, "memory_available": GIB - (27 << 20)}, 0, 0, 0, 2),
        # Ready cells go first.
        ({"pressure": Pressure.SHORT, "memory_available": GIB // 2}, 0, 1, 0, 0),
        # Stalls without a lack of memory: sleep would free what nobody needs.
        ({"pressure": Pressure.SHORT, "memory_available": 2 * GIB}, 0, 0, 0, 0),
    ],
)
def test_how_many_sleep_at_once(vitals: dict[str, Any], lacking: int, ready: int, falling: int, expected: int) -> None:
    assert relief.needed(make_vitals(**vitals), lacking=lacking, ready=ready, falling=falling) == expected


def queued(number: int, *, age_s: int, seen_s: int | None = None, **said: Any) -> Instance:
    seen = None if seen_s is None else NOON - timedelta(seconds=seen_s)
    return make_instance(
        id=InstanceId(f"{number:016x}"), queued_at=NOON - timedelta(seconds=age_s), last_request_at=seen, **said
    )


def test_a_practice_launch_whose_page_is_gone_for_two_minutes_leaves_the_queue() -> None:
    practice, exam = make_attempt(mode=Mode.PRACTICE), make_attempt(mode=Mode.EXAM)
    those = [
        queued(1, age_s=121),
        queued(2, age_s=300, seen_s=121),
        queued(3, age_s=300, seen_s=119),
        queued(4, age_s=119),
        queued(5, age_s=300, attempt=practice.id, exercise_version="x@1"),
        queued(6, age_s=300, attempt=exam.id, exercise_version="x@1"),
        queued(7, age_s=300, desired=Desired.CLOSED),
        queued(8, age_s=300, epoch=1, cell=CellId("c" * 12)),
    ]
    tried = {those[4].id: practice, those[5].id: exam}
    gone = relief.forsaken(those, tried, patience=timedelta(seconds=120), now=NOON)
    assert [int(key, 16) for key in gone] == [1, 2, 5]

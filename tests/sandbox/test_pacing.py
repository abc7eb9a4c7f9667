"""How long the worker's loops rest: not at all while somebody waits, longest in a rush."""

from __future__ import annotations

import pytest

from sandbox.pacing import PACING, SWITCH_INTERVAL_S, UNHURRIED_INTERVAL_S
from sandbox.provisioning.lanes import Starts
from sandbox.provisioning.pool import People

NOBODY, ONE, NIGHT = People(), People(waiting=1), People(waiting=8, nightly=8)
ONE_AT_NIGHT, RUSH = People(waiting=9, nightly=8), People(waiting=50)


@pytest.mark.parametrize(
    ("served", "rests"),
    [
        (NOBODY, PACING.planning),
        (NIGHT, PACING.planning),
        (ONE, 0),
        (ONE_AT_NIGHT, 0),
        (RUSH, PACING.planning_in_a_rush),
    ],
)
def test_a_plan_is_made_at_once_for_one_who_waits(served: People, rests: int) -> None:
    assert PACING.after_planning(served, Starts()) == rests


@pytest.mark.parametrize("served", [ONE, ONE_AT_NIGHT, RUSH])
def test_threads_take_short_turns_while_somebody_waits(served: People) -> None:
    assert PACING.switch_interval_s(served) == SWITCH_INTERVAL_S
    assert PACING.switch_interval_s(NIGHT) == PACING.switch_interval_s(NOBODY) == UNHURRIED_INTERVAL_S

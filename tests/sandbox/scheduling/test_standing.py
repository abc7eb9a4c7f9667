"""What a trainee is doing, and what a night makes of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from sandbox.attempts.model import AttemptState
from sandbox.exercises.model import Mode
from sandbox.provisioning.model import CellState, Desired, Observed
from sandbox.scheduling import standing
from sandbox.scheduling.jobs import Due
from sandbox.scheduling.model import Reason
from sandbox.scheduling.standing import NOTHING, Standing, Verdict
from tests.builders import make_attempt, make_cell, make_instance

DUE = Due(local_date=date(2026, 3, 2), moment=datetime(2026, 3, 1, 18, 0, tzinfo=UTC))
YESTERDAY = DUE.moment - timedelta(hours=10)
PUNCTUAL = DUE.moment + timedelta(seconds=1)
AT_NINE = DUE.moment + timedelta(hours=7)
ENDS = PUNCTUAL + timedelta(minutes=20)


@pytest.mark.parametrize(
    ("mode", "state", "expected"),
    [
        (Mode.EXAM, AttemptState.OPEN, Standing(reason=Reason.EXAM, until=ENDS)),
        (Mode.EXAM, AttemptState.REQUESTED, Standing(reason=Reason.EXAM, until=ENDS)),
        (Mode.EXAM, AttemptState.SUBMITTED, NOTHING),
        (Mode.CLASS, AttemptState.OPEN, Standing(reason=Reason.CLASS, until=ENDS)),
        (Mode.PRACTICE, AttemptState.OPEN, Standing(reason=Reason.PRACTICE)),
        (Mode.PRACTICE, AttemptState.SUBMITTED, NOTHING),
    ],
)
def test_an_attempt_under_way_ends_when_its_time_is_over(mode: Mode, state: AttemptState, expected: Standing) -> None:
    attempt = make_attempt(mode=mode, state=state, opened_at=PUNCTUAL)
    assert standing.of(make_instance(), attempt, minutes=20, now=PUNCTUAL) == expected


def test_extra_time_is_waited_for_and_no_end_is_told_where_there_is_none() -> None:
    slow = make_attempt(mode=Mode.EXAM, state=AttemptState.OPEN, opened_at=PUNCTUAL, time_factor=2)
    untimed = make_attempt(mode=Mode.EXAM, state=AttemptState.OPEN, opened_at=PUNCTUAL, untimed=True)
    until = [standing.of(make_instance(), one, minutes=20, now=PUNCTUAL).until for one in (slow, untimed)]
    assert until == [PUNCTUAL + timedelta(minutes=40), None]


@pytest.mark.parametrize(("ago_minutes", "at_work"), [(0, True), (14, True), (15, False), (600, False), (-5, False)])
def test_somebody_who_clicked_lately_is_at_work(ago_minutes: int, at_work: bool) -> None:
    clicked = AT_NINE - timedelta(minutes=ago_minutes)
    found = standing.of(make_instance(last_request_at=clicked), None, minutes=0, now=AT_NINE)
    assert found == (Standing(reason=Reason.AT_WORK, until=clicked + standing.AT_WORK) if at_work else NOTHING)


@pytest.mark.parametrize(
    ("armed", "reason", "now", "expected"),
    [
        (YESTERDAY, Reason.NONE, PUNCTUAL, "go"),
        (YESTERDAY, Reason.PRACTICE, PUNCTUAL, "go"),
        (YESTERDAY, Reason.AT_WORK, PUNCTUAL, "go"),
        (YESTERDAY, Reason.EXAM, PUNCTUAL, "defer"),
        (YESTERDAY, Reason.CLASS, PUNCTUAL, "defer"),
        (YESTERDAY, Reason.NONE, AT_NINE, "go"),
        (YESTERDAY, Reason.PRACTICE, AT_NINE, "defer"),
        (YESTERDAY, Reason.AT_WORK, AT_NINE, "defer"),
        (YESTERDAY, Reason.EXAM, AT_NINE, "defer"),
        (DUE.moment, Reason.NONE, PUNCTUAL, "fresh"),
        (AT_NINE, Reason.EXAM, AT_NINE, "fresh"),
    ],
)
def test_what_becomes_of_an_open_instance(armed: datetime, reason: Reason, now: datetime, expected: Verdict) -> None:
    one, cell = make_instance(observed=Observed.OPEN), make_cell(state=CellState.ARMED, since=armed)
    assert standing.verdict(DUE, one, cell, Standing(reason=reason), now=now) == expected
    assert standing.is_due(DUE, one, cell) is (expected != "fresh")


@pytest.mark.parametrize(
    ("observed", "desired", "expected"),
    [
        (Observed.OPEN, Desired.CLOSED, "ends by itself"),
        (Observed.CLOSED, Desired.CLOSED, "ends by itself"),
        (Observed.FAILED, Desired.OPEN, "failed"),
        (Observed.REPLACING, Desired.OPEN, "not yet"),
        (Observed.QUEUED, Desired.OPEN, "not yet"),
        (Observed.LAUNCHING, Desired.OPEN, "not yet"),
    ],
)
def test_what_is_not_open_is_left_alone(observed: Observed, desired: Desired, expected: Verdict) -> None:
    one, cell = make_instance(observed=observed, desired=desired), make_cell(state=CellState.ARMED, since=YESTERDAY)
    assert standing.verdict(DUE, one, cell, NOTHING, now=PUNCTUAL) == expected
    assert not standing.is_due(DUE, one, cell)


@pytest.mark.parametrize(
    ("observed", "desired", "expected"),
    [
        (Observed.HIBERNATED, Desired.HIBERNATED, "go"),
        (Observed.HIBERNATED, Desired.OPEN, "not yet"),
        (Observed.WAKING, Desired.OPEN, "not yet"),
        (Observed.OPEN, Desired.HIBERNATED, "not yet"),
    ],
)
def test_what_sleeps_is_due_and_its_turn_comes_when_it_sleeps_soundly(
    observed: Observed, desired: Desired, expected: Verdict
) -> None:
    one, cell = make_instance(observed=observed, desired=desired), make_cell(state=CellState.ARMED, since=YESTERDAY)
    assert standing.is_due(DUE, one, cell)
    assert standing.verdict(DUE, one, cell, NOTHING, now=PUNCTUAL) == expected


def test_without_a_cell_there_is_nothing_to_reset() -> None:
    assert not standing.is_due(DUE, make_instance(observed=Observed.OPEN), None)

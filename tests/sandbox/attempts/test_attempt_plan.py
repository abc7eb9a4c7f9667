"""What becomes of an unfinished attempt: every state against everything that can stand around it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sandbox.attempts import deadline
from sandbox.attempts.model import AttemptState
from sandbox.attempts.plan import Expire, Grade, Interrupt, Seal, Situation, plan
from sandbox.exercises.model import Mode
from sandbox.provisioning.model import Desired, Observed
from tests.builders import NOON, make_archive, make_attempt, make_instance

ARCHIVE = make_archive()
OVER = timedelta(minutes=20) + deadline.GRACE


def situation(state: AttemptState, **said: Any) -> Situation:
    around = {key: said.pop(key) for key in ("desired", "observed") if key in said}
    opened_at = None if state is AttemptState.REQUESTED else NOON
    values: dict[str, Any] = {
        "attempt": make_attempt(id="a", instance="i", state=state, opened_at=opened_at, mode=Mode.EXAM),
        "instance": make_instance(id="i", **{"observed": Observed.OPEN} | around),
        "minutes": 20,
        "remains": True,
        "archive": None,
    }
    return Situation(**values | said)


A = situation(AttemptState.OPEN).attempt
REQUESTED, OPEN, SUBMITTED = (
    situation(state).attempt for state in (AttemptState.REQUESTED, AttemptState.OPEN, AttemptState.SUBMITTED)
)
SEALED = situation(AttemptState.SEALED).attempt


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (situation(AttemptState.REQUESTED, observed=Observed.QUEUED), []),
        (situation(AttemptState.REQUESTED, observed=Observed.LAUNCHING), []),
        # After a reset the old cell is still there: the next attempt begins with its own.
        (situation(AttemptState.REQUESTED), []),
        (situation(AttemptState.REQUESTED, observed=Observed.REPLACING), []),
        (
            situation(AttemptState.REQUESTED, desired=Desired.CLOSED),
            [Interrupt(attempt=REQUESTED, reason="closed")],
        ),
        (
            situation(AttemptState.REQUESTED, observed=Observed.FAILED),
            [Interrupt(attempt=REQUESTED, reason="failed")],
        ),
        (situation(AttemptState.OPEN), []),
        (situation(AttemptState.OPEN, desired=Desired.CLOSED), [Interrupt(attempt=OPEN, reason="closed")]),
        (situation(AttemptState.OPEN, observed=Observed.FAILED), [Interrupt(attempt=OPEN, reason="failed")]),
        (situation(AttemptState.SUBMITTED, desired=Desired.CLOSED), []),
        (situation(AttemptState.SUBMITTED, observed=Observed.CLOSED), []),
        (situation(AttemptState.SUBMITTED, observed=Observed.FAILED), []),
        (situation(AttemptState.SUBMITTED, archive=ARCHIVE), [Seal(attempt=SUBMITTED, archive=ARCHIVE)]),
        (
            situation(AttemptState.SUBMITTED, archive=ARCHIVE, observed=Observed.CLOSED, remains=False),
            [Seal(attempt=SUBMITTED, archive=ARCHIVE)],
        ),
        (
            situation(AttemptState.SUBMITTED, observed=Observed.CLOSED, remains=False),
            [Interrupt(attempt=SUBMITTED, reason="lost")],
        ),
        (situation(AttemptState.SEALED, observed=Observed.CLOSED), [Grade(attempt=SEALED)]),
    ],
)
def test_the_next_deed(seen: Situation, expected: list[object]) -> None:
    assert plan([seen], now=NOON) == expected


@pytest.mark.parametrize(("passed", "expired"), [(OVER - timedelta(microseconds=1), False), (OVER, True)])
def test_time_is_over_after_the_grace(passed: timedelta, expired: bool) -> None:
    assert plan([situation(AttemptState.OPEN)], now=NOON + passed) == ([Expire(attempt=OPEN)] if expired else [])


def test_a_lost_environment_beats_the_deadline() -> None:
    seen = situation(AttemptState.OPEN, observed=Observed.FAILED)
    assert plan([seen], now=NOON + OVER) == [Interrupt(attempt=OPEN, reason="failed")]


def test_extra_time_slows_the_clock() -> None:
    twice, standard = make_attempt(time_factor=2), make_attempt()
    assert deadline.ends_at(NOON, minutes=20, extra=twice) == NOON + timedelta(minutes=40)
    assert deadline.working_ms(NOON, now=NOON + timedelta(seconds=3), extra=twice) == 1500
    assert deadline.working_ms(NOON, now=NOON - timedelta(seconds=3), extra=standard) == 0
    assert not deadline.is_over(NOON, minutes=20, now=NOON + OVER, extra=twice)


def test_without_a_limit_the_time_is_never_over_and_the_clock_runs_as_slowly_as_it_can() -> None:
    untimed = make_attempt(untimed=True)
    assert deadline.ends_at(NOON, minutes=20, extra=untimed) is None
    assert not deadline.is_over(NOON, minutes=20, now=NOON + timedelta(days=3), extra=untimed)
    assert deadline.working_ms(NOON, now=NOON + timedelta(seconds=8), extra=untimed) == 2000
    exam = make_attempt(state=AttemptState.OPEN, opened_at=NOON, untimed=True, mode=Mode.EXAM)
    assert plan([situation(AttemptState.OPEN, attempt=exam)], now=NOON + timedelta(days=3)) == []


def test_in_practice_the_limit_is_shown_and_ends_nothing() -> None:
    practice = make_attempt(state=AttemptState.OPEN, opened_at=NOON, mode=Mode.PRACTICE)
    assert plan([situation(AttemptState.OPEN, attempt=practice)], now=NOON + timedelta(hours=3)) == []

"""Pure decisions about an attempt: what its trainee sees, which variant is drawn, what a trainer may look at."""

from __future__ import annotations

import secrets
from collections import Counter
from datetime import timedelta

import pytest

from sandbox.attempts import drawing, showing, signals
from sandbox.attempts.model import AttemptId
from sandbox.exercises.model import Mode
from tests.builders import NOON, make_attempt

PRACTICE, CLASS, EXAM = Mode


@pytest.mark.parametrize(
    ("mode", "opened", "seen"),
    [
        (PRACTICE, None, {"always", "submitted", "released"}),
        (CLASS, None, {"always"}),
        (CLASS, NOON, {"always", "submitted", "released"}),
        (EXAM, None, {"always"}),
        (EXAM, NOON, {"always", "submitted", "released"}),
    ],
)
def test_lines_are_seen_as_mode_and_trainer_say(mode: Mode, opened: object, seen: set[str]) -> None:
    at = NOON if opened else None
    assert {show for show in ("always", "submitted", "released") if showing.sees_line(show, mode, at)} == seen
    assert showing.is_open(mode, at) == (len(seen) == 3)


def test_hints_are_free_priced_or_hidden() -> None:
    assert [showing.hints(mode) for mode in Mode] == ["free", "cost", "hidden"]


@pytest.mark.parametrize(
    ("mode", "answers"), [(PRACTICE, [True, True]), (CLASS, [False, True]), (EXAM, [False, False])]
)
def test_checks_answer_in_practice_and_in_a_class_whose_trainer_allows(mode: Mode, answers: list[bool]) -> None:
    assert [showing.may_check(mode, allowed=allowed) for allowed in (False, True)] == answers
    assert showing.checks_line("released", mode) == (mode is PRACTICE)


def test_a_variant_is_drawn_by_the_attempts_id_alone_and_every_one_comes_up() -> None:
    ids = [AttemptId(secrets.token_hex(8)) for _ in range(2000)]
    drawn = Counter(drawing.variant(each, 5) for each in ids)
    assert sorted(drawn) == [0, 1, 2, 3, 4]
    assert min(drawn.values()) > 300
    assert [drawing.variant(each, 5) for each in ids] == [drawing.variant(each, 5) for each in ids]
    assert {drawing.variant(each, 1) for each in ids} == {0}


@pytest.mark.parametrize(("minutes", "factor", "fast"), [(4, 1, True), (5, 1, False), (9, 2, True), (10, 2, False)])
def test_faster_than_the_least_time_is_measured_in_working_time(minutes: int, factor: int, *, fast: bool) -> None:
    attempt = make_attempt(opened_at=NOON, submitted_at=NOON + timedelta(minutes=minutes), time_factor=factor)
    assert signals.too_fast(attempt, min_time_ms=300_000) == fast
    assert not signals.too_fast(make_attempt(), min_time_ms=300_000)

"""How many cells will be wanted: values in, values out."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.exercises.model import Mode
from sandbox.scheduling import forecast
from sandbox.scheduling.forecast import Demand, Lesson, Night
from tests.builders import make_assignment

NINE = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""09:00 in Shanghai."""
SHANGHAI = ZoneInfo("Asia/Shanghai")
RATE = 4.0
MINUTE = timedelta(minutes=1)


def lesson(people: int, *, start: datetime = NINE, first: int = 0, hours: float = 2, exam: bool = False) -> Lesson:
    names = frozenset(f"p{number}" for number in range(first, first + people))
    return Lesson(start=start, end=start + timedelta(hours=hours), people=names, exam=exam)


def test_assignments_that_open_together_are_a_lesson() -> None:
    given_ones = [
        make_assignment(person="alice", opens=NINE, due=NINE + timedelta(hours=1)),
        make_assignment(person="carol", opens=NINE, due=NINE + timedelta(hours=1), mode=Mode.EXAM),
        make_assignment(person="dora", opens=NINE, due=NINE + timedelta(days=7)),
        make_assignment(person="erik"),
        make_assignment(person="fred", opens=NINE, withdrawn_at=NINE),
    ]
    assert forecast.timetable(given_ones) == (
        Lesson(start=NINE, end=NINE + timedelta(hours=1), people=frozenset({"alice", "carol"}), exam=True),
        Lesson(start=NINE, end=NINE + forecast.USUAL_LENGTH, people=frozenset({"dora"}), exam=False),
    )


@pytest.mark.parametrize(
    ("before_start", "expected"),
    [
        # 60 s + 1.5 × 40 / 4 = 75 s
        (timedelta(seconds=76), 0),
        (timedelta(seconds=75), 40),
        (timedelta(0), 40),
        (-forecast.LATECOMERS, 40),
        (-forecast.LATECOMERS - timedelta(seconds=1), 0),
    ],
)
def test_a_lesson_is_wanted_from_its_lead_to_a_quarter_of_an_hour_after_its_start(
    before_start: timedelta, expected: int
) -> None:
    assert forecast.want([lesson(40)], (), rate=RATE, now=NINE - before_start) == expected


def test_who_has_begun_is_wanted_no_more() -> None:
    assert forecast.want([lesson(3)], {"p0", "p2", "stranger"}, rate=RATE, now=NINE) == 1


def test_lessons_at_the_same_time_add_up_but_nobody_sits_in_two() -> None:
    assert forecast.want([lesson(40), lesson(20, first=40)], (), rate=RATE, now=NINE) == 60
    assert forecast.want([lesson(40), lesson(20, first=30)], (), rate=RATE, now=NINE) == 50


def test_a_burst_is_expected_again_with_less_and_less_weight() -> None:
    burst = [NINE + timedelta(seconds=second) for second in range(10)]
    last = burst[-1]
    weights = [forecast.recent(burst, most=50, now=last + age * MINUTE) for age in (0, 15, 24, 30)]
    assert weights == [10, 5, 2, 0]
    assert forecast.recent(burst, most=4, now=last) == 4


def test_launches_far_apart_are_no_burst() -> None:
    steady = [NINE + minutes * 2 * MINUTE for minutes in range(10)]
    assert forecast.recent(steady, most=50, now=steady[-1]) == 0
    assert forecast.recent([], most=50, now=NINE) == 0


@pytest.mark.parametrize(
    ("local", "expected"), [("21:59", 2), ("22:00", 0), ("03:00", 0), ("05:59", 0), ("06:00", 2), ("12:00", 2)]
)
def test_fewer_are_kept_at_night(local: str, expected: int) -> None:
    now = datetime.combine(NINE.date(), time.fromisoformat(local), tzinfo=SHANGHAI)
    night = Night(begins=time(22), ends=time(6), ready=0)
    assert forecast.base(2, night, now=now, zone=SHANGHAI) == expected


@pytest.mark.parametrize("local", ["00:00", "12:00", "23:59"])
def test_equal_ends_are_no_night(local: str) -> None:
    now = datetime.combine(NINE.date(), time.fromisoformat(local), tzinfo=SHANGHAI)
    assert forecast.base(2, Night(begins=time(0), ends=time(0), ready=0), now=now, zone=SHANGHAI) == 2


def test_a_night_never_keeps_more_than_the_day() -> None:
    night = Night(begins=time(0), ends=time(12), ready=9)
    assert forecast.base(2, night, now=NINE, zone=SHANGHAI) == 2


@given(
    base=st.integers(0, 50),
    lessons=st.integers(0, 500),
    recent=st.integers(0, 50),
    room=st.integers(-100, 600),
)
def test_the_target_never_exceeds_what_the_machine_has_room_for(
    base: int, lessons: int, recent: int, room: int
) -> None:
    demand = Demand(base=base, lessons=lessons, recent=recent)
    target = forecast.target(demand, room=room)
    assert 0 <= target <= max(0, room)
    assert target <= demand.asked
    assert target == demand.asked or target == max(0, room)


@given(
    sizes=st.lists(st.tuples(st.integers(1, 30), st.integers(0, 40), st.integers(0, 47), st.integers(1, 8)), max_size=8)
)
def test_no_hour_wants_more_than_everybody_or_less_than_its_largest_lesson(
    sizes: list[tuple[int, int, int, int]],
) -> None:
    lessons = [
        lesson(people, first=first, start=NINE + halves * timedelta(minutes=30), hours=length / 2)
        for people, first, halves, length in sizes
    ]
    everybody = frozenset(person for one in lessons for person in one.people)
    for hour in forecast.hours(lessons, NINE, 30):
        assert hour.wanted <= len(everybody)
        those = [one for one in lessons if one.start < hour.start + timedelta(hours=1) and one.end > hour.start]
        assert hour.wanted >= max((one.seats for one in those), default=0)
        assert bool(hour.lessons) == bool(those)


def test_lessons_that_follow_each_other_do_not_add_up() -> None:
    first, second = lesson(40, hours=1), lesson(30, first=40, start=NINE + timedelta(hours=1), hours=1)
    assert [hour.wanted for hour in forecast.hours([first, second], NINE, 3)] == [40, 30, 0]
    second = lesson(30, first=40, start=NINE + timedelta(minutes=30), hours=1)
    assert [hour.wanted for hour in forecast.hours([first, second], NINE, 2)] == [70, 30]


def test_the_smallest_class_that_helps_is_the_one_to_move() -> None:
    big, small, exam = lesson(40), lesson(15, first=40), lesson(5, first=55, exam=True)
    (hour,) = forecast.hours([big, small, exam], NINE, 1)
    assert hour.wanted == 60
    assert forecast.movable(hour, 45) == small
    assert forecast.movable(hour, 58) == small
    assert forecast.movable(hour, 20) == big
    assert forecast.movable(hour, 10) is None


def test_a_single_class_that_does_not_fit_cannot_be_moved_out_of_its_own_way() -> None:
    (hour,) = forecast.hours([lesson(40)], NINE, 1)
    assert forecast.movable(hour, 20) is None

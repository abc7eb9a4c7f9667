"""When a job was due: every local date exactly once, whatever zones and clocks do."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import SettingsInvalidError
from sandbox.scheduling import jobs
from sandbox.scheduling.jobs import Due

SHANGHAI = ZoneInfo("Asia/Shanghai")
ZONES = (
    "Asia/Shanghai",
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Asia/Tehran",
    "Pacific/Apia",
    "Pacific/Chatham",
)
TWO = time(2, 0)


def test_before_the_hour_it_is_last_nights_run_that_is_due() -> None:
    now = datetime(2026, 3, 1, 17, 59, tzinfo=UTC)
    assert jobs.due(now, TWO, SHANGHAI) == Due(
        local_date=date(2026, 3, 1), moment=datetime(2026, 2, 28, 18, 0, tzinfo=UTC)
    )


def test_from_the_hour_on_it_is_this_nights_run() -> None:
    now = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)
    assert jobs.due(now, TWO, SHANGHAI) == Due(local_date=date(2026, 3, 2), moment=now)


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize("at", [time(0, 0), time(0, 30), TWO, time(2, 30), time(23, 59)])
def test_every_date_of_800_days_is_due_once_and_in_order(name: str, at: time) -> None:
    zone = ZoneInfo(name)
    now = datetime(2025, 9, 1, tzinfo=UTC)
    seen: list[date] = []
    moments: list[datetime] = []
    for _ in range(800 * 6):
        due = jobs.due(now, at, zone)
        assert due.moment <= now
        if not seen or seen[-1] != due.local_date:
            seen.append(due.local_date)
            moments.append(due.moment)
        now += timedelta(hours=4)
    assert seen == [seen[0] + timedelta(days=number) for number in range(len(seen))]
    assert len(seen) >= 800
    gaps = {later - earlier for earlier, later in itertools.pairwise(moments)}
    assert gaps <= {timedelta(hours=24) + timedelta(minutes=30) * shift for shift in range(-3, 4)}


def test_an_hour_that_is_left_out_still_rings_once() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    moment = jobs.moment_of(date(2026, 3, 29), time(2, 30), berlin)
    assert moment == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert jobs.due(moment, time(2, 30), berlin).local_date == date(2026, 3, 29)


def test_an_hour_that_comes_twice_rings_the_first_time() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    first = jobs.moment_of(date(2026, 10, 25), time(2, 30), berlin)
    again = first + timedelta(hours=1)
    assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert jobs.due(first, time(2, 30), berlin) == jobs.due(again, time(2, 30), berlin)


def test_a_date_that_a_zone_skips_is_never_due_alone() -> None:
    apia = ZoneInfo("Pacific/Apia")
    dates = [
        jobs.due(datetime(2011, 12, 29, 12, tzinfo=UTC) + timedelta(hours=hour), TWO, apia).local_date
        for hour in range(72)
    ]
    assert date(2011, 12, 30) not in dates
    assert dates == sorted(dates)


@given(
    st.integers(1_577_836_800, 2_208_988_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    st.sampled_from(ZONES),
    st.times(),
)
def test_the_due_run_is_at_most_a_day_and_a_shift_old(now: datetime, name: str, at: time) -> None:
    due = jobs.due(now, at.replace(tzinfo=None), ZoneInfo(name))
    assert timedelta(0) <= now - due.moment <= timedelta(hours=26)


def test_a_date_that_crosses_the_date_line_did_not_exist() -> None:
    apia = ZoneInfo("Pacific/Apia")
    assert [jobs.exists(date(2011, 12, day), apia) for day in (29, 30, 31)] == [True, False, True]
    assert jobs.between(date(2011, 12, 28), date(2012, 1, 1), apia) == [date(2011, 12, 29), date(2011, 12, 31)]


@pytest.mark.parametrize("text", ["", "2", "24:00", "02:60", "two", "02:00:00"])
def test_a_time_of_day_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(SettingsInvalidError):
        jobs.local_time(text)

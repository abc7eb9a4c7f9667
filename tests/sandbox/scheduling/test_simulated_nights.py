"""Whole nights, their morning reports read word for word: an exam, missed nights, both clock changes, odd dates."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from sandbox.attempts.model import AttemptId, AttemptState
from sandbox.exercises.model import Mode
from sandbox.provisioning import golden
from sandbox.provisioning.model import CellState, InstanceId, Observed
from sandbox.scheduling.model import Fate
from sandbox.scheduling.nightly import Habits
from tests.builders import make_version
from tests.night_ward import EVENING, SHANGHAI, Ward, make_ward, opens
from tests.provisioning_site import IMAGE, SOURCE

MakeWard = Callable[[datetime, Habits], Ward]


@pytest.fixture
def make(tmp_path: Path, empty_database: Path) -> Iterator[MakeWard]:
    made: list[Ward] = []

    def ward(start: datetime, habits: Habits) -> Ward:
        made.append(make_ward(tmp_path / str(len(made)), empty_database, start=start, habits=habits))
        return made[-1]

    yield ward
    for one in made:
        one.site.database.close()


@dataclass
class People:
    """Who is in the ward, and with what."""

    ward: Ward

    def practises(self, owner: str, *, rows: int = 3) -> InstanceId:
        """Open a hospital for free practice and work in it."""
        key = self.ward.site.launch(owner)
        self.ward.site.settle()
        self.ward.site.cells.work(self.ward.site.cell_of(key).id, rows=rows)
        return key

    def begins(self, owner: str, mode: Mode, *, number: int = 1, minutes: int = 20) -> InstanceId:
        """Open a hospital for an exercise and begin the attempt."""
        site, key, attempt = self.ward.site, InstanceId(f"{number:016x}"), AttemptId(f"{number + 100:016x}")
        content = site.files.put(f"exercise {number}".encode())
        version = make_version(id=f"x{number}@1", exercise=f"x{number}", minutes=minutes, sha256=content)
        opens(self.ward, owner, key, attempt, version, mode=mode)
        return key

    def state(self, number: int = 1) -> AttemptState:
        with self.ward.site.database.reading() as stores:
            return stores.attempts.get(AttemptId(f"{number + 100:016x}")).state


def test_a_night_with_an_exam_and_a_class_under_way(ward: Ward, caplog: pytest.LogCaptureFixture) -> None:
    people = People(ward)
    people.practises("bob")
    ward.at_hour(1, minute=50)
    exam = people.begins("alice", Mode.EXAM, number=1, minutes=40)
    lesson = people.begins("carol", Mode.CLASS, number=2, minutes=30)
    practice = people.begins("dave", Mode.PRACTICE, number=3)
    ward.at_hour(2)
    outcome = ward.goes_on()
    assert (outcome.reset, outcome.deferred) == (2, 2)
    assert ward.site.instance(exam).observed is Observed.OPEN
    assert ward.site.instance(practice).observed is Observed.CLOSED
    zh = ward.told("2026-03-02")
    assert zh.splitlines()[:2] == [
        "夜间重置 2026-03-02",
        "2 个已处理（已重置 1、已关闭 1），2 个推迟，结束后自动进行。",
    ]
    assert zh.splitlines()[3:] == [
        "数据校验 1/1，存档校验 2/2",
        "- alice：推迟；考试进行中，至 03-02 02:30。",
        "- carol：推迟；课堂练习进行中，至 03-02 02:20。",
    ]
    assert [record.verdict for record in caplog.records if hasattr(record, "verdict")] == ["deferred"]
    assert "- " + exam + "：推迟；考试进行中，至 03-02 02:30。" in caplog.messages
    ward.at_hour(2, minute=21)
    ward.goes_on()
    assert people.state(2) is not AttemptState.OPEN
    assert ward.site.instance(lesson).observed is Observed.CLOSED
    ward.at_hour(2, minute=31)
    ward.goes_on()
    ward.goes_on()
    assert people.state(1) is not AttemptState.INTERRUPTED
    assert [fate for _, _, fate in ward.ledger()].count("closed") == 3
    en = ward.told("2026-03-02", "en").splitlines()
    assert en[1] == "A clean night: all 4 practice hospitals done (reset 1, closed 3), archives and data verified."
    assert en[3:] == [
        "Data verified 1 of 1, archives verified 4 of 4",
        "- alice: closed; an exam is under way.",
        "- carol: closed; a class is under way.",
    ]
    assert [record.verdict for record in caplog.records if hasattr(record, "verdict")] == ["deferred"]
    ward.site.check_invariants()


def test_a_missed_night_is_caught_up_but_not_during_anybodys_attempt(
    ward: Ward, caplog: pytest.LogCaptureFixture
) -> None:
    people = People(ward)
    people.practises("bob")
    ward.nightly.run()
    busy = people.practises("carol")
    ward.at_hour(23, day=1)
    ward.nightly.run()
    practice = people.begins("dave", Mode.PRACTICE, number=3)
    ward.at_hour(9)
    with ward.site.database.transaction() as stores:
        stores.instances.touch({busy: ward.site.clock.now() - timedelta(minutes=5)})
    ward.worker_starts()
    outcome = ward.goes_on()
    assert (outcome.reset, outcome.deferred) == (1, 2)
    assert ward.told("2026-03-02").splitlines()[1:2] == [
        "1 个已处理（已重置 1），2 个推迟，结束后自动进行。后台进程自 03-01 23:00 起没有工作，于 03-02 09:00 补做。"
    ]
    assert ward.told("2026-03-02").splitlines()[4:] == [
        "- dave：推迟；练习进行中。",
        "- carol：推迟；有人正在使用，至 03-02 09:10。",
    ]
    assert ward.site.instance(practice).observed is Observed.OPEN
    ward.at_hour(9, minute=20)
    ward.goes_on()
    assert ward.site.instance(busy).epoch == 2
    with ward.site.database.transaction() as stores:
        stores.attempts.move(
            AttemptId(f"{103:016x}"), AttemptState.OPEN, AttemptState.ABANDONED, at=ward.site.clock.now()
        )
    ward.nightly.run()
    ward.goes_on()
    assert sorted(fate for _, _, fate in ward.ledger()) == ["closed", "reset", "reset"]
    assert ward.told("2026-03-02", "en").splitlines()[1] == (
        "A clean night: all 3 practice hospitals done (reset 2, closed 1), archives and data verified. "
        "The worker was not at work since 03-01 23:00; caught up at 03-02 09:00."
    )


def test_of_two_missed_nights_the_newest_runs_once_and_the_other_is_told(ward: Ward) -> None:
    people = People(ward)
    key = people.practises("bob")
    ward.at_hour(2)
    ward.goes_on()
    ward.at_hour(22)
    ward.nightly.run()
    ward.at_hour(9, day=5)
    ward.worker_starts()
    assert ward.goes_on().reset == 1
    assert ward.site.instance(key).epoch == 3
    assert ward.ledger() == [("2026-03-05", key, "reset"), ("2026-03-02", key, "reset")]
    for day in ("2026-03-03", "2026-03-04"):
        assert ward.told(day) == f"夜间重置 {day}\n未运行。后台进程自 03-02 22:00 起没有工作。"
        assert ward.told(day, "en").endswith("It did not run. The worker was not at work since 03-02 22:00.")


@pytest.mark.parametrize(
    ("start", "day", "at", "zone", "rings_at"),
    [
        pytest.param((2026, 3, 28, 20), "2026-03-29", "02:30", "Europe/Berlin", "03-29 03:30", id="spring"),
        pytest.param((2026, 10, 24, 20), "2026-10-25", "02:30", "Europe/Berlin", "10-25 02:30", id="autumn"),
        pytest.param(
            (2026, 3, 7, 20),
            "2026-03-08",
            "02:30",
            "America/New_York",
            "03-08 03:30",
            id="new-york-spring",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            (2026, 10, 31, 20), "2026-11-01", "01:30", "America/New_York", "11-01 01:30", id="new-york-autumn"
        ),
        pytest.param(
            (2026, 4, 4, 20), "2026-04-05", "01:45", "Australia/Lord_Howe", "04-05 01:45", id="half-hour-back"
        ),
        pytest.param((2026, 10, 3, 20), "2026-10-04", "02:15", "Australia/Lord_Howe", "10-04 02:45", id="half-hour-on"),
        pytest.param(
            (2026, 3, 28, 20), "2026-03-29", "02:00", "Asia/Shanghai", "03-29 02:00", id="none", marks=pytest.mark.slow
        ),
    ],
)
def test_a_night_in_which_the_clocks_change_is_one_night(
    make: MakeWard, start: tuple[int, int, int, int], day: str, at: str, zone: str, rings_at: str
) -> None:
    place = ZoneInfo(zone)
    ward = make(datetime(*start, tzinfo=place).astimezone(UTC), Habits(zone=place, default_at=at))
    key = People(ward).practises("bob", rows=2)
    begun: list[datetime] = []
    evening = datetime(*start, tzinfo=place).astimezone(UTC)
    for quarter in range(1, 48):
        ward.until(evening + timedelta(minutes=15 * quarter))
        if ward.goes_on().reset:
            begun.append(ward.site.clock.now())
    assert len(begun) == 1
    assert ward.ledger() == [(day, key, "reset")]
    assert ward.site.instance(key).epoch == 2
    told = ward.told(day).splitlines()
    assert told[:2] == [f"夜间重置 {day}", "一夜顺利：1 个练习环境全部处理完毕（已重置 1），存档和数据均已校验。"]
    assert told[2].startswith(f"开始 {rings_at}"), told
    assert told[3:] == ["数据校验 1/1，存档校验 1/1"]
    ward.site.check_invariants()


def test_a_date_that_crosses_the_date_line_is_no_missed_night(make: MakeWard) -> None:
    apia = ZoneInfo("Pacific/Apia")
    ward = make(datetime(2011, 12, 28, 20, tzinfo=apia).astimezone(UTC), Habits(zone=apia, default_at="02:00"))
    key = People(ward).practises("bob", rows=0)
    for _ in range(4 * 24):
        ward.until(ward.site.clock.now() + timedelta(hours=1))
        ward.goes_on()
    dates = [day for day, _, _ in reversed(ward.ledger())]
    assert dates == ["2011-12-29", "2011-12-31", "2012-01-01", "2012-01-02"]
    assert ward.site.instance(key).epoch == 5
    assert ward.night("2011-12-30") is None


def test_a_clock_set_forward_and_back_doubles_no_night_and_loses_none(ward: Ward) -> None:
    key = People(ward).practises("bob", rows=0)
    ward.nightly.run()
    ward.site.steps.step(31 * 3600)
    ward.site.leadership.take(lambda _: True)
    assert ward.goes_on().reset == 1
    assert [day for day, *_ in ward.ledger()] == ["2026-03-03"]
    ward.site.steps.step(-31 * 3600)
    ward.site.leadership.take(lambda _: True)
    ward.at_hour(2)
    ward.goes_on()
    assert ward.night("2026-03-02") is not None
    assert ward.site.instance(key).epoch == 2
    ward.at_hour(2, day=3)
    ward.goes_on()
    assert ward.site.instance(key).epoch == 2
    ward.at_hour(2, day=4)
    assert ward.goes_on().reset == 1
    assert sorted(day for day, *_ in ward.ledger()) == ["2026-03-03", "2026-03-04"]


def test_at_night_a_few_are_in_work_at_a_time(make: MakeWard) -> None:
    ward = make(EVENING, Habits(zone=SHANGHAI, default_at="02:00", at_once=3))
    people = People(ward)
    keys = [people.practises(f"person-{number}", rows=1) for number in range(10)]
    ward.at_hour(2)
    assert ward.nightly.run().reset == 3
    most_cells = most_running = 0
    for _ in range(200):
        ward.site.round()
        ward.nightly.go_on()
        most_cells = max(most_cells, len(ward.site.present()))
        running = [entry for entry in ward.entries("2026-03-02") if entry.fate is Fate.RUNNING]
        most_running = max(most_running, len(running))
        ward.site.steps.advance(0.2)
        if not ward.site.reconciler.decide() and not running:
            break
    assert most_running == 3
    assert most_cells <= len(keys) + 3 + 1
    assert [ward.site.instance(key).epoch for key in keys] == [2] * 10
    assert ward.report("2026-03-02").verdict == "clean"


def test_a_launch_at_night_goes_before_the_next_reset(make: MakeWard) -> None:
    ward = make(EVENING, Habits(zone=SHANGHAI, default_at="02:00", at_once=2))
    people = People(ward)
    for number in range(6):
        people.practises(f"person-{number}", rows=0)
    ward.at_hour(2)
    ward.nightly.run()
    late = ward.site.launch("late")
    assert ward.nightly.go_on() == 0
    while ward.site.instance(late).observed is not Observed.OPEN:
        ward.site.round()
        waits = ward.site.instance(late).observed is Observed.QUEUED
        assert ward.nightly.go_on() == 0 or not waits
        ward.site.steps.advance(0.2)
    ward.goes_on()
    assert ward.report("2026-03-02").reset == 6


def spoil_dataset(ward: Ward) -> None:
    """Spoil the golden file and every copy that lies ready beside a new cell."""
    for path in (*ward.site.places.datasets.glob("*.db"), *ward.site.places.data.glob("*/staged-*")):
        path.chmod(0o644)
        path.write_bytes(path.read_bytes().replace(b"digest", b"digesT"))


def test_a_rotten_dataset_is_given_to_nobody_and_told_loudly(ward: Ward, caplog: pytest.LogCaptureFixture) -> None:
    def trouble() -> str:
        return golden.trouble(ward.site.database.reading, SOURCE, ward.site.places.datasets)

    key = People(ward).practises("bob")
    ward.worker_starts(Habits(zone=SHANGHAI, default_at="02:00", golden_trouble=trouble))
    assert trouble() == ""
    spoil_dataset(ward)
    ward.at_hour(2)
    ward.goes_on()
    assert ward.site.instance(key).observed is Observed.OPEN
    assert ward.site.instance(key).epoch == 1
    assert ward.told("2026-03-02").splitlines()[1:] == [
        "1 个需要处理；其余 0 个正常。",
        "开始 03-02 02:00，结束 03-02 02:00，共 0 s；每个中位 –，最长 –",
        "数据校验 0/0，存档校验 0/0",
        "- bob：失败；SBX-413 练习数据集校验失败，没有发放；"
        "处理：运行 his-sandbox dataset build base 重新生成数据集，然后 his-sandbox nightly run。",
    ]
    assert [record.levelname for record in caplog.records if hasattr(record, "verdict")] == ["ERROR"]


def test_a_rotten_dataset_is_built_anew_on_request(ward: Ward) -> None:
    spoil_dataset(ward)
    for path in ward.site.places.datasets.glob("*.db"):
        path.chmod(0o444)
    ward.site.build_dataset(IMAGE)
    assert golden.trouble(ward.site.database.reading, SOURCE, ward.site.places.datasets) == ""


def test_a_copy_that_differs_is_never_armed(ward: Ward) -> None:
    key = People(ward).practises("bob")
    old = ward.site.cell_of(key).id
    spoil_dataset(ward)
    ward.at_hour(2)
    ward.goes_on()
    assert (ward.site.instance(key).observed, ward.site.instance(key).trouble) == (Observed.FAILED, "SBX-413")
    assert ward.ledger() == [("2026-03-02", key, "failed")]
    assert ward.site.cell(old).state is CellState.GONE
    assert ward.site.archived_rows(old) == 3
    assert not [cell for cell in ward.site.all_cells() if cell.state is CellState.ARMED]


def test_two_workers_run_one_night(ward: Ward) -> None:
    key = People(ward).practises("bob")
    ward.at_hour(2)
    ward.nightly.run()
    for _ in range(3):
        ward.worker_starts()
        ward.goes_on()
    assert ward.site.instance(key).epoch == 2
    assert ward.ledger() == [("2026-03-02", key, "reset")]
    assert ward.night("2026-03-02") is not None


def test_a_night_with_nothing_open_is_a_night_too(ward: Ward, caplog: pytest.LogCaptureFixture) -> None:
    ward.nightly.run()
    assert ward.night("2026-03-01") is None
    ward.at_hour(2)
    ward.nightly.run()
    assert ward.told("2026-03-02") == "夜间重置 2026-03-02\n没有需要重置的练习环境。"
    assert ward.told("2026-03-02", "en").splitlines()[1] == "No practice hospital had to be reset."
    assert caplog.messages.count("No practice hospital had to be reset.") == 1
    ward.nightly.run()
    assert caplog.messages.count("No practice hospital had to be reset.") == 1


@pytest.mark.parametrize(
    "zone",
    [
        "Europe/Berlin",
        *(
            pytest.param(name, marks=pytest.mark.slow)
            for name in (
                "Asia/Shanghai",
                "America/New_York",
                "Australia/Lord_Howe",
                "America/Sao_Paulo",
                "Africa/Casablanca",
                "Pacific/Chatham",
                "Asia/Tehran",
            )
        ),
    ],
)
@pytest.mark.timeout(600)
def test_every_local_date_of_800_days_has_exactly_one_night(make: MakeWard, zone: str) -> None:
    place = ZoneInfo(zone)
    ward = make(datetime(2025, 9, 1, 12, tzinfo=UTC), Habits(zone=place, default_at="02:30"))
    People(ward).practises("bob", rows=0)
    logging.disable(logging.INFO)
    try:
        ward.nightly.run()
        first = ward.site.clock.now().astimezone(place).date()
        for turn in range(800 * 2):
            # Now an hour early, now late: a worker is restarted, timers are slow.
            ward.site.steps.advance(12 * 3600 + (turn * 997 % 3600) - 1800)
            ward.site.leadership.take(lambda _: True)
            ward.nightly.run()
    finally:
        logging.disable(logging.NOTSET)
    last = ward.site.clock.now().astimezone(place).date()
    with ward.site.database.reading() as stores:
        nights = stores.ledger.nights("nightly-reset", first=date(2000, 1, 1), last=date(2100, 1, 1))
    assert all(night.begun_at is not None for night in nights)
    dates = [night.local_date for night in nights]
    assert dates == [first + timedelta(days=number + (dates[0] - first).days) for number in range(len(dates))]
    assert (last - dates[-1]).days <= 1
    assert len(dates) >= 798

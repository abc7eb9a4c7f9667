"""The nightly reset: a normal night, twice, a missed one, the clock set back, people at work."""

from __future__ import annotations

import threading

import pytest

from sandbox.attempts.model import AttemptId, AttemptState
from sandbox.errors import ForbiddenError, LeaseLostError, SettingsInvalidError
from sandbox.exercises.model import Mode
from sandbox.people.model import CLI, Actor, Role
from sandbox.provisioning.model import CellState, Desired, InstanceId, Observed
from sandbox.scheduling import operations
from sandbox.scheduling.nightly import Outcome
from tests.builders import make_version
from tests.night_ward import Ward, opens
from tests.provisioning_site import Site

DATE = "2026-03-02"


def open_one(ward: Ward, owner: str = "alice", *, rows: int = 3) -> InstanceId:
    key = ward.site.launch(owner)
    ward.site.settle()
    ward.site.cells.work(ward.site.cell_of(key).id, rows=rows)
    return key


def open_attempt(ward: Ward, owner: str = "alice", *, mode: Mode = Mode.PRACTICE) -> InstanceId:
    """Return an instance with an attempt under way."""
    key, attempt = InstanceId("e" * 16), AttemptId("f" * 16)
    opens(ward, owner, key, attempt, make_version(), mode=mode)
    return key


def test_a_normal_night_resets_every_open_instance_once(ward: Ward) -> None:
    keys = [open_one(ward, f"person-{number}") for number in range(3)]
    old = [ward.site.cell_of(key).id for key in keys]
    ward.at_hour(2)
    assert ward.goes_on() == Outcome(local_date=DATE, reset=3, deferred=0)
    assert [ward.site.instance(key).epoch for key in keys] == [2, 2, 2]
    assert [ward.site.archived_rows(cell) for cell in old] == [3, 3, 3]
    assert sorted(ward.ledger()) == sorted((DATE, key, "reset") for key in keys)
    ward.site.check_invariants()


def test_what_a_night_does_names_the_night(ward: Ward) -> None:
    key = open_one(ward)
    ward.at_hour(2)
    ward.goes_on()
    with ward.site.database.reading() as stores:
        told = stores.stories.of("night-260302")
    assert [(one.instance, one.cause) for one in told.moves] == [(key, "night-260302")]
    assert [one.facts["cause"] for one in told.entries if one.verb == "instance.reset"] == ["night-260302"]
    assert not ward.site.instance(key).cause.startswith("night"), "the click that launched it stays its cause"


def test_before_the_hour_nothing_happens(ward: Ward) -> None:
    open_one(ward)
    ward.at_hour(1)
    assert ward.nightly.run().reset == 0
    assert ward.ledger() == []


def test_ringing_twice_resets_once(ward: Ward) -> None:
    key = open_one(ward)
    ward.at_hour(2)
    assert [ward.nightly.run().reset for _ in range(5)] == [1, 0, 0, 0, 0]
    ward.goes_on()
    assert [ward.nightly.run().reset for _ in range(5)] == [0] * 5
    assert ward.site.instance(key).epoch == 2


def test_two_threads_ringing_together_reset_once(ward: Ward) -> None:
    key = open_one(ward)
    ward.at_hour(2)
    barrier = threading.Barrier(8)
    outcomes: list[int] = []

    def ring() -> None:
        barrier.wait()
        outcomes.append(ward.nightly.run().reset)

    threads = [threading.Thread(target=ring) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ward.site.settle()
    assert sum(outcomes) == 1
    assert ward.site.instance(key).epoch == 2


def test_a_missed_night_runs_once_in_the_morning(ward: Ward) -> None:
    key = open_one(ward)
    ward.at_hour(9, day=5)
    assert ward.goes_on() == Outcome(local_date="2026-03-05", reset=1, deferred=0)
    assert ward.nightly.run().reset == 0
    assert ward.site.instance(key).epoch == 2


def test_a_clock_set_back_does_not_reset_again(ward: Ward) -> None:
    key = open_one(ward)
    ward.at_hour(2)
    ward.goes_on()
    ward.site.steps.step(-3600)
    assert ward.nightly.run().reset == 0
    ward.site.steps.step(3600)
    assert ward.nightly.run().reset == 0
    assert ward.site.instance(key).epoch == 2


def test_the_next_night_is_another_run(ward: Ward) -> None:
    key = open_one(ward)
    for day in (2, 3, 4):
        ward.at_hour(2, day=day)
        assert ward.goes_on().reset == 1
    assert ward.site.instance(key).epoch == 4
    assert [outcome for _, _, outcome in ward.ledger()] == ["reset"] * 3


def test_an_instance_opened_since_is_fresh_already(ward: Ward) -> None:
    ward.at_hour(3)
    open_one(ward)
    assert ward.nightly.run().reset == 0


def test_practice_at_night_is_interrupted_and_does_not_count(ward: Ward) -> None:
    key = open_attempt(ward)
    ward.at_hour(2)
    assert ward.goes_on().reset == 1
    assert ward.ledger() == [(DATE, key, "closed")]
    with ward.site.database.reading() as stores:
        assert [each.state for each in stores.attempts.of_person("alice")] == [AttemptState.INTERRUPTED]
    assert ward.site.instance(key).observed is Observed.CLOSED


def test_a_late_run_waits_for_the_end_of_an_attempt(ward: Ward) -> None:
    key = open_attempt(ward)
    ward.at_hour(9)
    assert ward.nightly.run() == Outcome(local_date=DATE, reset=0, deferred=1)
    assert ward.site.instance(key).desired is Desired.OPEN
    assert ward.ledger() == [(DATE, key, "deferred")]


def test_an_instance_that_is_being_reset_anyway_is_noted_and_left_alone(ward: Ward) -> None:
    key = open_one(ward)
    ward.at_hour(2)
    ward.site.ask_reset(key)
    ward.nightly.run()
    assert ward.ledger() == [(DATE, key, "skipped")]
    ward.goes_on()
    assert ward.site.instance(key).epoch == 2


def test_a_worker_without_the_lease_resets_nothing(ward: Ward) -> None:
    key = open_one(ward)
    ward.at_hour(2)
    second = Site(ward.site.root, owner="worker-2", clock=ward.site.steps)
    second.leadership.take(lambda _: True)
    with pytest.raises(LeaseLostError):
        ward.nightly.run()
    assert ward.ledger() == []
    assert ward.site.instance(key).epoch == 1
    second.database.close()


def test_it_chooses_another_time(ward: Ward) -> None:
    key = open_one(ward)
    with ward.site.database.transaction() as stores:
        operations.set_nightly_time(stores, CLI, "23:30", now=ward.site.clock.now())
    assert ward.nightly.local_time() == "23:30"
    ward.at_hour(23, day=1)
    assert ward.nightly.run().reset == 0
    ward.site.steps.advance(1801)
    assert ward.goes_on() == Outcome(local_date="2026-03-01", reset=1, deferred=0)
    assert ward.site.instance(key).epoch == 2


def test_a_time_that_is_over_today_resets_nobody_at_once(ward: Ward) -> None:
    open_one(ward)
    with ward.site.database.transaction() as stores:
        operations.set_nightly_time(stores, CLI, "08:00", now=ward.site.clock.now())
    assert ward.nightly.run().reset == 0
    ward.at_hour(8)
    assert ward.nightly.run().reset == 1


def test_a_time_that_is_none_is_refused(ward: Ward) -> None:
    with ward.site.database.transaction() as stores, pytest.raises(SettingsInvalidError):
        operations.set_nightly_time(stores, CLI, "25:00", now=ward.site.clock.now())
    assert ward.nightly.local_time() == "02:00"


def test_only_it_may_set_the_time_or_run_it_now(ward: Ward) -> None:
    trainee = Actor(id="alice", roles=frozenset({Role.TRAINEE}))
    now = ward.site.clock.now()
    with ward.site.database.transaction() as stores, pytest.raises(ForbiddenError):
        operations.set_nightly_time(stores, trainee, "03:00", now=now)
    with ward.site.database.transaction() as stores, pytest.raises(ForbiddenError):
        operations.run_nightly_now(stores, trainee, now=now)


def test_running_it_now_resets_all_and_the_night_comes_all_the_same(ward: Ward) -> None:
    keys = [open_one(ward, owner) for owner in ("alice", "bob")]
    with ward.site.database.transaction() as stores:
        assert operations.run_nightly_now(stores, CLI, now=ward.site.clock.now()) == 2
    with ward.site.database.transaction() as stores:
        assert operations.run_nightly_now(stores, CLI, now=ward.site.clock.now()) == 0
    ward.site.settle()
    assert [ward.site.instance(key).epoch for key in keys] == [2, 2]
    ward.at_hour(2)
    assert ward.nightly.run().reset == 2
    assert len(ward.ledger()) == 2


def test_running_it_now_begins_no_attempt_behind_a_trainees_back(ward: Ward) -> None:
    key = open_attempt(ward)
    with ward.site.database.transaction() as stores:
        assert operations.run_nightly_now(stores, CLI, now=ward.site.clock.now()) == 1
        assert [each.state for each in stores.attempts.of_person("alice")] == [AttemptState.OPEN]
    assert ward.site.instance(key).desired is Desired.CLOSED


def test_an_exam_under_way_is_waited_for_all_night(ward: Ward) -> None:
    exam = open_attempt(ward, mode=Mode.EXAM)
    for hour in (2, 5, 11):
        ward.at_hour(hour)
        assert (ward.nightly.run().reset, ward.nightly.run().deferred) == (0, 1)
        assert ward.ledger() == [(DATE, exam, "deferred")]
    with ward.site.database.transaction() as stores:
        stores.attempts.move(AttemptId("f" * 16), AttemptState.OPEN, AttemptState.SUBMITTED, at=ward.site.clock.now())
        stores.instances.desire(exam, Desired.CLOSED)
    ward.at_hour(12)
    ward.goes_on()
    assert ward.ledger() == [(DATE, exam, "closed")]
    assert ward.site.instance(exam).observed is Observed.CLOSED


def test_what_hibernates_is_not_started_and_its_cell_goes(ward: Ward) -> None:
    key = open_one(ward)
    old = ward.site.cell_of(key).id
    with ward.site.database.transaction() as stores:
        stores.instances.desire(key, Desired.HIBERNATED)
    ward.site.settle()
    assert ward.site.instance(key).observed is Observed.HIBERNATED
    ward.at_hour(2)
    assert ward.goes_on().reset == 1
    assert ward.ledger() == [(DATE, key, "retired")]
    assert ward.site.instance(key).observed is Observed.HIBERNATED
    assert ward.site.cell(old).state is CellState.GONE
    assert ward.site.archived_rows(old) == 3
    report = ward.report(DATE)
    assert (report.verdict, report.retired, report.archives_verified, report.lines) == ("clean", 1, 1, ())
    with ward.site.database.transaction() as stores:
        stores.instances.desire(key, Desired.OPEN)
    ward.site.settle()
    assert (ward.site.instance(key).observed, ward.site.instance(key).epoch) == (Observed.OPEN, 2)
    ward.at_hour(2, day=3)
    ward.goes_on()
    assert [fate for _, _, fate in ward.ledger()] == ["reset", "retired"]


def test_what_is_on_its_way_into_sleep_is_waited_for(ward: Ward) -> None:
    key = open_one(ward)
    ward.at_hour(2)
    with ward.site.database.transaction() as stores:
        stores.instances.desire(key, Desired.HIBERNATED)
    assert ward.nightly.run().reset == 0
    ward.goes_on()
    ward.nightly.run()
    ward.goes_on()
    assert ward.ledger() == [(DATE, key, "retired")]

"""The plan as a table: what is stored and seen on the left, the next steps on the right."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox.provisioning import actions, plan, pool, sleep_plan
from sandbox.provisioning.actions import Action
from sandbox.provisioning.model import Cell, CellId, CellState, Desired, Instance, InstanceId, Move, Observed, SeenCell
from sandbox.provisioning.seen import Rows, Seen

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
I1, I2 = InstanceId("1" * 16), InstanceId("2" * 16)
C1, C2 = CellId("c" * 12), CellId("d" * 12)
LINE = pool.Line(key="k", image="sha256:i", profile="p", target=0)
UNREACHABLE, CORRUPT, DRIFT = "SBX-305", "SBX-405", "SBX-403"


def cell(state: CellState, **facts: Any) -> Cell:
    owned = {"instance": I1, "epoch": 1} if state not in plan_free_states() else {"instance": None, "epoch": None}
    values: dict[str, Any] = {
        "id": C1,
        "state": state,
        "uid": 1,
        "image": "sha256:i",
        "pool_key": "k",
        "engine_id": "e1",
        "nonce": "n",
        "dataset": None,
        "since": NOW,
        "failures": 0,
        "trouble": "",
    }
    return Cell(**(values | owned | facts))


def plan_free_states() -> set[CellState]:
    return {CellState.PLANNED, CellState.CREATED, CellState.STARTED, CellState.READY, CellState.BROKEN}


def instance(observed: Observed, **facts: Any) -> Instance:
    first = observed in (Observed.QUEUED, Observed.LAUNCHING)
    values: dict[str, Any] = {
        "id": I1,
        "owner": "alice",
        "exercise_version": None,
        "attempt": None,
        "desired": Desired.OPEN,
        "observed": observed,
        "epoch": 0 if first else 1,
        "cell": None if first else C1,
        "queued_at": NOW,
        "opened_at": None if first else NOW,
        "last_request_at": None,
        "trouble": "",
    }
    return Instance(**(values | facts))


def move(**facts: Any) -> Move:
    values: dict[str, Any] = {
        "instance": I1,
        "epoch": 1,
        "kind": "reset",
        "actor": "alice",
        "created_at": NOW,
        "closed_at": None,
    }
    return Move(**(values | facts))


def container(key: CellId = C1, *, running: bool = True, label: str = "p", engine_id: str = "e1") -> SeenCell:
    return SeenCell(cell=key, engine_id=engine_id, running=running, spec_label=label, folders=True)


def seen(*containers: SeenCell, **facts: Any) -> Seen:
    found = {one.cell: one for one in containers}
    return Seen(containers=found, **({"data": frozenset(found), "folders": frozenset(found)} | facts))


def steps(
    *,
    instances: tuple[Instance, ...] = (),
    cells: tuple[Cell, ...] = (),
    moves: tuple[Move, ...] = (),
    look: Seen | None = None,
    line: pool.Line = LINE,
    now: datetime = NOW,
) -> list[Action]:
    rows = Rows(instances=instances, cells=cells, moves=moves)
    return plan.plan(rows, look if look is not None else seen(container()), line, now=now)


OPEN = instance(Observed.OPEN)
NOTHING = seen()
STOPPED = seen(container(running=False))
UP = seen(container())


@pytest.mark.parametrize(
    ("state", "look", "expected"),
    [
        (CellState.PLANNED, NOTHING, actions.Create(cell=C1)),
        (CellState.PLANNED, STOPPED, actions.Create(cell=C1)),
        (
            CellState.PLANNED,
            seen(container(label="other")),
            actions.Clear(seen=container(label="other")),
        ),
        (CellState.CREATED, STOPPED, actions.Start(cell=C1)),
        (CellState.CREATED, UP, actions.Start(cell=C1)),
        (CellState.CREATED, NOTHING, actions.Break(cell=C1, trouble=UNREACHABLE)),
        (CellState.CREATED, seen(unsure=frozenset({C1})), actions.Start(cell=C1)),
        (CellState.STARTED, UP, actions.Probe(cell=C1)),
        (CellState.STARTED, seen(unsure=frozenset({C1})), actions.Probe(cell=C1)),
        (CellState.STARTED, STOPPED, actions.Break(cell=C1, trouble=UNREACHABLE)),
        (CellState.STARTED, NOTHING, actions.Break(cell=C1, trouble=UNREACHABLE)),
        (CellState.BROKEN, STOPPED, actions.Discard(cell=C1)),
        (CellState.ARCHIVED, UP, actions.Destroy(cell=C1)),
        (CellState.SEALED, UP, actions.Archive(cell=C1)),
        (CellState.QUARANTINED, UP, actions.Halt(cell=C1)),
    ],
)
def test_the_next_step_of_a_cell(state: CellState, look: Seen, expected: Action) -> None:
    assert steps(cells=(cell(state),), look=look) == [expected]


@pytest.mark.parametrize("look", [STOPPED, NOTHING, UP])
def test_a_ready_cell_that_stays_well_is_left_alone(look: Seen) -> None:
    expected = [] if look is UP else [actions.Break(cell=C1, trouble=UNREACHABLE)]
    assert steps(cells=(cell(CellState.READY),), look=look, line=replace(LINE, target=1)) == expected


def test_a_quarantined_cell_at_rest_is_left_alone() -> None:
    assert steps(cells=(cell(CellState.QUARANTINED),), look=STOPPED) == []


def test_a_cell_that_never_answers_is_broken_after_twenty_seconds() -> None:
    booting = cell(CellState.STARTED)
    late = NOW + timedelta(seconds=21)
    assert steps(cells=(booting,)) == [actions.Probe(cell=C1)]
    assert steps(cells=(booting,), now=late) == [actions.Break(cell=C1, trouble=UNREACHABLE)]


def test_a_clock_set_back_does_not_keep_a_silent_cell_for_an_hour() -> None:
    assert steps(cells=(cell(CellState.STARTED),), now=NOW - timedelta(hours=1)) == [
        actions.Break(cell=C1, trouble=UNREACHABLE)
    ]


def test_a_launch_takes_a_ready_cell() -> None:
    ready = cell(CellState.READY)
    assert steps(instances=(instance(Observed.QUEUED),), cells=(ready,)) == [actions.Launch(instance=I1)]


def test_a_launch_without_a_ready_cell_has_one_made() -> None:
    assert steps(instances=(instance(Observed.QUEUED),), look=NOTHING) == [
        actions.Begin(pool_key="k", image="sha256:i", count=1, fitting=0)
    ]


def test_the_oldest_launch_gets_the_only_cell() -> None:
    late = instance(Observed.QUEUED, id=I2, queued_at=NOW + timedelta(seconds=1))
    found = steps(instances=(late, instance(Observed.QUEUED)), cells=(cell(CellState.READY),))
    assert [step for step in found if isinstance(step, actions.Launch)] == [actions.Launch(instance=I1)]


def test_a_launch_goes_before_a_reset() -> None:
    queued = instance(Observed.QUEUED, id=I2, owner="bob")
    ready = cell(CellState.READY, id=C2)
    found = steps(
        instances=(OPEN, queued),
        cells=(cell(CellState.ARMED), ready),
        moves=(move(),),
        look=seen(container(), container(C2)),
    )
    assert actions.Launch(instance=I2) in found
    assert actions.Replace(instance=I1) not in found


def test_a_persons_reset_goes_before_the_nights() -> None:
    other = instance(Observed.OPEN, id=I2, cell=C2)
    ready = cell(CellState.READY, id=CellId("e" * 12))
    found = steps(
        instances=(OPEN, other),
        cells=(cell(CellState.ARMED), cell(CellState.ARMED, id=C2, instance=I2), ready),
        moves=(move(kind="nightly"), move(instance=I2)),
        look=seen(container(), container(C2), container(ready.id)),
    )
    assert [step for step in found if isinstance(step, actions.Replace)] == [actions.Replace(instance=I2)]


def test_a_reset_waits_for_a_ready_cell_and_has_one_made() -> None:
    found = steps(instances=(OPEN,), cells=(cell(CellState.ARMED),), moves=(move(),))
    assert found == [actions.Begin(pool_key="k", image="sha256:i", count=1, fitting=0)]


def test_a_reset_asked_for_goes_before_the_sleep_wanted_meanwhile() -> None:
    drowsy = instance(Observed.OPEN, desired=Desired.HIBERNATED)
    ready = cell(CellState.READY, id=C2)
    found = steps(
        instances=(drowsy,),
        cells=(cell(CellState.ARMED), ready),
        moves=(move(),),
        look=seen(container(), container(C2)),
    )
    assert actions.Replace(instance=I1) in found
    assert actions.Hibernate(instance=I1) not in found


def test_a_reset_of_an_earlier_epoch_is_over_once_its_cell_is_gone() -> None:
    later = instance(Observed.OPEN, epoch=2, cell=C2)
    served = cell(CellState.ARMED, id=C2, epoch=2)
    old = cell(CellState.ARCHIVED)
    look = seen(container(), container(C2))
    assert steps(instances=(later,), cells=(served, old), moves=(move(),), look=look) == [actions.Destroy(cell=C1)]
    assert steps(instances=(later,), cells=(served,), moves=(move(),), look=seen(container(C2))) == [
        actions.CloseMove(instance=I1, epoch=1)
    ]


def test_a_reset_with_a_dead_cell_starts_it_first_so_that_its_work_is_kept() -> None:
    ready = cell(CellState.READY, id=C2)
    found = steps(
        instances=(OPEN,),
        cells=(cell(CellState.ARMED), ready),
        moves=(move(),),
        look=seen(container(running=False), container(C2)),
    )
    assert found == [actions.Restart(cell=C1)]


def test_a_launch_that_was_interrupted_resumes() -> None:
    launching = instance(Observed.LAUNCHING)
    assert steps(instances=(launching,), cells=(cell(CellState.CLAIMED),)) == [actions.Launch(instance=I1)]


def test_a_reset_that_was_interrupted_resumes() -> None:
    replacing = instance(Observed.REPLACING, cell=C2)
    found = steps(instances=(replacing,), cells=(cell(CellState.CLAIMED, epoch=2),), moves=(move(),))
    assert found == [actions.Replace(instance=I1)]


def test_a_claimed_cell_that_died_is_given_back() -> None:
    launching = instance(Observed.LAUNCHING)
    assert actions.GiveBack(instance=I1, cell=C1, trouble=UNREACHABLE) in steps(
        instances=(launching,), cells=(cell(CellState.CLAIMED),), look=STOPPED
    )


def test_a_claimed_cell_for_nobody_is_broken() -> None:
    assert steps(cells=(cell(CellState.CLAIMED),)) == [actions.Break(cell=C1, trouble="")]


@pytest.mark.parametrize("observed", [Observed.QUEUED, Observed.OPEN, Observed.FAILED])
def test_closing(observed: Observed) -> None:
    unwanted = instance(observed, desired=Desired.CLOSED)
    assert actions.Close(instance=I1) in steps(instances=(unwanted,))


def test_closing_during_a_launch_gives_the_cell_back() -> None:
    unwanted = instance(Observed.LAUNCHING, desired=Desired.CLOSED)
    assert actions.GiveBack(instance=I1, cell=C1) in steps(instances=(unwanted,), cells=(cell(CellState.CLAIMED),))


def test_closing_a_dead_cell_starts_it_first_so_that_its_work_is_kept() -> None:
    unwanted = instance(Observed.OPEN, desired=Desired.CLOSED)
    assert steps(instances=(unwanted,), cells=(cell(CellState.ARMED),), look=STOPPED) == [actions.Restart(cell=C1)]


def test_an_armed_cell_that_runs_is_left_alone() -> None:
    assert steps(instances=(OPEN,), cells=(cell(CellState.ARMED),)) == []


@pytest.mark.parametrize(
    ("ages", "expected"),
    [
        ((), [actions.Restart(cell=C1)]),
        ((0.5,), []),
        ((1.5,), [actions.Restart(cell=C1)]),
        ((1.5, 5.0), []),
        ((2.5, 5.0), [actions.Restart(cell=C1)]),
        ((9.0, 20.0, 30.0, 40.0), [actions.Restart(cell=C1)]),
        ((9.0, 20.0, 30.0, 40.0, 50.0), [actions.Quarantine(cell=C1, trouble=UNREACHABLE)]),
        ((9.0, 700.0, 800.0, 900.0, 1000.0), [actions.Restart(cell=C1)]),
    ],
)
def test_restarts_back_off_and_end_in_quarantine(ages: tuple[float, ...], expected: list[Action]) -> None:
    look = seen(container(running=False), restarts={C1: ages})
    assert steps(instances=(OPEN,), cells=(cell(CellState.ARMED),), look=look) == expected


def test_a_vanished_container_is_made_again_from_its_data() -> None:
    assert steps(instances=(OPEN,), cells=(cell(CellState.ARMED),), look=seen(data=frozenset({C1}))) == [
        actions.Restart(cell=C1)
    ]


def test_a_cell_whose_data_is_gone_is_kept_for_a_person() -> None:
    assert steps(instances=(OPEN,), cells=(cell(CellState.ARMED),), look=NOTHING) == [
        actions.Quarantine(cell=C1, trouble=CORRUPT)
    ]


def test_absence_proves_nothing_of_a_cell_touched_since_the_observation() -> None:
    look = seen(unsure=frozenset({C1}))
    assert steps(instances=(OPEN,), cells=(cell(CellState.ARMED),), look=look) == []


def test_a_running_cell_that_does_not_answer_is_kept_for_a_person() -> None:
    look = seen(container(), silent={C1: sleep_plan.SILENCES_ALLOWED})
    assert steps(cells=(cell(CellState.SEALED),), look=look) == [actions.Quarantine(cell=C1, trouble=UNREACHABLE)]


def test_a_container_unlike_its_profile_is_expelled() -> None:
    look = seen(container(), drifted=frozenset({C1}))
    assert steps(instances=(OPEN,), cells=(cell(CellState.ARMED),), look=look) == [
        actions.Expel(cell=C1, trouble=DRIFT)
    ]


def test_an_armed_cell_nobody_points_to_is_sealed() -> None:
    assert steps(cells=(cell(CellState.ARMED),)) == [actions.Seal(cell=C1)]


def test_without_the_engine_running_hospitals_are_left_alone_and_launches_are_told_why() -> None:
    blind = Seen(engine=False)
    queued = instance(Observed.QUEUED, id=I2, owner="bob")
    broken = cell(CellState.BROKEN, id=C2)
    line = replace(LINE, trouble="SBX-301", target=2)
    assert steps(instances=(OPEN, queued), cells=(cell(CellState.ARMED), broken), look=blind, line=line) == [
        actions.Note(instance=I2, trouble="SBX-301")
    ]


def test_a_warm_launch_needs_no_engine() -> None:
    line = replace(LINE, trouble="SBX-301")
    found = steps(
        instances=(instance(Observed.QUEUED),),
        cells=(cell(CellState.READY),),
        look=Seen(engine=False),
        line=line,
    )
    assert found[0] == actions.Launch(instance=I1)


def test_trouble_that_is_over_is_taken_back() -> None:
    assert actions.Note(instance=I1, trouble="") in steps(instances=(instance(Observed.QUEUED, trouble="SBX-301"),))


@pytest.mark.parametrize(("age", "expected"), [(59.0, []), (60.0, [actions.Clear(seen=container())])])
def test_a_container_without_a_row_is_removed_at_the_second_strike(age: float, expected: list[Action]) -> None:
    assert steps(look=seen(container(), strangers={"e1": age})) == expected


@pytest.mark.parametrize(("age", "expected"), [(59.0, []), (60.0, [actions.SetAside(cell=C1)])])
def test_folders_without_a_row_are_set_aside_at_the_second_strike(age: float, expected: list[Action]) -> None:
    assert steps(look=seen(folders=frozenset({C1}), strangers={C1: age})) == expected


def test_a_cell_of_an_old_pool_is_let_go_when_a_new_one_is_ready() -> None:
    old, new = cell(CellState.READY, pool_key="old"), cell(CellState.READY, id=C2)
    wanted, look = replace(LINE, target=1), seen(container(C1), container(C2))
    assert steps(cells=(old,), look=look, line=wanted) == [
        actions.Begin(pool_key="k", image="sha256:i", count=1, fitting=0)
    ]
    assert steps(cells=(old, new), look=look, line=wanted) == [actions.Discard(cell=C1)]


@pytest.mark.parametrize("state", [CellState.PLANNED, CellState.CREATED])
def test_a_refill_waits_while_people_are_served_from_ready_cells(state: CellState) -> None:
    refill, ready = cell(state), cell(CellState.READY, id=C2)
    wanted, look = replace(LINE, target=2), seen(container(C1, running=False), container(C2))
    waiting = (instance(Observed.QUEUED),)
    assert steps(instances=waiting, cells=(refill, ready), look=look, line=wanted) == [actions.Launch(instance=I1)]
    begun = actions.Create if state is CellState.PLANNED else actions.Start
    assert steps(cells=(refill, ready), look=look, line=wanted) == [begun(cell=C1)]
    # Without a ready cell it is the one that the person waits for.
    assert begun(cell=C1) in steps(instances=waiting, cells=(refill,), look=look, line=wanted)


def test_no_cell_is_begun_beyond_the_seats_of_the_machine() -> None:
    waiting = (instance(Observed.QUEUED), instance(Observed.QUEUED, id=I2))
    taken, look = cell(CellState.READY, pool_key="other"), seen(container(C1))
    found = steps(instances=waiting, cells=(taken,), look=look, line=replace(LINE, seats=2, target=1))
    assert [one.count for one in found if isinstance(one, actions.Begin)] == [1]
    assert steps(instances=waiting, cells=(taken,), look=look, line=replace(LINE, seats=1, target=1)) == []


def test_unfinished_cells_of_an_old_pool_are_broken() -> None:
    assert steps(cells=(cell(CellState.CREATED, pool_key="old"),)) == [actions.Break(cell=C1, trouble="")]


def test_a_resting_pool_begins_and_creates_nothing() -> None:
    line = replace(LINE, target=3, resting=True, trouble="SBX-402")
    assert steps(cells=(cell(CellState.PLANNED),), look=NOTHING, line=line) == []


def test_without_an_image_nothing_is_begun_and_ready_cells_are_kept() -> None:
    line = pool.Line(key="", image="", profile="p", target=0, trouble="SBX-402")
    found = steps(instances=(instance(Observed.QUEUED),), cells=(cell(CellState.READY),), line=line)
    assert found == [actions.Note(instance=I1, trouble="SBX-402")]


@pytest.mark.parametrize(("kind", "in_person"), [("reset", 1), ("nightly", 0)])
@pytest.mark.parametrize("observed", [Observed.OPEN, Observed.REPLACING])
def test_for_the_resets_of_a_night_nobody_waits_in_person(observed: Observed, kind: str, in_person: int) -> None:
    rows = Rows(instances=(instance(observed),), cells=(), moves=(move(kind=kind),))
    served = plan.being_served(rows, NOW)
    assert (served.waiting, served.in_person) == (1, in_person)

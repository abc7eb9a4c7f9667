"""What is of no use is listed with its reason; what a row explains, hibernated cells above all, never is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sandbox.provisioning import leftovers
from sandbox.provisioning.leftovers import Fate, Found, Kind, Needed, Why
from sandbox.provisioning.model import CellId, CellState, SeenCell
from tests.builders import NOON, make_cell, make_golden, make_image

ORPHAN = CellId("0" * 12)
LATEST = make_image(id="sha256:" + "b" * 64, registered_at=NOON)
EARLIER = make_image(id="sha256:" + "a" * 64, registered_at=NOON - timedelta(days=1))
DATASET = make_golden(inputs_key="now", sha256="d" * 64)
OLD = make_golden(inputs_key="then", sha256="e" * 64)


def seen(cell: CellId, *, running: bool = True) -> SeenCell:
    return SeenCell(cell=cell, engine_id=f"engine {cell}", running=running, spec_label="p", folders=True)


def needed(*cells: object, inputs_key: str = "now") -> Needed:
    return Needed(
        cells=cells,  # type: ignore[arg-type]
        images=[EARLIER, LATEST],
        latest=LATEST,
        datasets={DATASET.sha256: DATASET, OLD.sha256: OLD},
        inputs_key=inputs_key,
    )


def plan(found: Found, rows: Needed | None = None) -> list[tuple[Kind, str, Why, Fate]]:
    listed = leftovers.plan(found, rows or needed(), now=NOON)
    return [(one.kind, one.name, one.why, one.fate) for one in listed]


def test_a_machine_where_all_is_explained_has_no_leftovers() -> None:
    cells = [make_cell(state=state, dataset=OLD.sha256, image=EARLIER.id) for state in CellState if state != "gone"]
    names = frozenset(cell.id for cell in cells)
    found = Found(
        containers=[seen(cell.id) for cell in cells],
        data=names,
        mounts=names,
        datasets={f"{DATASET.sha256}.db": 1, f"{OLD.sha256}.db": 1},
        building={".building-7-0123456789ab": 5.0},
        images={EARLIER.id: 1},
    )
    assert plan(found, needed(*cells)) == []


@pytest.mark.parametrize("state", [CellState.ARMED, CellState.QUARANTINED])
def test_a_stopped_cell_with_a_row_keeps_container_and_folders(state: CellState) -> None:
    """As a hibernated one is: stopped on purpose, the work on its disk."""
    cell = make_cell(state=state, instance="i", epoch=1)
    found = Found(containers=[seen(cell.id, running=False)], data=frozenset({cell.id}), mounts=frozenset({cell.id}))
    assert plan(found, needed(cell)) == []


def test_a_container_without_a_row_is_archived_first_and_takes_its_folders_along() -> None:
    found = Found(containers=[seen(ORPHAN)], data=frozenset({ORPHAN}), mounts=frozenset({ORPHAN}))
    assert plan(found) == [(Kind.CONTAINER, ORPHAN, Why.NO_ROW, Fate.ARCHIVE_AND_REMOVE)]


def test_folders_without_row_and_container_are_set_aside_never_deleted() -> None:
    found = Found(data=frozenset({ORPHAN}), mounts=frozenset({ORPHAN}))
    assert plan(found) == [
        (Kind.FOLDER, ORPHAN, Why.NO_ROW, Fate.SET_ASIDE),
        (Kind.MOUNT, ORPHAN, Why.NO_ROW, Fate.REMOVE),
    ]


def test_programs_of_killed_runs_go() -> None:
    found = Found(one_shots={"engine 7": "his-oneshot-cafe0001-77"})
    assert plan(found) == [(Kind.ONE_SHOT, "his-oneshot-cafe0001-77", Why.KILLED_RUN, Fate.REMOVE)]


def test_datasets_without_a_row_of_old_inputs_or_half_built_go() -> None:
    found = Found(
        datasets={f"{'f' * 64}.db": 3, f"{OLD.sha256}.db": 4, f"{DATASET.sha256}.db": 5},
        building={".building-7-0123456789ab": 3601.0, ".building-8-0123456789ab": 3599.0},
    )
    assert plan(found) == [
        (Kind.DATASET, f"{OLD.sha256}.db", Why.OLD_INPUTS, Fate.REMOVE),
        (Kind.DATASET, f"{'f' * 64}.db", Why.NO_ROW, Fate.REMOVE),
        (Kind.DATASET, ".building-7-0123456789ab", Why.KILLED_RUN, Fate.REMOVE),
    ]


def test_without_an_image_nobody_knows_which_dataset_is_old() -> None:
    assert plan(Found(datasets={f"{OLD.sha256}.db": 4}), needed(inputs_key="")) == []


def test_a_dataset_that_a_cell_was_given_stays_while_the_cell_does() -> None:
    found = Found(datasets={f"{'f' * 64}.db": 3, f"{OLD.sha256}.db": 4})
    cells = [make_cell(dataset="f" * 64), make_cell(dataset=OLD.sha256)]
    assert plan(found, needed(*cells)) == []


def test_an_earlier_image_goes_unless_a_cell_a_container_or_the_next_launch_needs_it() -> None:
    both = {EARLIER.id: 150 << 20, LATEST.id: 151 << 20}
    [one] = leftovers.plan(Found(images=both), needed(), now=NOON)
    assert (one.kind, one.name, one.why, one.bytes) == (Kind.IMAGE, EARLIER.id, Why.EARLIER_BUILD, 150 << 20)
    assert plan(Found(images=both), needed(make_cell(image=EARLIER.id))) == []
    assert plan(Found(images={LATEST.id: 1})) == []


def test_what_was_set_aside_stays_a_week() -> None:
    found = Found(set_aside={"20300226T115959-0123456789ab": 9, "20300225T115959-0123456789ab": 9})
    assert plan(found) == [
        (Kind.SET_ASIDE, "20300225T115959-0123456789ab", Why.KEPT_LONG_ENOUGH, Fate.REMOVE),
        (Kind.SET_ASIDE, "20300226T115959-0123456789ab", Why.FOR_A_PERSON, Fate.KEEP),
    ]

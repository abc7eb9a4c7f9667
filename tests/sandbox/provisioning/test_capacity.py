"""How many cells fit, which term is short, what pressure asks for: values in, values out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.provisioning import capacity
from sandbox.provisioning.capacity import MIB, Load, Machine, Pressure, Rules

GIB = 1 << 30
MACHINE = Machine(memory_total=24 * GIB, memory_available=15 * GIB, swap_used=0, disk_free=80 * GIB, stalled=0.0)
RULES = Rules(reserve=GIB, most=600, cell_limit=128 * MIB, strict=False)
LOAD = Load(running=10, cell_bytes=28 * MIB)


def test_the_shortest_term_decides_and_has_a_name() -> None:
    held = capacity.measure(MACHINE, RULES, LOAD)
    assert (held.memory, held.disk, held.site) == (10 + 14 * GIB // (28 * MIB), 10 + 75 * GIB // (96 * MIB), 600)
    assert (held.seats, held.short) == (held.memory, "memory")
    held = capacity.measure(replace(MACHINE, disk_free=6 * GIB), RULES, LOAD)
    assert (held.seats, held.short) == (20, "disk")
    held = capacity.measure(MACHINE, replace(RULES, most=3), LOAD)
    assert (held.seats, held.short) == (3, "site")


def test_what_runs_already_is_counted_by_what_it_leaves() -> None:
    """Ten more cells leave less memory and the same number of seats."""
    more = replace(MACHINE, memory_available=MACHINE.memory_available - 280 * MIB)
    assert (
        capacity.measure(more, RULES, Load(running=20, cell_bytes=28 * MIB)).memory
        == capacity.measure(MACHINE, RULES, LOAD).memory
    )


def test_strict_counts_every_cell_at_its_limit() -> None:
    held = capacity.measure(MACHINE, replace(RULES, strict=True), LOAD)
    assert held.memory == 23 * GIB // (128 * MIB)


@given(
    available=st.integers(0, 64 * GIB),
    disk=st.integers(0, 500 * GIB),
    running=st.integers(0, 600),
    cell=st.integers(1, 256 * MIB),
)
def test_there_are_never_fewer_than_no_seats_nor_more_than_any_term(
    available: int, disk: int, running: int, cell: int
) -> None:
    machine = replace(MACHINE, memory_available=available, disk_free=disk)
    held = capacity.measure(machine, RULES, Load(running=running, cell_bytes=cell))
    assert 0 <= held.seats <= min(held.memory, held.disk, held.site)
    # A cell more for each free seat never eats into the reserve.
    more = max(0, held.seats - running)
    assert more == 0 or available - more * cell >= RULES.reserve


@pytest.mark.parametrize(
    ("available", "stalled", "before", "expected"),
    [
        (2 * GIB, 0.0, Pressure.CALM, Pressure.CALM),
        (GIB - 1, 0.0, Pressure.CALM, Pressure.TIGHT),
        (GIB // 2 - 1, 0.0, Pressure.CALM, Pressure.SHORT),
        (2 * GIB, 12.0, Pressure.CALM, Pressure.TIGHT),
        (2 * GIB, 30.0, Pressure.CALM, Pressure.SHORT),
        (2 * GIB, None, Pressure.CALM, Pressure.CALM),
        # It relaxes later than it tightens.
        (GIB - 1, 0.0, Pressure.SHORT, Pressure.SHORT),
        (GIB + 1, 0.0, Pressure.SHORT, Pressure.TIGHT),
        (GIB + 1, 0.0, Pressure.TIGHT, Pressure.TIGHT),
        (2 * GIB, 0.0, Pressure.TIGHT, Pressure.CALM),
    ],
)
def test_pressure(available: int, stalled: float | None, before: Pressure, expected: Pressure) -> None:
    machine = replace(MACHINE, memory_available=available, stalled=stalled)
    assert capacity.pressure(machine, RULES, before) is expected


def test_a_cell_is_expected_to_use_what_nearly_all_do() -> None:
    assert capacity.cell_bytes([]) == capacity.SEED_CELL_BYTES
    assert capacity.cell_bytes([30 * MIB]) == 30 * MIB
    assert capacity.cell_bytes([*range(1, 101)]) == 95


def test_the_memory_to_add_is_told_only_where_memory_is_short() -> None:
    held = capacity.Capacity(memory=45, disk=100, site=100)
    assert capacity.missing_bytes(60, held, 32 * MIB) == 15 * 32 * MIB
    assert capacity.missing_bytes(40, held, 32 * MIB) == 0

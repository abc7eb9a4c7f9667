"""A state in two halves: what every hospital of a dataset begins with, and what changed since."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.contract import CONTRACT_VERSION, baseline, canonical
from sandbox.contract.control import StateChanges
from sandbox.contract.state import TABLES

VALUES = st.dictionaries(st.from_regex(r"p[0-9]{1,3}", fullmatch=True), st.integers(), max_size=12)


def records(values: dict[str, int]) -> tuple[dict[str, Any], ...]:
    return tuple({"id": key, "value": value} for key, value in sorted(values.items()))


def changes(anchor: str = "2026-03-01", **tables: tuple[dict[str, Any], ...]) -> StateChanges:
    return StateChanges(contract=CONTRACT_VERSION, anchor=anchor, baseline="0" * 64, tables=tables)


def content(**tables: Any) -> bytes:
    return canonical.dumps({"contract": CONTRACT_VERSION, "tables": tables}).encode()


@given(VALUES, VALUES)
def test_changed_records_stand_where_their_ids_put_them(begun: dict[str, int], changed: dict[str, int]) -> None:
    laid = baseline.laid_over({"patient": records(begun), "staff": ()}, {"patient": records(changed)})
    assert laid == {"patient": records(begun | changed), "staff": ()}


def test_what_nobody_touched_is_shared_and_what_it_began_with_is_left_alone() -> None:
    begun = records({"p1": 1, "p2": 2})
    laid = baseline.laid_over({"patient": begun}, {"patient": records({"p1": 3})})
    assert laid["patient"][1] is begun[1]
    assert begun == records({"p1": 1, "p2": 2})


def test_days_and_times_count_from_the_anchor_of_the_cell() -> None:
    stored = dict.fromkeys(TABLES["registration"]) | {"id": "rg1", "visit_date": -1, "paid_at": 86_399}
    whole = baseline.whole(content(registration=[stored]), changes())
    (shown,) = whole.tables["registration"]
    assert (shown["visit_date"], shown["paid_at"]) == ("2026-02-28", "2026-03-01T23:59:59")
    assert shown["checked_in_at"] is None
    assert (whole.anchor, whole.contract) == ("2026-03-01", CONTRACT_VERSION)


@pytest.mark.parametrize("begun", [b"", b"[]", b'{"contract":4}', b'{"contract":4,"tables":{"patient":[1]}}'])
def test_what_is_no_baseline_is_refused(begun: bytes) -> None:
    with pytest.raises((ValueError, TypeError)):
        baseline.whole(begun, changes())


def test_changes_of_a_table_that_the_dataset_does_not_have_are_refused() -> None:
    with pytest.raises(ValueError, match="no table ward"):
        baseline.whole(content(patient=[]), changes(ward=({"id": "w1"},)))

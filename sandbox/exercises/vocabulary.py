"""The codes and seeded people an exercise may name: read from a dataset's records, handed to the loader."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.contract.records import REFERENCE


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """`codes`: list name -> codes; `labels`: table -> labels of seeded people; `datasets`: names of datasets."""

    codes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    labels: Mapping[str, frozenset[str]] = field(default_factory=dict)
    datasets: frozenset[str] = frozenset({"base"})


def from_records(
    records: Iterable[tuple[str, Mapping[str, Any]]], *, datasets: Iterable[str] = ("base",)
) -> Vocabulary:
    """Return the vocabulary of one dataset's (table, row) pairs. The first column of a reference table is its code."""
    codes: dict[str, set[str]] = {}
    labels: dict[str, set[str]] = {"patient": set(), "staff": set()}
    for table, row in records:
        if table == "code_lists":
            codes.setdefault(str(row["list_id"]), set()).add(str(row["code"]))
        elif table in REFERENCE:
            codes.setdefault(table, set()).add(str(row[REFERENCE[table][0]]))
        elif table in labels and row.get("label"):
            labels[table].add(str(row["label"]))
    return Vocabulary(
        codes={name: frozenset(found) for name, found in codes.items()},
        labels={table: frozenset(found) for table, found in labels.items()},
        datasets=frozenset(datasets),
    )

"""The codes and seeded people an exercise may name: read from a dataset's records, handed to the loader.

What codes are called is kept as well, so that an author who wrote the word is told the code.
"""

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
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """List name -> what a code is called, in either language -> the code."""


_NAMES = ("name_zh", "name_en", "generic_zh", "generic_en")


def from_records(
    records: Iterable[tuple[str, Mapping[str, Any]]], *, datasets: Iterable[str] = ("base",)
) -> Vocabulary:
    """Return the vocabulary of one dataset's (table, row) pairs. The first column of a reference table is its code."""
    codes: dict[str, set[str]] = {}
    names: dict[str, dict[str, str]] = {}
    labels: dict[str, set[str]] = {"patient": set(), "staff": set()}
    for table, row in records:
        if table == "code_lists" or table in REFERENCE:
            listed = str(row["list_id"]) if table == "code_lists" else table
            code = str(row["code"] if table == "code_lists" else row[REFERENCE[table][0]])
            codes.setdefault(listed, set()).add(code)
            words = (row[column] for column in _NAMES if row.get(column))
            names.setdefault(listed, {}).update({str(word): code for word in words})
        elif table in labels and row.get("label"):
            labels[table].add(str(row["label"]))
    return Vocabulary(
        codes={name: frozenset(found) for name, found in codes.items()},
        labels={table: frozenset(found) for table, found in labels.items()},
        datasets=frozenset(datasets),
        names=names,
    )

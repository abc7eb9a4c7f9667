"""What an attempt left behind, read once: rows whose chain was verified, final tables, digests.

Reading costs far more than grading (every row is hashed), so that a regrade or a self-test reads once and grades often.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.contract import canonical, codec
from sandbox.contract import journal as chain
from sandbox.contract.codec import CodecError
from sandbox.contract.control import HospitalState
from sandbox.contract.exercise_pack import Words
from sandbox.contract.journal import Row

Tables = Mapping[str, tuple[Mapping[str, Any], ...]]


class EvidenceError(Exception):
    """The evidence lacks what a check needs. The line costs nothing; `zh` and `en` say what is missing."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


@dataclass(frozen=True, kw_only=True)
class Journal:
    """All rows of one attempt, and what binds their chain to it: the attempt's id and the cell's nonce."""

    attempt: str
    nonce: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """`fault` says why nothing can be graded: a broken, cut, reordered or foreign journal; None = it holds."""

    rows: tuple[Row, ...]
    tables: Tables
    digests: Mapping[str, str]
    fault: Words | None = None


def read(journal: Journal, state: HospitalState, *, digests: Mapping[str, str] | None = None) -> Evidence:
    """Return the evidence. `digests` are those of the files as they are kept; without them the values are hashed."""
    try:
        known = _digests(journal, state) if digests is None else dict(digests)
        _require_whole(journal)
    except EvidenceError as broken:
        return Evidence(rows=(), tables={}, digests={}, fault=Words(zh=broken.zh, en=broken.en))
    except (TypeError, CodecError):
        said = Words(zh="日志或状态中有不合约定的值", en="journal or state hold a value without a canonical form")
        return Evidence(rows=(), tables={}, digests={}, fault=said)
    return Evidence(rows=journal.rows, tables=state.tables, digests=known)


def replayed(rows: tuple[Row, ...], tables: Tables) -> Evidence:
    """Return the evidence of a run that our own replay has just made: nothing to verify, nothing to archive."""
    return Evidence(rows=rows, tables=tables, digests={})


def _digests(journal: Journal, state: HospitalState) -> dict[str, str]:
    return {
        "journal": canonical.digest(codec.to_json(journal.rows)),
        "state": canonical.digest(codec.to_json(state)),
    }


def _require_whole(journal: Journal) -> None:
    wrong = chain.broken_at(journal.rows, attempt=journal.attempt, nonce=journal.nonce)
    if wrong is None and (not journal.rows or journal.rows[0].action != "attempt.begin"):
        wrong = "the attempt does not begin"
    if wrong is None and journal.rows[-1].action != "attempt.end":
        wrong = "the last row is missing"
    if wrong is not None:
        raise EvidenceError(
            "操作日志校验失败：不完整、被改动或不属于本次练习", f"the journal does not verify ({wrong})"
        )

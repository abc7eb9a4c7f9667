"""Near misses: up to three rows that would have counted but for their outcome or one matcher."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import islice

from sandbox.contract import matching
from sandbox.contract.catalogue import ACTIONS
from sandbox.contract.journal import SYSTEM, Row
from sandbox.exercises.plan import Compiled
from sandbox.grading import explain, words
from sandbox.grading.finding import Finding
from sandbox.grading.ledger import Ledger
from sandbox.grading.report import Near

LIMIT = 3


def misses(finding: Finding, ledger: Ledger) -> tuple[Near, ...]:
    """Return the near misses of a line that is not full, in order."""
    found: dict[int, tuple[Row, str]] = {}
    evidence = frozenset(finding.events)
    for candidates in (*_by_pattern(finding.looks_at, ledger), *_by_table(finding.tables, ledger)):
        # Each comes in order of the journal, so that none can give more than the first few.
        fresh = ((row, part) for row, part in candidates if row.seq not in evidence)
        for row, part in islice(fresh, LIMIT):
            found.setdefault(row.seq, (row, part))
    return tuple(_near(*found[seq]) for seq in sorted(found)[:LIMIT])


def _by_pattern(events: Iterable[str], ledger: Ledger) -> Iterator[Iterator[tuple[Row, str]]]:
    for name in events:
        matched = frozenset(row.seq for row in ledger.hits[name])
        for pattern in ledger.plan.events[name]:
            for action in pattern["actions"]:
                yield _failing(pattern, ledger.by_action.get(action, ()), matched, ledger)


def _failing(
    pattern: Compiled, rows: Iterable[Row], matched: Collection[int], ledger: Ledger
) -> Iterator[tuple[Row, str]]:
    for row in rows:
        if row.actor != SYSTEM and row.seq not in matched:
            failed = matching.misses(pattern, row, ledger.bound)
            if len(failed) == 1:
                yield row, failed[0]


def _by_table(tables: Iterable[str], ledger: Ledger) -> Iterator[Iterator[tuple[Row, str]]]:
    wanted = set(tables)
    for name, rows in ledger.by_action.items() if wanted else ():
        action = ACTIONS.get(name)
        if action is not None and action.target in wanted:
            yield ((row, "outcome") for row in rows if row.outcome == "refused")


def _near(row: Row, part: str) -> Near:
    refused = part == "outcome" and row.outcome == "refused"
    said = explain.say(
        "near",
        "outcome" if refused else "field",
        seq=row.seq,
        action=explain.action_words(row.action),
        code=row.code or "",
        part=words.field(part),
    )
    return Near(seq=row.seq, action=row.action, part=part, code=row.code, zh=said.zh, en=said.en)

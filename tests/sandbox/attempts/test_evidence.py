"""Evidence on its whole way: cell archive, seal, grade. Whatever was done to it gives an error, never a lower score."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sandbox.adapters.db.bundle import DbStores
from sandbox.adapters.db.engine import Database
from sandbox.adapters.files import FileStore
from sandbox.attempts import evidence
from sandbox.attempts.model import AttemptId, AttemptState
from sandbox.contract import baseline, canonical, codec
from sandbox.contract import journal as chain
from sandbox.contract.journal import Row
from sandbox.errors import NotFoundError
from sandbox.provisioning import archiving
from tests.builders import make_assignment
from tests.fakes import FrozenClock
from tests.graded import X05, Archive
from tests.web import papers

KEY, OTHER = AttemptId("a" * 16), AttemptId("b" * 16)
Rows = list[dict[str, Any]]
TOLD_AS = {"journal": "journal", "state": "final state", "baseline": "dataset's baseline"}
"""File -> what a fault calls it."""


@pytest.fixture
def archive(peopled: Database[DbStores], clock: FrozenClock, tmp_path: Path) -> Archive:
    return Archive(peopled, clock, FileStore(tmp_path / "files"))


def rows_of(key: AttemptId = KEY, deeds: tuple[papers.Deed, ...] = papers.CAREFUL) -> Rows:
    return list(json.loads(papers.journal(key, deeds)))


def written(rows: Rows) -> bytes:
    return canonical.dumps(rows).encode()


def chained(rows: Rows, *, attempt: str = KEY, nonce: str = papers.NONCE) -> bytes:
    """Return the rows with numbers and hashes made anew, as somebody who knows the rule would."""
    prev, done = chain.first_prev(attempt, nonce), []
    for number, raw in enumerate(rows, start=1):
        row = dataclasses.replace(codec.from_json(Row, raw), seq=number, attempt=attempt, prev=prev)
        row = dataclasses.replace(row, hash=chain.row_hash(row))
        prev = row.hash
        done.append(row)
    return archiving.journal_bytes(done)


def forged() -> bytes:
    rows = rows_of(deeds=papers.HASTY)
    rows[6]["data"] = {"drugs": ["M021"], "classes": [], "items": 1, "max_days": 3}
    return written(rows)


def truncated() -> bytes:
    return written(rows_of()[:-1])


def cut_at_the_head() -> bytes:
    return written(rows_of()[1:])


def reordered() -> bytes:
    rows = rows_of()
    rows[3], rows[4] = rows[4], rows[3]
    return written(rows)


def gap() -> bytes:
    rows = rows_of()
    del rows[4]
    return written(rows)


def doubled() -> bytes:
    rows = rows_of()
    return written([*rows[:5], rows[4], *rows[5:]])


def replayed_from_another_attempt() -> bytes:
    return papers.journal(OTHER, papers.CAREFUL)


def a_row_of_another_attempt() -> bytes:
    rows = rows_of()
    rows[5] = rows_of(OTHER)[5]
    return written(rows)


def chained_from_another_nonce() -> bytes:
    return chained(rows_of(), nonce="6" * 32)


def without_a_beginning_chained_anew() -> bytes:
    return chained(rows_of()[1:])


def without_an_end_chained_anew() -> bytes:
    return chained(rows_of()[:-1])


def no_rows() -> bytes:
    return b"[]"


def no_json() -> bytes:
    return b"\xff\xfe"


TAMPERED: tuple[Callable[[], bytes], ...] = (
    forged,
    truncated,
    cut_at_the_head,
    reordered,
    gap,
    doubled,
    replayed_from_another_attempt,
    a_row_of_another_attempt,
    chained_from_another_nonce,
    without_a_beginning_chained_anew,
    without_an_end_chained_anew,
    no_rows,
    no_json,
)


@pytest.mark.parametrize("tampered", TAMPERED, ids=lambda made: made.__name__)
def test_a_tampered_journal_gives_an_error_and_gives_the_attempt_back(
    archive: Archive, tampered: Callable[[], bytes]
) -> None:
    assignment = make_assignment(exercise_version=X05, max_attempts=1)
    with archive.database.transaction() as stores:
        stores.assignments.add(assignment)
    archive.sealed(attempt=KEY, assignment=assignment.id, journal=tampered())
    with archive.database.reading() as stores:
        assert [one.id for one in stores.attempts.counted("alice", assignment.id)] == [KEY]
    archive.work()
    (result,) = archive.results(KEY)
    assert (result.verdict, result.score, result.score_to, result.faults) == ("error", "", "", 1)
    report = archive.report(KEY)
    assert (report.lines, report.losses, report.exact) == ((), (), "")
    assert all(error.zh and error.en for error in report.errors)
    with archive.database.reading() as stores:
        assert stores.attempts.get(KEY).state is AttemptState.GRADED
        assert stores.attempts.counted("alice", assignment.id) == []
        checked = evidence.check(stores, archive.files, KEY)
    assert checked.wrong


def test_the_same_journal_untouched_is_graded_and_holds(archive: Archive) -> None:
    archive.sealed(attempt=KEY, journal=chained(rows_of()))
    archive.work()
    assert [(one.verdict, one.score, one.faults) for one in archive.results(KEY)] == [("pass", "100.0", 0)]
    with archive.database.reading() as stores:
        assert evidence.check(stores, archive.files, KEY) == evidence.Checked(attempt=KEY, rows=10, wrong=())


@pytest.mark.parametrize("what", TOLD_AS)
@pytest.mark.parametrize("how", ["changed", "deleted"])
def test_a_file_changed_on_disk_before_grading_is_an_error_that_names_it(
    archive: Archive, tmp_path: Path, what: str, how: str
) -> None:
    archive.sealed(attempt=KEY)
    rows, state = papers.journal(KEY, papers.CAREFUL), papers.state(severity="2")
    content = {"journal": rows, "state": state, "baseline": papers.BEGUN}[what]
    damage(stored(tmp_path, archive.files.put(content)), how)
    archive.work()
    (result,) = archive.results(KEY)
    assert (result.verdict, result.score) == ("error", "")
    told = archive.report(KEY).errors[-1]
    assert TOLD_AS[what] in told.en
    assert ("changed" if how == "changed" else "missing") in told.en


@pytest.mark.parametrize("how", ["changed", "deleted"])
@pytest.mark.parametrize("what", [*TOLD_AS, "report"])
def test_checking_names_the_file_that_rotted_after_grading(
    archive: Archive, tmp_path: Path, what: str, how: str
) -> None:
    archive.graded()
    key = archive.graded()
    with archive.database.reading() as stores:
        sealed = stores.evidence.of(key)
        assert sealed is not None
        name = {
            "journal": sealed.journal_sha256,
            "state": sealed.state_sha256,
            "baseline": baseline.name(papers.BEGUN),
            "report": stores.results.of(key)[0].report_sha256,
        }[what]
    damage(stored(tmp_path, name), how)
    with archive.database.reading() as stores:
        wrong = evidence.check(stores, archive.files, key).wrong
    assert len(wrong) == 1
    assert {**TOLD_AS, "report": "report of result 1"}[what] in wrong[0].en


def test_what_the_worker_saw_at_sealing_is_found_again(archive: Archive) -> None:
    archive.sealed(attempt=KEY, chain="the journal ends at row 9, not at its sealed head")
    archive.work()
    assert archive.results(KEY)[0].verdict == "error"
    with archive.database.reading() as stores:
        assert ["sealed head" in one.en for one in evidence.check(stores, archive.files, KEY).wrong] == [True]


def test_a_report_of_another_journal_is_found(archive: Archive) -> None:
    first, second = archive.graded(), archive.graded()
    with archive.database.transaction() as stores:
        foreign = stores.results.of(second)[0]
        stores.results.append(dataclasses.replace(foreign, attempt=first, number=2))
        assert [one.en for one in evidence.check(stores, archive.files, first).wrong] == [
            "result 2 was graded from another journal"
        ]


def test_there_is_nothing_to_check_without_evidence(archive: Archive) -> None:
    with archive.database.reading() as stores, pytest.raises(NotFoundError):
        evidence.check(stores, archive.files, KEY)


def stored(tmp_path: Path, sha256: str) -> Path:
    return tmp_path / "files" / sha256[:2] / sha256


def damage(file: Path, how: str) -> None:
    if how == "deleted":
        file.unlink()
        return
    file.chmod(0o644)
    file.write_bytes(file.read_bytes().replace(b"{", b"[", 1))

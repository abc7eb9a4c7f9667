"""Drafts, requests and verdicts as rows; the worker's errand, whatever the gate does."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from sandbox.adapters.db.bundle import DbStores
from sandbox.adapters.db.engine import Database
from sandbox.adapters.files import FileStore
from sandbox.authoring import gate, library, operations
from sandbox.authoring.errand import Gatekeeper, Progress, Prove
from sandbox.authoring.gate_report import GateReport
from sandbox.authoring.library import Standing
from sandbox.authoring.rehearsing import Rehearsed
from sandbox.errors import (
    EngineUnavailableError,
    ForbiddenError,
    NotReadyError,
    NotReleasableError,
    PermanentError,
    RetiredError,
    SandboxError,
    VersionTakenError,
)
from sandbox.exercises import loader
from sandbox.people.model import CLI
from sandbox.training import operations as training
from sandbox.training.model import Rules
from tests.builders import NOON
from tests.fakes import FrozenClock
from tests.personas import alice, bob
from tests.sandbox.exercises import files

CONTENT = files.VALID.encode()
LOADED = loader.load(CONTENT)
KEY = f"{LOADED.exercise.id}@{LOADED.exercise.version}"
Db = Database[DbStores]


def green(content: bytes = CONTENT) -> GateReport:
    """Return a report in order: its tests are too few, so the findings are taken away."""
    found = gate.judge(content, loader.load(content), Rehearsed(), image="sha256:1", real={})
    return GateReport(**{**vars(found), "findings": ()})


def gatekeeper(database: Db, folder: Path, prove: Prove) -> Gatekeeper:
    return Gatekeeper(
        begin=database.transaction,
        reading=database.reading,
        files=FileStore(folder / "files"),
        prove=prove,
        clock=FrozenClock(),
    )


def asked(database: Db) -> None:
    with database.transaction() as stores:
        operations.save(stores, bob, LOADED, CONTENT, now=NOON)
        operations.ask(stores, bob, LOADED.sha256, now=NOON)


def standing(database: Db) -> list[tuple[str, Standing]]:
    with database.reading() as stores:
        return [(one.key, one.standing) for one in library.volumes(stores)]


def test_a_request_is_answered_once_with_a_verdict_and_the_files(database: Db, tmp_path: Path) -> None:
    seen: list[bytes] = []

    def prove(content: bytes, tell: Progress) -> GateReport:
        seen.append(content)
        tell("pages", 2, 9)
        with database.reading() as stores:
            (request,) = stores.gate.waiting()
        assert (request.stage, request.done, request.total) == ("pages", 2, 9)
        return green()

    asked(database)
    assert standing(database) == [(KEY, Standing.CHECKING)]
    keeper = gatekeeper(database, tmp_path, prove)
    assert (keeper.tick(), keeper.tick(), seen) == (1, 0, [CONTENT])
    assert standing(database) == [(KEY, Standing.GREEN)]
    assert FileStore(tmp_path / "files").get(LOADED.sha256) == CONTENT


def test_a_gate_that_breaks_is_an_answer_with_its_code(database: Db, tmp_path: Path) -> None:
    def prove(content: bytes, tell: Progress) -> GateReport:
        raise PermanentError("the program ended")

    asked(database)
    assert gatekeeper(database, tmp_path, prove).tick() == 1
    with database.reading() as stores:
        request = stores.gate.last_request(LOADED.sha256)
        assert request is not None
        assert (request.trouble, request.answered_at, stores.gate.of(LOADED.sha256)) == ("SBX-400", NOON, [])
    assert standing(database) == [(KEY, Standing.UNCHECKED)]


def trouble(database: Db) -> str | None:
    """Return the code the request was answered with, None if it waits."""
    with database.reading() as stores:
        request = stores.gate.last_request(LOADED.sha256)
    assert request is not None
    return None if request.answered_at is None else request.trouble


def test_what_may_pass_is_tried_three_times_and_then_told(database: Db, tmp_path: Path) -> None:
    def prove(content: bytes, tell: Progress) -> GateReport:
        raise EngineUnavailableError("no engine")

    asked(database)
    keeper = gatekeeper(database, tmp_path, prove)
    for _try in range(2):
        with pytest.raises(EngineUnavailableError):
            keeper.tick()
        assert trouble(database) is None
    assert (keeper.tick(), trouble(database)) == (1, "SBX-301")


def test_a_site_that_is_not_ready_is_waited_for(database: Db, tmp_path: Path) -> None:
    def prove(content: bytes, tell: Progress) -> GateReport:
        raise NotReadyError("no dataset yet")

    asked(database)
    keeper = gatekeeper(database, tmp_path, prove)
    for _try in range(5):
        with pytest.raises(NotReadyError):
            keeper.tick()
    assert standing(database) == [(KEY, Standing.CHECKING)]


def test_an_unforeseen_fault_is_an_answer_and_holds_up_nobody(database: Db, tmp_path: Path) -> None:
    def prove(content: bytes, tell: Progress) -> GateReport:
        raise AttributeError("a page without a form")

    asked(database)
    keeper = gatekeeper(database, tmp_path, prove)
    assert (keeper.tick(), keeper.tick(), trouble(database)) == (1, 0, SandboxError.code)


def test_one_request_waits_per_draft(database: Db) -> None:
    asked(database)
    with database.transaction() as stores:
        assert operations.ask(stores, bob, LOADED.sha256, now=NOON) is False


def test_nobody_releases_without_a_green_verdict(database: Db, tmp_path: Path) -> None:
    store = FileStore(tmp_path / "files")
    asked(database)
    with database.transaction() as stores, pytest.raises(NotReleasableError):
        operations.release(stores, store, bob, LOADED, CONTENT, now=NOON)
    red = GateReport(**{**vars(green()), "quick": True})
    with database.transaction() as stores:
        operations.keep(stores, store, green(), now=NOON)
        operations.keep(stores, store, red, now=NOON + timedelta(seconds=1))
        with pytest.raises(NotReleasableError):
            operations.release(stores, store, bob, LOADED, CONTENT, now=NOON)


def test_releasing_and_retiring_are_for_trainers_and_are_done_once(database: Db, tmp_path: Path) -> None:
    store = FileStore(tmp_path / "files")
    with database.transaction() as stores:
        operations.save(stores, bob, LOADED, CONTENT, now=NOON)
        operations.keep(stores, store, green(), now=NOON)
        with pytest.raises(ForbiddenError):
            operations.release(stores, store, alice, LOADED, CONTENT, now=NOON)
        assert operations.release(stores, store, bob, LOADED, CONTENT, now=NOON)[1] is True
        assert operations.release(stores, store, bob, LOADED, CONTENT, now=NOON)[1] is False
        with pytest.raises(ForbiddenError):
            operations.retire(stores, alice, KEY, now=NOON)
        assert operations.retire(stores, bob, KEY, now=NOON) is True
        assert operations.retire(stores, bob, KEY, now=NOON) is False
        assert (stores.exercises.newest(), [one.id for one in stores.exercises.all()]) == ([], [KEY])
        with pytest.raises(RetiredError):
            training.assign(stores, bob, exercise_version=KEY, people=[], rules=Rules(), now=NOON)
    assert standing(database) == [(KEY, Standing.RETIRED)]


def test_other_bytes_under_a_released_number_are_no_draft(database: Db, tmp_path: Path) -> None:
    other = CONTENT + b"\n# one more line\n"
    with database.transaction() as stores:
        operations.save(stores, CLI, LOADED, CONTENT, now=NOON)
        operations.keep(stores, FileStore(tmp_path / "files"), green(), now=NOON)
        operations.release(stores, FileStore(tmp_path / "files"), CLI, LOADED, CONTENT, now=NOON)
        with pytest.raises(VersionTakenError):
            operations.save(stores, CLI, loader.load(other), other, now=NOON)


@pytest.mark.parametrize("table", ["exercise_draft", "gate_report", "exercise_retirement"])
def test_what_was_said_cannot_be_changed(database: Db, tmp_path: Path, table: str) -> None:
    store = FileStore(tmp_path / "files")
    with database.transaction() as stores:
        operations.save(stores, bob, LOADED, CONTENT, now=NOON)
        operations.keep(stores, store, green(), now=NOON)
        operations.release(stores, store, bob, LOADED, CONTENT, now=NOON)
        operations.retire(stores, bob, KEY, now=NOON)
    with database.transaction() as stores, pytest.raises(IntegrityError, match="append-only"):
        stores.connection.exec_driver_sql(f"DELETE FROM {table}")

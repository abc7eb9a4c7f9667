"""The gate as the worker runs it: the image's program, real cells, the robot; and nobody waits for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from sandbox import bootstrap
from sandbox.authoring import gate_report, operations
from sandbox.authoring.model import GateRun
from sandbox.exercises import loader
from sandbox.people.model import CLI
from tests import engines, towns
from tests.towns import Town

X05 = (engines.CHECKOUT / "fixtures/exercises/x05-urti-penicillin-allergy.yaml").read_bytes()


@pytest.fixture(scope="module", params=["process", pytest.param("docker", marks=pytest.mark.docker)])
def town(request: pytest.FixtureRequest) -> Iterator[Town]:
    with towns.prepared(request.param) as made:
        yield made


def asked(town: Town, content: bytes) -> str:
    loaded = loader.load(content, vocabulary=bootstrap.vocabulary())
    with town.services.database.transaction() as stores:
        operations.save(stores, CLI, loaded, content, now=datetime.now(UTC))
        operations.ask(stores, CLI, loaded.sha256, now=datetime.now(UTC))
    town.services.poke()
    return loaded.sha256


def runs(town: Town, draft: str) -> list[GateRun]:
    with town.services.database.reading() as stores:
        return stores.gate.of(draft)


def stage(town: Town, draft: str) -> str:
    with town.services.database.reading() as stores:
        request = stores.gate.last_request(draft)
    return "" if request is None else request.stage


@pytest.mark.timeout(240)
def test_the_worker_proves_a_draft_while_hospitals_open(town: Town) -> None:
    with town.worker():
        draft = asked(town, X05)
        engines.until(lambda: stage(town, draft) == "pages", what="the tests run through pages", patience_s=60)
        key = town.launch()
        assert runs(town, draft) == []
        town.close(key)
        engines.until(lambda: runs(town, draft), what="the gate's verdict", patience_s=150)
    (run,) = runs(town, draft)
    report = gate_report.loads(town.services.files.get(run.report))
    assert report.findings == ()
    assert (run.releasable, run.findings, report.quick, report.real) == (True, 0, False, True)
    assert {test.name: test.real for test in report.tests} == {test.name: True for test in report.tests}
    assert town.services.files.get(draft) == X05
    assert [*(town.settings.site.state / "gate").glob("*")] == []
    loaded = loader.trusted(X05)
    with town.services.database.transaction() as stores:
        version, fresh = operations.release(stores, town.services.files, CLI, loaded, X05, now=datetime.now(UTC))
    assert (version.sha256, fresh) == (draft, True)


@pytest.mark.timeout(120)
def test_a_draft_that_fails_in_memory_never_reaches_the_pages(town: Town) -> None:
    weak = X05.replace(b"\nversion: 2\n", b"\nversion: 3\n").replace(b", requires: opened", b"")
    with town.worker():
        draft = asked(town, weak)
        engines.until(lambda: runs(town, draft), what="the gate's verdict", patience_s=60)
    (run,) = runs(town, draft)
    report = gate_report.loads(town.services.files.get(run.report))
    assert (run.releasable, report.real) == (False, False)
    assert {one.code for one in report.findings} == {"EX508"}

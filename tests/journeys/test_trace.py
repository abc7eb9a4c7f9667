"""One click, one id: the panel's log, the worker's log, the audit trail and the container's own log name the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from sandbox import bootstrap
from sandbox.adapters import logs
from sandbox.cli import main
from sandbox.people.model import Person, PersonId, Role
from sandbox.provisioning import kept_logs
from sandbox.provisioning.model import CellState, InstanceId, Observed
from tests import engines, personas, towns
from tests.fakes import FastPasswords
from tests.towns import Town
from tests.web.site import Browser
from web.app import create_app

REQUEST_ID = "5eed0123456789abcdef0123456789ab"
CAUSE = REQUEST_ID[:12]


@pytest.fixture(scope="module", params=["process", pytest.param("docker", marks=pytest.mark.docker)])
def town(request: pytest.FixtureRequest) -> Iterator[Town]:
    with towns.prepared(request.param) as made:
        yield made


def clicks_launch(town: Town) -> InstanceId:
    """Log in at the real panel and press the button; its log goes where a service manager would put it."""
    person = Person(
        id=PersonId("emma"),
        login="emma",
        name="练习生",
        department="内科",
        roles=frozenset({Role.TRAINEE}),
        language="zh",
        must_change_password=False,
        disabled=False,
    )
    with town.services.database.transaction() as stores:
        stores.people.add(person, FastPasswords().hash(personas.PASSWORD))
    services = bootstrap.connect(town.settings)
    panel = Browser(create_app(replace(services, passwords=FastPasswords())).test_client())  # type: ignore[arg-type]
    with (log_folder(town) / "panel.log").open("w") as stream:
        logs.configure("panel", stream)
        panel.log_in("emma", personas.PASSWORD)
        panel.headers["X-Request-Id"] = REQUEST_ID
        assert panel.post("/training/launch").status_code == 303
    services.database.close()
    with town.services.database.reading() as stores:
        [mine] = stores.instances.live_of("emma")
    return mine.id


def log_folder(town: Town) -> Path:
    return town.settings.site.state / "logs"


def test_the_story_of_a_click_is_told_from_the_browser_to_the_container(town: Town) -> None:
    with town.worker():
        key = clicks_launch(town)
        engines.until(lambda: town.instance(key).observed is Observed.OPEN, what="open", patience_s=60)
        cell = town.cell(key)
        town.close(key)
        engines.until(lambda: town.state(cell) is CellState.GONE, what="gone", patience_s=60)
    (town.settings.site.state / "worker.log").rename(log_folder(town) / "worker.log")
    texts = {
        "panel": (log_folder(town) / "panel.log").read_text(),
        "worker": (log_folder(town) / "worker.log").read_text(),
        "container": kept_logs.file_of(log_folder(town) / "cells", cell).read_text(),
    }
    for name, text in texts.items():
        lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
        assert any(CAUSE in json.dumps(line) for line in lines), name
    told = CliRunner().invoke(main, ["--settings", str(town.file), "--json", "trace", CAUSE])
    assert told.exit_code == 0, told.output
    story = [json.loads(line) for line in told.stdout.splitlines()]
    said = [
        (line["where"], line["what"]) for line in story if line["cause"] == CAUSE or line["where"] == f"cell {cell}"
    ]
    wanted = [
        ("audit", f"instance.launch {key}"),
        ("panel", "click"),
        ("worker", "launch: claimed"),
        ("worker", "launch: flipped"),
    ]
    assert [one for one in wanted if one not in said] == []
    assert any(where == f"cell {cell}" and what.startswith("armed for") and CAUSE in what for where, what in said)
    order = [line["at"] for line in story]
    assert order == sorted(order)
    by_instance = CliRunner().invoke(main, ["--settings", str(town.file), "--json", "trace", key]).stdout
    assert '"what": "destroy: gone"' in by_instance
    assert "archive: row committed" in by_instance


def test_what_nobody_knows_is_said_so(town: Town) -> None:
    told = CliRunner().invoke(main, ["--settings", str(town.file), "--lang", "en", "trace", "f" * 12])
    assert told.exit_code == 77
    assert "nothing is known of ffffffffffff" in told.stderr

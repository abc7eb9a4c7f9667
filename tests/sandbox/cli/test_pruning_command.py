"""`his-sandbox cell prune` and `cell certificate` on a site with a worker of its own, and without one."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from click.testing import CliRunner, Result

from sandbox import config
from sandbox.cli import main, pruning
from tests import towns
from tests.towns import Town

ORPHAN = "0123456789ab"


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    with towns.prepared("process") as made:
        yield made


@pytest.fixture(autouse=True)
def settings_of_the_town(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    # The command sets the variable for the processes it starts; a test must not leave it behind.
    monkeypatch.setenv(config.SETTINGS_FILE_VARIABLE, str(town.file))


def run(*words: str, typed: str = "", lang: str = "en") -> Result:
    return CliRunner().invoke(main, ["--lang", lang, *words], input=typed)


def litter(town: Town) -> None:
    (town.settings.site.state / "cells" / ORPHAN).mkdir(exist_ok=True)
    (town.settings.site.state / "datasets" / f"{'f' * 64}.db").write_text("x" * 3_000_000)


def test_a_dry_run_lists_and_a_typed_number_confirms(town: Town) -> None:
    litter(town)
    folder = town.settings.site.state / "cells" / ORPHAN
    with town.worker():
        listed = run("cell", "prune", "--dry-run")
        assert listed.exit_code == 0, listed.output
        assert "set aside, deleted after 7 days" in listed.output
        assert "2.9" in listed.output
        assert folder.exists()
        refused = run("cell", "prune", typed="5\n")
        assert refused.exit_code == 1
        assert folder.exists()
        done = run("cell", "prune", typed="2\n", lang="zh")
        assert done.exit_code == 0, done.output
        assert "请输入 2 确认" in done.output
        assert not folder.exists()
        again = run("--json", "cell", "prune", "--yes")
        assert [json.loads(line)["kind"] for line in again.stdout.splitlines()] == ["set-aside"]


def test_without_a_worker_it_says_what_to_do(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "PATIENCE_S", 0.5)
    silent = run("cell", "prune", "--dry-run")
    assert silent.exit_code == 75


def test_a_certificate_is_shown_and_given_as_it_was_stored(town: Town) -> None:
    with town.worker():
        cell = town.cell(town.launch())
        shown = run("cell", "certificate", cell)
        assert shown.exit_code == 0, shown.output
        assert "Nothing is isolated." in shown.output
        stored = json.loads(run("--json", "cell", "certificate", cell).stdout)
        assert (stored["cell"], stored["isolated"], stored["fence"]) == (cell, False, stored["fence"])
    assert run("cell", "certificate", "ffffffffffff").exit_code == 77

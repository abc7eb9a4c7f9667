"""his-sandbox attempt verify, adjust, void, regrade: at a terminal as on the pages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sandbox import bootstrap, config
from sandbox.adapters.files import FileStore
from sandbox.cli import main
from tests import personas
from tests.fakes import FastPasswords, FrozenClock
from tests.graded import Archive
from tests.sandbox.attempts.versions import severity_forgiven
from tests.web import papers


class Terminal:
    """A prepared site with graded attempts, and the command in front of it."""

    def __init__(self, settings: Path, state: Path) -> None:
        self.settings = settings
        self.state = state
        self.services = bootstrap.connect(config.load())
        with self.services.database.transaction() as stores:
            for person in personas.EVERYBODY:
                stores.people.add(person, FastPasswords().hash(personas.PASSWORD))
        self.archive = Archive(self.services.database, FrozenClock(), FileStore(state / "files"))

    def run(self, *words: str, lang: str = "en", as_json: bool = False) -> Result:
        options = ["--settings", str(self.settings), "--lang", lang, *(["--json"] if as_json else [])]
        return CliRunner().invoke(main, [*options, "attempt", *words])

    def told(self, *words: str) -> list[dict[str, object]]:
        done = self.run(*words, as_json=True)
        assert done.exit_code == 0, done.output
        return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    settings, state = tmp_path / "settings.toml", tmp_path / "state"
    settings.write_text(
        f'[site]\nid = "0123abcd"\nstate = "{state}"\nrun = "{tmp_path}/run"\n'
        f'[database]\nurl = "sqlite:///{state}/db/sandbox.db"\n[cell]\ndriver = "process"\n',
        encoding="utf-8",
    )
    monkeypatch.setenv(config.SETTINGS_FILE_VARIABLE, str(settings))
    bootstrap.prepare(config.load())
    made = Terminal(settings, state)
    yield made
    made.services.database.close()


def test_verifying_finds_the_rotten_file_and_says_what_to_do(site: Terminal) -> None:
    good, bad = site.archive.graded(), site.archive.graded()
    assert [each["holds"] for each in site.told("verify", "--all")] == [True, True]
    name = site.archive.files.put(papers.journal(bad, papers.CAREFUL))
    file = site.state / "files" / name[:2] / name
    file.chmod(0o644)
    file.write_bytes(file.read_bytes().replace(b"PEN", b"CEF", 1))
    done = site.run("verify", good, bad)
    assert done.exit_code == 70
    assert "the file of the journal was changed on disk" in done.stdout
    assert "Restore the files" in done.stdout
    assert "1 / 2" in done.stderr
    assert "从备份恢复" in site.run("verify", bad, lang="zh").stdout
    assert site.run("verify", good).exit_code == 0
    assert site.run("verify").exit_code == 2


def test_a_regrade_is_asked_for_shown_and_accepted(site: Terminal) -> None:
    key = site.archive.graded()
    target = severity_forgiven(site.archive)
    (asked,) = site.told("regrade", "request", "--attempt", key, "--to", target, "--reason", "repaired")
    regrade = str(asked["regrade"])
    assert site.run("regrade", "accept", regrade, "--yes").exit_code == 77
    site.archive.work()
    (row,) = site.told("regrade", "show", regrade)
    assert (row["old"], row["new"], row["changes"]) == ("100.0 pass", "95.0 pass", "in-time:5.00→0.00")
    assert site.told("regrade", "accept", regrade, "--yes") == [{"regrade": regrade, "decision": "all"}]
    site.archive.work()
    assert [each["state"] for each in site.told("regrade", "list")] == ["applied"]
    assert [(one.score, one.actor) for one in site.archive.results(key)] == [("95.0", "cli"), ("100.0", "worker")]


def test_a_refused_regrade_says_why_in_both_languages(site: Terminal) -> None:
    words = ("regrade", "request", "--person", personas.ALICE.login, "--reason", "r")
    assert "no graded attempt is in the scope" in site.run(*words).stderr
    assert "范围内没有已评分的练习" in site.run(*words, lang="zh").stderr
    assert site.run(*words).exit_code == 65


def test_adjusting_discarding_and_voiding(site: Terminal) -> None:
    key = site.archive.graded()
    site.told("adjust", key, "in-time", "set", "--points", "3", "--reason", "r")
    site.archive.work()
    assert site.archive.results(key)[0].score == "98.0"
    (asked,) = site.told("regrade", "request", "--attempt", key, "--reason", "r")
    assert site.told("regrade", "discard", str(asked["regrade"]))[0]["decision"] == "discard"
    assert [site.told("void", key, "--reason", "r")[0]["voided_now"] for _ in range(2)] == [True, False]

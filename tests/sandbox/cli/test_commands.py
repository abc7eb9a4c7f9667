"""The command: every deed on a site of its own, told in both languages and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from sandbox import bootstrap, config
from sandbox.provisioning.model import InstanceId
from sandbox.scheduling.model import Entry, Fate, Night, Reason
from tests.sandbox.cli.terminal import Terminal


def test_accounts_are_added_listed_renewed_and_closed(site: Terminal) -> None:
    added = site.add("10001", "trainee")
    assert len(added["initial_password"]) == 16
    assert [each["login"] for each in site.told("person", "list")] == ["10001"]
    renewed = site.told("person", "password", "10001")[0]
    assert renewed["initial_password"] != added["initial_password"]
    assert site.run("person", "disable", "10001", "--yes").exit_code == 0
    assert site.told("person", "list")[0]["disabled"] is True


def test_a_taken_name_is_told_as_wrong_content(site: Terminal) -> None:
    site.add("10001", "trainee")
    again = site.run("person", "add", "10001", "--name", "X", "--role", "it")
    assert again.exit_code == 65
    assert "SBX-200" in again.stderr


@pytest.mark.parametrize(("lang", "words"), [("zh", "没有找到"), ("en", "Not found")])
def test_an_unknown_person_is_told_in_the_chosen_language(site: Terminal, lang: str, words: str) -> None:
    done = site.run("person", "password", "nobody", lang=lang)
    assert done.exit_code == 77
    assert f"SBX-102 {words}" in done.stderr


def test_an_error_for_scripts_is_one_object(site: Terminal) -> None:
    done = site.run("person", "password", "nobody", as_json=True)
    assert json.loads(done.stderr)["error"]["code"] == "SBX-102"


EMPTY = [
    ("person", "list"),
    ("instance", "list"),
    ("cell", "list"),
    ("attempt", "list"),
    ("assignment", "list"),
    ("exercise", "list"),
    ("nightly", "show"),
]


@pytest.mark.parametrize("words", EMPTY, ids="-".join)
def test_an_empty_list_says_so_in_both_languages(site: Terminal, words: Sequence[str]) -> None:
    zh, en = site.run(*words, lang="zh").stdout, site.run(*words, lang="en").stdout
    assert zh.strip()
    assert en.strip()
    assert zh != en
    assert site.told(*words) == []


def test_a_reset_of_what_is_not_open_is_refused(site: Terminal) -> None:
    site.add("10001", "trainee")
    launched = site.told("instance", "launch", "--as", "10001")[0]
    done = site.run("instance", "reset", launched["instance"], "--yes")
    assert done.exit_code == 77


def test_nothing_is_destroyed_without_a_yes(site: Terminal) -> None:
    site.add("10001", "trainee")
    launched = site.told("instance", "launch", "--as", "10001")[0]
    assert site.run("instance", "destroy", launched["instance"]).exit_code == 1
    assert site.told("instance", "list")[0]["wanted"] == "open"


def test_the_nightly_time_is_set_and_a_wrong_one_refused(site: Terminal) -> None:
    assert "03:30" in site.run("nightly", "set", "03:30").stdout
    wrong = site.run("nightly", "set", "25:00")
    assert wrong.exit_code == 78
    assert site.told("nightly", "run", "--yes") == [{"resets_begun": 0}]


def test_a_night_is_shown_and_its_report_told_to_people_and_scripts(site: Terminal) -> None:
    site.add("10001", "trainee")
    key = InstanceId(site.told("instance", "launch", "--as", "10001")[0]["instance"])
    due = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)
    night = Night(job="nightly-reset", local_date=date(2026, 3, 2), due_at=due, begun_at=due, ended_at=due)
    waits = Entry(
        job="nightly-reset",
        local_date=night.local_date,
        subject=key,
        fate=Fate.DEFERRED,
        reason=Reason.EXAM,
        until=due + timedelta(minutes=40),
        enrolled_at=due,
    )
    with bootstrap.connect(config.load()).database.transaction() as stores:
        stores.ledger.begin_night(night)
        stores.ledger.enrol(waits)
    told = site.told("nightly", "report")[0]
    assert (told["night"], told["verdict"], told["deferred"], told["failed"]) == ("2026-03-02", "deferred", 1, 0)
    assert [(line["instance"], line["reason"]) for line in told["lines"]] == [(key, "exam")]
    assert "考试进行中，至 03-02 02:40" in site.run("nightly", "report", "2026-03-02", lang="zh").stdout
    assert "0 个已处理，1 个推迟" in site.run("nightly", "report", lang="zh").stdout
    assert "an exam is under way, until 03-02 02:40" in site.run("nightly", "report", lang="en").stdout
    assert "0 done, 1 deferred" in site.run("nightly", "report", lang="en").stdout
    assert site.run("nightly", "report", "2026-03-03").exit_code == 77
    assert site.run("nightly", "report", "yesterday").exit_code == 2


def test_a_dry_run_of_the_night_changes_nothing(site: Terminal) -> None:
    assert "没有打开" in site.run("nightly", "run", "--dry-run", lang="zh").stdout
    assert site.told("nightly", "run", "--dry-run") == []

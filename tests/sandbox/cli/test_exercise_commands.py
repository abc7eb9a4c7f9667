"""Exercises at the terminal: checked, released once, retired; assigned, launched, handed in, graded."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.sandbox.cli.terminal import EXERCISE, Terminal


def test_a_good_exercise_is_released_once_shown_and_retired(site: Terminal) -> None:
    first = site.told("exercise", "release", str(EXERCISE))[0]
    again = site.told("exercise", "release", str(EXERCISE))[0]
    assert (first["released_now"], again["released_now"]) == (True, False)
    version = first["exercise_version"]
    shown = site.run("exercise", "show", version, lang="zh").stdout
    assert "✔ 可以发布" in shown
    assert "released" in shown
    assert site.told("exercise", "retire", version) == [{"exercise_version": version, "retired_now": True}]
    assert [(each["version"], each["state"]) for each in site.told("exercise", "list")] == [(version, "retired")]
    site.add("10001", "trainee")
    refused = site.run("assignment", "add", version, "--to", "10001")
    assert (refused.exit_code, "SBX-111" in refused.stderr) == (77, True)


def test_a_file_that_fails_the_gate_is_not_released(site: Terminal, tmp_path: Path) -> None:
    weak = tmp_path / "weak.yaml"
    weak.write_text(EXERCISE.read_text(encoding="utf-8").replace(", requires: opened", ""), encoding="utf-8")
    done = site.run("exercise", "release", str(weak))
    assert done.exit_code == 77
    assert f"{weak}:74:9 EX508 mutant 'drop:opn' survives" in done.stdout
    assert "SBX-110" in done.stderr
    assert site.told("exercise", "list") == []


def test_checking_says_what_holds_and_ends_with_a_verdict(site: Terminal, tmp_path: Path) -> None:
    done = site.run("exercise", "check", str(EXERCISE))
    assert done.exit_code == 0
    assert "51 mutants of the reference: 39 killed, 5 excused, 7 refused by the hospital" in done.stdout
    assert done.stdout.rstrip().endswith("✔ clean in memory; before release also through real pages (--real)")
    both = site.run("exercise", "check", str(EXERCISE), "--quick", "--both").stdout
    assert "自测通过" in both
    assert "the tests hold" in both
    told = json.loads(site.run("exercise", "check", str(EXERCISE), "--quick", as_json=True).stdout)
    assert (told["schema"], told["findings"], len(told["tests"])) == ("gate/v1", [], 9)


def test_the_schema_is_exported(site: Terminal) -> None:
    exported = json.loads(site.run("exercise", "schema").stdout)
    assert {"schema", "id", "version", "rules", "tests"} <= set(exported["required"])


def test_changed_bytes_of_a_released_version_are_refused(site: Terminal, tmp_path: Path) -> None:
    site.released()
    changed = tmp_path / "x05.yaml"
    changed.write_bytes(EXERCISE.read_bytes() + b"\n# changed\n")
    done = site.run("exercise", "release", str(changed), lang="zh")
    assert done.exit_code == 77
    assert "SBX-108" in done.stderr


def test_every_problem_of_an_exercise_is_told_with_its_place(site: Terminal, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    text = EXERCISE.read_text(encoding="utf-8")
    wrong.write_text(text.replace("goal:", "gaol:", 1).replace("event: relief", "event: releif", 1), encoding="utf-8")
    done = site.run("exercise", "check", str(wrong))
    assert done.exit_code == 1
    assert f"{wrong}:7:1 EX201 unknown key 'gaol'" in done.stdout
    assert "EX302" in done.stdout
    found = site.run("exercise", "check", str(wrong), as_json=True).stdout.splitlines()
    assert {"EX201", "EX302"} <= {json.loads(line)["code"] for line in found}
    assert all(json.loads(line)["zh"] != json.loads(line)["en"] for line in found)


def test_from_assignment_to_launch_to_submission(site: Terminal) -> None:
    site.add("10001", "trainee")
    version = site.released()
    made = site.told("assignment", "add", version, "--to", "10001", "--max-attempts", "2")[0]["assigned"]
    launched = site.told("instance", "launch", "--as", "10001", "--assignment", made[0])[0]
    twice = site.told("instance", "launch", "--as", "10001", "--assignment", made[0])[0]
    assert (launched["fresh"], twice["fresh"], twice["instance"]) == (True, False, launched["instance"])
    assert site.told("instance", "list")[0]["state"] == "queued"
    early = site.run("attempt", "submit", launched["attempt"], "--as", "10001")
    assert early.exit_code == 77
    assert "SBX-103" in early.stderr
    assert site.run("attempt", "report", launched["attempt"]).exit_code == 77
    assert site.run("instance", "destroy", launched["instance"], "--yes").exit_code == 0
    assert site.told("instance", "list")[0]["wanted"] == "closed"
    assert site.run("assignment", "withdraw", made[0]).exit_code == 0
    assert site.told("assignment", "list")[0]["withdrawn"]


def test_modes_limits_extra_time_and_reports_at_the_terminal(site: Terminal) -> None:
    site.add("10001", "trainee")
    version = site.told("exercise", "release", str(EXERCISE))[0]["exercise_version"]
    add = ("assignment", "add", version, "--to", "10001")
    (exam,) = site.told(*add, "--mode", "exam", "--due", "2099-03-08 18:00")[0]["assigned"]
    options = ("--max-attempts", "2", "--per", "day", "--keep", "last", "--allow-checks", "--open-reports")
    (lesson,) = site.told(*add, *options)[0]["assigned"]
    listed = {one["assignment"]: one for one in site.told("assignment", "list")}
    terms = ("mode", "max_attempts", "per", "keep", "wait_s", "checks")
    assert [listed[exam][name] for name in terms] == ["exam", 3, "day", "best", 0, False]
    assert [listed[lesson][name] for name in terms] == ["class", 2, "day", "last", 0, True]
    assert listed[exam]["due"] == "2099-03-08 10:00:00+00:00"
    assert (listed[exam]["reports_opened"] is None, listed[lesson]["reports_opened"] is None) == (True, False)
    assert site.told("assignment", "open-reports", exam, lesson) == [{"opened_now": [exam]}]
    assert site.told("assignment", "close-reports", exam) == [{"closed_now": [exam]}]
    granted = site.told("assignment", "accommodate", exam, "--time-factor", "2", "--untimed")
    assert granted == [{"assignment": exam, "time_factor": 2, "untimed": True}]
    assert site.run("assignment", "accommodate", exam, "--time-factor", "5").exit_code == 2
    assert site.run(*add, "--mode", "exam", "--max-attempts", "9").exit_code == 65
    launched = site.told("instance", "launch", "--as", "10001", "--assignment", exam)[0]
    (tried,) = site.told("attempt", "list")
    assert (tried["mode"], tried["variant"]) == ("exam", 0)
    refused = site.run("attempt", "check", launched["attempt"], "--as", "10001")
    assert (refused.exit_code, "SBX-101" in refused.stderr) == (77, True)
    assert site.run("attempt", "checked", launched["attempt"]).exit_code == 77


def test_checking_ones_work_at_the_terminal(site: Terminal) -> None:
    site.add("10001", "trainee")
    version = site.told("exercise", "release", str(EXERCISE))[0]["exercise_version"]
    (given,) = site.told("assignment", "add", version, "--to", "10001", "--mode", "practice")[0]["assigned"]
    attempt = site.told("instance", "launch", "--as", "10001", "--assignment", given)[0]["attempt"]
    with closing(sqlite3.connect(site.state / "db" / "sandbox.db")) as database, database:
        database.execute("UPDATE attempt SET state = 'open', opened_at = requested_at")
    asked = site.told("attempt", "check", attempt, "--as", "10001")[0]
    assert asked["attempt"] == attempt
    answer = '[{"full":false,"id":"row","show":"submitted","title":{"en":"Entry right","zh":"记录正确"}}]'
    with closing(sqlite3.connect(site.state / "db" / "sandbox.db")) as database, database:
        database.execute("UPDATE check_request SET answer = ?, answered_at = asked_at", (answer,))
    assert site.told("attempt", "checked", attempt) == [{"check": "row", "full": False, "title": "Entry right"}]

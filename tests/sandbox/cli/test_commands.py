"""The command: every deed on a site of its own, told in both languages and as JSON."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from sandbox import bootstrap, config
from sandbox.cli import main
from sandbox.errors import HospitalInvalidError
from sandbox.exercises import loader, releasing
from sandbox.people.model import CLI
from sandbox.provisioning.model import InstanceId
from sandbox.scheduling.model import Entry, Fate, Night, Reason
from tests.builders import make_vitals

ROOT = Path(__file__).resolve().parents[3]
EXERCISE = ROOT / "fixtures/exercises/x05-urti-penicillin-allergy.yaml"


class Site:
    """A prepared site and a terminal in front of it."""

    def __init__(self, settings: Path, state: Path) -> None:
        self.settings, self.state = settings, state

    def run(self, *words: str, lang: str = "en", as_json: bool = False) -> Result:
        options = ["--settings", str(self.settings), "--lang", lang, *(["--json"] if as_json else [])]
        return CliRunner().invoke(main, [*options, *words])

    def told(self, *words: str) -> list[dict[str, Any]]:
        done = self.run(*words, as_json=True)
        assert done.exit_code == 0, done.output
        return [json.loads(line) for line in done.stdout.splitlines()]

    def released(self) -> str:
        """Release X05 without the gate, as if it had passed."""
        services = bootstrap.connect(config.load())
        content, now = EXERCISE.read_bytes(), services.clock.now()
        version = releasing.described(loader.load(content), now=now)
        with services.database.transaction() as stores:
            releasing.release(stores, services.files, CLI, version, content, now=now)
        return version.id

    def add(self, login: str, role: str) -> dict[str, Any]:
        return self.told("person", "add", login, "--name", f"P {login}", "--role", role)[0]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    settings = tmp_path / "settings.toml"
    state = tmp_path / "state"
    settings.write_text(
        f'[site]\nid = "0123abcd"\nstate = "{state}"\nrun = "{tmp_path}/run"\n'
        f'[database]\nurl = "sqlite:///{state}/db/sandbox.db"\n[cell]\ndriver = "process"\n',
        encoding="utf-8",
    )
    # The command sets the variable for the processes it starts; a test must not leave it behind.
    monkeypatch.setenv(config.SETTINGS_FILE_VARIABLE, str(settings))
    bootstrap.prepare(config.load())
    return Site(settings, state)


def test_accounts_are_added_listed_renewed_and_closed(site: Site) -> None:
    added = site.add("10001", "trainee")
    assert len(added["initial_password"]) == 16
    assert [each["login"] for each in site.told("person", "list")] == ["10001"]
    renewed = site.told("person", "password", "10001")[0]
    assert renewed["initial_password"] != added["initial_password"]
    assert site.run("person", "disable", "10001", "--yes").exit_code == 0
    assert site.told("person", "list")[0]["disabled"] is True


def test_a_taken_name_is_told_as_wrong_content(site: Site) -> None:
    site.add("10001", "trainee")
    again = site.run("person", "add", "10001", "--name", "X", "--role", "it")
    assert again.exit_code == 65
    assert "SBX-200" in again.stderr


@pytest.mark.parametrize(("lang", "words"), [("zh", "没有找到"), ("en", "Not found")])
def test_an_unknown_person_is_told_in_the_chosen_language(site: Site, lang: str, words: str) -> None:
    done = site.run("person", "password", "nobody", lang=lang)
    assert done.exit_code == 77
    assert f"SBX-102 {words}" in done.stderr


def test_an_error_for_scripts_is_one_object(site: Site) -> None:
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
def test_an_empty_list_says_so_in_both_languages(site: Site, words: Sequence[str]) -> None:
    zh, en = site.run(*words, lang="zh").stdout, site.run(*words, lang="en").stdout
    assert zh.strip()
    assert en.strip()
    assert zh != en
    assert site.told(*words) == []


def test_a_good_exercise_is_released_once_shown_and_retired(site: Site) -> None:
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


def test_a_file_that_fails_the_gate_is_not_released(site: Site, tmp_path: Path) -> None:
    weak = tmp_path / "weak.yaml"
    weak.write_text(EXERCISE.read_text(encoding="utf-8").replace(", requires: opened", ""), encoding="utf-8")
    done = site.run("exercise", "release", str(weak))
    assert done.exit_code == 77
    assert f"{weak}:74:9 EX508 mutant 'drop:opn' survives" in done.stdout
    assert "SBX-110" in done.stderr
    assert site.told("exercise", "list") == []


def test_checking_says_what_holds_and_ends_with_a_verdict(site: Site, tmp_path: Path) -> None:
    done = site.run("exercise", "check", str(EXERCISE))
    assert done.exit_code == 0
    assert "51 mutants of the reference: 39 killed, 5 excused, 7 refused by the hospital" in done.stdout
    assert done.stdout.rstrip().endswith("✔ clean in memory; before release also through real pages (--real)")
    both = site.run("exercise", "check", str(EXERCISE), "--quick", "--both").stdout
    assert "自测通过" in both
    assert "the tests hold" in both
    told = json.loads(site.run("exercise", "check", str(EXERCISE), "--quick", as_json=True).stdout)
    assert (told["schema"], told["findings"], len(told["tests"])) == ("gate/v1", [], 9)


def test_the_schema_is_exported(site: Site) -> None:
    exported = json.loads(site.run("exercise", "schema").stdout)
    assert {"schema", "id", "version", "rules", "tests"} <= set(exported["required"])


def test_changed_bytes_of_a_released_version_are_refused(site: Site, tmp_path: Path) -> None:
    site.released()
    changed = tmp_path / "x05.yaml"
    changed.write_bytes(EXERCISE.read_bytes() + b"\n# changed\n")
    done = site.run("exercise", "release", str(changed), lang="zh")
    assert done.exit_code == 77
    assert "SBX-108" in done.stderr


def test_every_problem_of_an_exercise_is_told_with_its_place(site: Site, tmp_path: Path) -> None:
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


def test_from_assignment_to_launch_to_submission(site: Site) -> None:
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


def test_modes_limits_extra_time_and_reports_at_the_terminal(site: Site) -> None:
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


def test_checking_ones_work_at_the_terminal(site: Site) -> None:
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


def test_a_reset_of_what_is_not_open_is_refused(site: Site) -> None:
    site.add("10001", "trainee")
    launched = site.told("instance", "launch", "--as", "10001")[0]
    done = site.run("instance", "reset", launched["instance"], "--yes")
    assert done.exit_code == 77


def test_nothing_is_destroyed_without_a_yes(site: Site) -> None:
    site.add("10001", "trainee")
    launched = site.told("instance", "launch", "--as", "10001")[0]
    assert site.run("instance", "destroy", launched["instance"]).exit_code == 1
    assert site.told("instance", "list")[0]["wanted"] == "open"


def test_the_nightly_time_is_set_and_a_wrong_one_refused(site: Site) -> None:
    assert "03:30" in site.run("nightly", "set", "03:30").stdout
    wrong = site.run("nightly", "set", "25:00")
    assert wrong.exit_code == 78
    assert site.told("nightly", "run", "--yes") == [{"resets_begun": 0}]


def test_a_night_is_shown_and_its_report_told_to_people_and_scripts(site: Site) -> None:
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


def test_a_dry_run_of_the_night_changes_nothing(site: Site) -> None:
    assert "没有打开" in site.run("nightly", "run", "--dry-run", lang="zh").stdout
    assert site.told("nightly", "run", "--dry-run") == []


def test_the_audit_chain_is_verified_and_a_rewritten_one_found(site: Site) -> None:
    site.add("10001", "trainee")
    assert site.told("audit", "verify")[0]["chain"] == "ok"
    with sqlite3.connect(site.state / "db/sandbox.db") as raw:
        triggers = raw.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'"
        ).fetchall()
        for (name,) in triggers:
            raw.execute(f'DROP TRIGGER "{name}"')
        raw.execute("UPDATE audit SET subject = 'somebody else'")
    raw.close()
    done = site.run("audit", "verify")
    assert done.exit_code == 70
    assert "was changed" in done.stdout


def test_making_the_database_twice_is_fine(site: Site) -> None:
    assert site.run("db", "init").exit_code == 0
    assert "就绪" in site.run("db", "init", lang="zh").stdout


def test_the_doctor_names_what_is_wrong_and_the_fix(site: Site) -> None:
    done = site.run("doctor", as_json=True)
    found = {line["concern"]: line for line in map(json.loads, done.stdout.splitlines())}
    assert done.exit_code == 1
    assert found["isolation"][""] == "✗"
    assert "his-sandbox worker" in found["worker"]["fix"]
    assert {"kernel", "limits", "runc", "nginx", "ntp", "disk", "memory", "audit", "paths", "panel"} <= found.keys()
    assert [key for key, line in found.items() if line[""] != "ok" and not line["fix"]] == []
    assert "镜像" in site.run("doctor", lang="zh").stdout


def test_unknown_settings_are_refused_all_at_once(site: Site) -> None:
    with site.settings.open("a", encoding="utf-8") as file:
        file.write("[panle]\nport = 1\n[pool]\nredy = 2\n")
    done = site.run("person", "list")
    assert done.exit_code == 78
    assert "panle" in done.stderr
    assert "pool.redy" in done.stderr


def test_a_missing_settings_file_is_named(site: Site, tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["--settings", str(tmp_path / "no.toml"), "--lang", "en", "person", "list"])
    assert done.exit_code == 78
    assert "no.toml" in done.stderr


def test_a_site_that_was_never_prepared_says_how(site: Site) -> None:
    (site.state / "db/sandbox.db").unlink()
    done = site.run("person", "list")
    assert done.exit_code == 78
    assert "his-sandbox db init" in done.stderr


def test_pool_and_capacity_show_what_the_worker_saw(site: Site) -> None:
    refused = site.run("capacity")
    assert refused.exit_code == 75
    services = bootstrap.connect(config.load())
    with services.database.transaction() as stores:
        stores.vitals.put(make_vitals(at=services.clock.now(), lessons=5, target=7))
    (shown,) = site.told("capacity")
    assert (shown["seats"], shown["in_use"], shown["free"], shown["short"]) == (50, 10, 40, "memory")
    assert shown["stale"] is False
    (kept,) = site.told("pool", "show")
    assert (kept["target"], kept["always"], kept["lessons"], kept["ready"]) == (7, 2, 5, 0)


HOSPITAL = ROOT / "fixtures/hospitals/example"


def test_a_sites_own_hospital_is_found_in_order(site: Site) -> None:
    done = site.run("dataset", "check", str(HOSPITAL))
    assert done.exit_code == 0, done.output
    assert "can be used" in done.stdout


@pytest.mark.parametrize(("lang", "words"), [("zh", "院名“第一人民医院”看不出是练习用"), ("en", "is for practice")])
def test_what_is_wrong_with_a_sites_own_hospital_is_told(site: Site, tmp_path: Path, lang: str, words: str) -> None:
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "hospital.toml").write_text('name_zh = "第一人民医院"\nname_en = "Mock Hospital"\n')
    done = site.run("dataset", "check", str(tmp_path / "ours"), lang=lang)
    assert done.exit_code == 1
    assert words in done.stdout


def test_an_unfit_folder_in_the_settings_stops_whoever_needs_it(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HIS_SANDBOX_SITE__HOSPITAL", str(tmp_path / "nowhere"))
    for words in (("worker",), ("exercise", "check", str(EXERCISE))):
        done = site.run(*words)
        assert done.exit_code == 65
        assert "SBX-213" in done.stderr
        assert "there is no such folder" in done.stderr
    with pytest.raises(HospitalInvalidError, match="no such folder"):
        bootstrap.vocabulary(config.load().site.hospital)


def test_exercises_may_name_what_a_site_brings() -> None:
    ours, theirs = bootstrap.vocabulary(), bootstrap.vocabulary(HOSPITAL)
    assert theirs.codes["drugs"] - ours.codes["drugs"] == {"M201"}
    assert theirs.labels["patient"] == ours.labels["patient"]


def test_the_key_of_a_dataset_is_shown(site: Site) -> None:
    told = site.told("dataset", "key", "small")
    assert {"same_name", "twins", "sealed_record", "vip_lure"} <= {each["planted"] for each in told}
    assert len(told) < 30
    assert len(site.told("dataset", "key", "small", "--all")) > 60

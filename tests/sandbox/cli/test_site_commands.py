"""A site at the terminal: audit chain, doctor, settings, pool, its own hospital, the dataset's key."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner

from sandbox import bootstrap, config
from sandbox.cli import main
from sandbox.errors import HospitalInvalidError
from tests.builders import make_vitals
from tests.sandbox.cli.terminal import EXERCISE, ROOT, Terminal


def test_the_audit_chain_is_verified_and_a_rewritten_one_found(site: Terminal) -> None:
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


def test_making_the_database_twice_is_fine(site: Terminal) -> None:
    assert site.run("db", "init").exit_code == 0
    assert "就绪" in site.run("db", "init", lang="zh").stdout


def test_the_doctor_names_what_is_wrong_and_the_fix(site: Terminal) -> None:
    done = site.run("doctor", as_json=True)
    found = {line["concern"]: line for line in map(json.loads, done.stdout.splitlines())}
    assert done.exit_code == 1
    assert found["isolation"][""] == "✗"
    assert "his-sandbox worker" in found["worker"]["fix"]
    assert {"kernel", "limits", "runc", "nginx", "ntp", "disk", "memory", "audit", "paths", "panel"} <= found.keys()
    assert [key for key, line in found.items() if line[""] != "ok" and not line["fix"]] == []
    assert "镜像" in site.run("doctor", lang="zh").stdout


def test_unknown_settings_are_refused_all_at_once(site: Terminal) -> None:
    with site.settings.open("a", encoding="utf-8") as file:
        file.write("[panle]\nport = 1\n[pool]\nredy = 2\n")
    done = site.run("person", "list")
    assert done.exit_code == 78
    assert "panle" in done.stderr
    assert "pool.redy" in done.stderr


def test_a_missing_settings_file_is_named(site: Terminal, tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["--settings", str(tmp_path / "no.toml"), "--lang", "en", "person", "list"])
    assert done.exit_code == 78
    assert "no.toml" in done.stderr


def test_a_site_that_was_never_prepared_says_how(site: Terminal) -> None:
    (site.state / "db/sandbox.db").unlink()
    done = site.run("person", "list")
    assert done.exit_code == 78
    assert "his-sandbox db init" in done.stderr


def test_pool_and_capacity_show_what_the_worker_saw(site: Terminal) -> None:
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


def test_a_sites_own_hospital_is_found_in_order(site: Terminal) -> None:
    done = site.run("dataset", "check", str(HOSPITAL))
    assert done.exit_code == 0, done.output
    assert "can be used" in done.stdout


@pytest.mark.parametrize(("lang", "words"), [("zh", "院名“第一人民医院”看不出是练习用"), ("en", "is for practice")])
def test_what_is_wrong_with_a_sites_own_hospital_is_told(site: Terminal, tmp_path: Path, lang: str, words: str) -> None:
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "hospital.toml").write_text('name_zh = "第一人民医院"\nname_en = "Mock Hospital"\n')
    done = site.run("dataset", "check", str(tmp_path / "ours"), lang=lang)
    assert done.exit_code == 1
    assert words in done.stdout


def test_an_unfit_folder_in_the_settings_stops_whoever_needs_it(
    site: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
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


def test_the_key_of_a_dataset_is_shown(site: Terminal) -> None:
    told = site.told("dataset", "key", "small")
    assert {"same_name", "twins", "sealed_record", "vip_lure"} <= {each["planted"] for each in told}
    assert len(told) < 30
    assert len(site.told("dataset", "key", "small", "--all")) > 60

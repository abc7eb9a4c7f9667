"""Records in, golden file out; scripts in, journals and states out; the same every time."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from fixtures import datasets
from his import arming, replaying, rules, sealing, seeding, state
from his.database import MemoryDatabase
from his.hospital_time import Clock
from his.seeding import DatasetError
from sandbox.authoring import selftest
from sandbox.contract import CONTRACT_VERSION, baseline, canonical, codec
from sandbox.contract.control import HospitalState
from sandbox.contract.replay import Replays, Run, Script, Step, whole
from sandbox.contract.state import TABLES
from sandbox.exercises import loader
from tests.his import packs
from tests.his.cell import ROOT

EXERCISES = sorted((ROOT / "fixtures" / "exercises").glob("*.yaml"))
X05 = ROOT / "fixtures" / "exercises" / "x05-urti-penicillin-allergy.yaml"


def header(**given: object) -> bytes:
    value = {"name": "tiny", "seed": 1, "anchor": "2026-01-01", "contract": CONTRACT_VERSION, "faker": "0", **given}
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([], "the stream is empty"),
        ([b"nonsense"], "line 1"),
        ([header(contract=99)], "line 1: contract 99"),
        ([header(), b'{"table": "ghost", "row": {}}'], "line 2: no table ghost"),
        ([header(), b'{"table": "patient", "row": {"colour": "red"}}'], "line 2: table patient has no column colour"),
        ([header(), b'{"row": {}}'], "line 2"),
        ([header()], "the dataset has no limit"),
    ],
)
def test_what_is_no_dataset_is_refused_with_its_line(lines: list[bytes], reason: str, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=reason):
        seeding.seed(lines, tmp_path / "golden.db")


def test_a_golden_file_is_never_written_over(golden_file: Path) -> None:
    with pytest.raises(DatasetError, match="exists"):
        seeding.seed([header()], golden_file)


def test_the_digest_is_that_of_the_records(golden_file: Path, tmp_path: Path) -> None:
    again = seeding.seed(datasets.stream("small"), tmp_path / "again.db")
    connection = sqlite3.connect(golden_file)
    stored = connection.execute("SELECT value FROM meta WHERE key = 'dataset_digest'").fetchone()[0]
    mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
    connection.close()
    assert (stored, mode) == (again, "wal")


def make_script(*steps: Step) -> Script:
    return Script(
        anchor=packs.ANCHOR,
        attempt=packs.ATTEMPT,
        nonce=packs.NONCE,
        pack=packs.make_pack(),
        runs=(Run(name="one", steps=steps), Run(name="two", steps=())),
    )


def step(action: str, **fields: object) -> Step:
    return Step(label=action, at_ms=1_000, seat="doc", action=action, fields=fields)


def test_two_replays_agree_to_the_byte_but_for_the_wall(golden: sqlite3.Connection) -> None:
    script = make_script(step("registration.call", patient="$zhang"), step("chart.open", patient="$stranger"))

    def told(replays: Replays) -> str:
        plain = [
            (each.name, [replace(row, wall="", prev="", hash="") for row in each.rows], each.state)
            for each in whole(replays)
        ]
        return canonical.dumps(codec.to_json(plain))

    assert told(replaying.replay(golden, script)) == told(replaying.replay(golden, script))


def test_runs_do_not_see_each_other(golden: sqlite3.Connection) -> None:
    first, second = replaying.replay(golden, make_script(step("registration.call", patient="$zhang"))).runs
    assert [each.action for each in first.rows] == ["attempt.begin", "registration.call", "attempt.end"]
    assert [each.action for each in second.rows] == ["attempt.begin", "attempt.end"]


def lived(golden: sqlite3.Connection, script: Script, run: Run) -> tuple[HospitalState, HospitalState]:
    """Return the state right after arming and in the end of a run that has a hospital of its own.

    What is archived of it, laid over what the dataset began with, is that state.
    """
    hospital = rules.hospital(MemoryDatabase(golden), Clock())
    command = packs.make_arm(attempt=script.attempt, nonce=script.nonce, anchor=script.anchor, pack=script.pack)
    anchor = arming.arm(hospital, command).binding.anchor
    begun = state.read(hospital.database.connection(), anchor)
    for each in run.steps:
        hospital.clock.set_to(each.at_ms)
        replaying.carry_out(hospital, each)
    sealing.seal(hospital)
    ended = state.read(hospital.database.connection(), anchor)
    archived = state.changes(hospital.database.connection(), anchor)
    assert baseline.whole(baseline.read(golden), archived) == ended
    assert 0 < sum(map(len, archived.tables.values())) < 500
    hospital.database.close()
    return begun, ended


@pytest.mark.parametrize("file", EXERCISES, ids=lambda file: file.stem)
def test_the_start_and_what_changed_are_the_whole_state(golden: sqlite3.Connection, file: Path) -> None:
    for script in selftest.build(loader.load(file.read_bytes()), anchor=packs.ANCHOR):
        replays = replaying.replay(golden, script)
        replayed = {run.name: run.state for run in whole(replays)}
        alone = {run.name: lived(golden, script, run) for run in script.runs}
        assert replayed == {name: ended for name, (_, ended) in alone.items()}
        assert all(begun == replays.armed for begun, _ in alone.values())


def test_records_nobody_touched_are_not_copied(golden: sqlite3.Connection) -> None:
    replays = replaying.replay(golden, make_script(step("registration.call", patient="$zhang")))
    first, second = whole(replays)
    assert [table for table in TABLES if first.state.tables[table] is not replays.armed.tables[table]] == [
        "registration"
    ]
    assert second.state == replays.armed


@pytest.mark.parametrize(
    "unfit",
    [
        step("encounter.leave"),
        step("attempt.end"),
        step("registration.call", patient="$zhang", colour="red"),
        replace(step("registration.call", patient="$zhang"), seat="ghost"),
    ],
)
def test_a_script_cannot_ask_for_what_no_page_offers(golden: sqlite3.Connection, unfit: Step) -> None:
    begun = step("registration.call", patient="$zhang")
    first, second = replaying.replay(golden, make_script(begun, unfit)).runs
    assert first.unfit is not None
    assert (first.unfit.step, first.unfit.action) == (unfit.label, unfit.action)
    assert first.unfit.offered == (unfit.action == "registration.call")
    assert [row.action for row in first.rows] == ["attempt.begin", "registration.call", "attempt.end"]
    assert (second.name, second.unfit) == ("two", None)


def test_the_commands_work_as_programs(golden_file: Path, tmp_path: Path) -> None:
    environ = {"PYTHONPATH": f"{ROOT}:{ROOT / 'images/his'}"}

    def his(*arguments: str, given: bytes) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-m", "his", *arguments]
        return subprocess.run(command, input=given, capture_output=True, env=environ, check=False)

    made = his("seed", "--into", str(tmp_path / "made.db"), given=b"".join(datasets.stream("small")))
    assert (made.returncode, len(made.stdout.strip())) == (0, 64)
    refused = his("seed", "--into", str(tmp_path / "bad.db"), given=b"nonsense\n")
    assert (refused.returncode, b"line 1" in refused.stderr) == (2, True)
    script = json.dumps(codec.to_json(make_script(step("registration.call", patient="$zhang")))).encode()
    golden_file.chmod(0o444)
    replayed = his("replay", "--golden", str(golden_file), given=script)
    assert replayed.returncode == 0, replayed.stderr
    replays = codec.from_json(Replays, json.loads(replayed.stdout))
    assert [each.name for each in replays.runs] == ["one", "two"]
    # An engine that keeps long lines in pieces must not find a character to halve.
    assert replayed.stdout.isascii()


def test_x05_proves_itself_in_memory(golden: sqlite3.Connection) -> None:
    loaded = loader.load(X05.read_bytes())
    replays = [
        run for script in selftest.build(loaded, anchor=packs.ANCHOR) for run in whole(replaying.replay(golden, script))
    ]
    outcomes = selftest.prove(loaded, replays)
    assert {each.test: each.wrong for each in outcomes} == {each.name: () for each in loaded.exercise.tests}


def test_a_start_that_breaks_a_rule_is_told(golden: sqlite3.Connection) -> None:
    script = replace(make_script(), pack=packs.make_pack(add=(packs.waiting("ghost"),)))
    replays = replaying.replay(golden, script)
    assert (replays.runs, replays.armed.tables) == ((), {})
    assert replays.unfit

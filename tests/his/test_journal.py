"""The journal: chained, append-only, in the change's own transaction, and nothing missing when people race."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from threading import Barrier, Thread

import pytest

from his import arming, journal, replaying, rules
from his.chart.acting import NOBODY
from his.chart.refusing import Closed, Refused
from his.database import Database
from his.hospital_time import Clock
from his.sealing import seal
from sandbox.contract import journal as chain
from tests.his import packs
from tests.his.stage import Stage


def test_the_chain_holds_and_begins_with_the_arming(stage: Stage) -> None:
    stage.check("M008")
    seal(stage.hospital)
    rows = stage.rows()
    assert chain.broken_at(rows, attempt=packs.ATTEMPT, nonce=packs.NONCE) is None
    assert (rows[0].action, rows[0].actor, rows[-1].action) == ("attempt.begin", "system", "attempt.end")
    assert rows[0].changes == ()
    assert chain.broken_at(rows, attempt=packs.ATTEMPT, nonce="another") is not None


def test_rows_cannot_be_changed_or_removed(stage: Stage) -> None:
    stage.consult()
    for sql in ('UPDATE "journal" SET "actor" = \'nur\'', 'DELETE FROM "journal"'):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            stage.run(sql)


def test_a_created_record_says_so_in_its_changes(stage: Stage) -> None:
    stage.diagnose()
    row = next(each for each in stage.rows() if each.action == "diagnosis.add")
    changes = {each.column: (each.before, each.after) for each in row.changes}
    assert changes["id"] == (None, row.target)
    assert changes["code"] == (None, "J06.9")
    assert changes["added_at"] == (None, "2026-11-22T08:00:00")


def test_a_changed_record_tells_before_and_after(stage: Stage) -> None:
    stage.does("doc", "registration.call", patient="$zhang")
    change = next(each for each in stage.rows()[-1].changes if each.column == "status")
    assert (change.table, change.column, change.before, change.after) == (
        "registration",
        "status",
        "checked_in",
        "called",
    )


def test_consequences_name_the_row_that_caused_them(stage: Stage) -> None:
    stage.review("M008")
    by_seq = {each.seq: each for each in stage.rows()}
    caused = [(each.action, by_seq[each.data["cause"]].action) for each in stage.rows() if "cause" in each.data]
    assert caused == [
        ("encounter.start", "registration.start"),
        ("charge_item.plan", "prescription.sign"),
        ("charge_item.post", "prescription.approve"),
    ]


def test_nothing_of_a_full_number_or_password_enters_the_data(stage: Stage) -> None:
    stage.does("reg", "patient.search", query=stage.one("patient", id=stage.bound("zhang"))["id_no"])
    stage.does("reg", "patient.view_id", patient="$zhang")
    assert [each.data for each in stage.rows()[-2:]] == [{"kind": "id", "hits": 1}, {}]


def test_nothing_happens_after_the_sealing(stage: Stage) -> None:
    seal(stage.hospital)
    seal(stage.hospital)
    with pytest.raises(Closed):
        stage.hospital.perform(NOBODY, lambda _act: None)
    with pytest.raises(Closed), stage.hospital.looking():
        pass
    assert [each.action for each in stage.rows()] == ["attempt.begin", "attempt.end"]


def test_a_full_disk_loses_one_act_and_no_other(golden_file: Path, tmp_path: Path) -> None:
    file = tmp_path / "his.db"
    shutil.copyfile(golden_file, file)
    hospital = rules.hospital(Database(file), Clock())
    arming.arm(hospital, packs.make_arm())
    replaying.act_as(hospital, "doc", "registration.call", {"patient": "$zhang"})
    replaying.act_as(hospital, "doc", "registration.start", {"patient": "$zhang", "identifiers": 2})
    connection = hospital.database.connection()
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")
    long = {"patient": "$zhang", "complaint": "咳" * 200_000}
    with pytest.raises(sqlite3.OperationalError, match="full"):
        replaying.act_as(hospital, "doc", "medical_record.save", long)
    connection.execute(f"PRAGMA max_page_count = {pages * 4}")
    replaying.act_as(hospital, "doc", "diagnosis.add", {"patient": "$zhang", "code": "J06.9"})
    rows = journal.rows(connection)
    hospital.database.close()
    assert chain.broken_at(rows, attempt=packs.ATTEMPT, nonce=packs.NONCE) is None
    assert [each.action for each in rows if each.action.startswith(("medical", "diagnosis"))] == [
        "medical_record.create",
        "diagnosis.add",
    ]


def test_pages_stay_below_what_a_reply_may_carry(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.consult()
    for length in (3000, 10, 4000, 20):
        stage.does("doc", "medical_record.save", patient="$zhang", complaint="咳" * length)
    monkeypatch.setattr(journal, "PAGE_BYTES", 10_000)
    connection, pages = stage.hospital.database.connection(), []
    while page := journal.page(connection, after=pages[-1][-1].seq if pages else 0, limit=500):
        pages.append(page)
    assert tuple(row for page in pages for row in page) == journal.rows(connection)
    assert len(pages) > 2
    assert all(len(page) == 1 or len(str(page).encode()) < 30_000 for page in pages)
    assert len(journal.page(connection, after=0, limit=2)) == 2


def test_people_at_once_leave_one_whole_chain(golden_file: Path, tmp_path: Path) -> None:
    """Four seats call the same patient: one row is ok, the others are refused, none is lost."""
    file = tmp_path / "his.db"
    shutil.copyfile(golden_file, file)
    hospital = rules.hospital(Database(file), Clock())
    arming.arm(hospital, packs.make_arm(clock="real"))
    barrier, codes = Barrier(4), []

    def call() -> None:
        barrier.wait()
        try:
            replaying.act_as(hospital, "doc", "registration.call", {"patient": "$zhang"})
            codes.append("ok")
        except Refused as refused:
            codes.append(refused.code)

    people = [Thread(target=call) for _ in range(4)]
    for each in people:
        each.start()
    for each in people:
        each.join()
    rows = journal.rows(hospital.database.connection())
    hospital.database.close()
    assert sorted(codes) == ["E-GEN-01", "E-GEN-01", "E-GEN-01", "ok"]
    assert len(rows) == 5
    assert chain.broken_at(rows, attempt=packs.ATTEMPT, nonce=packs.NONCE) is None

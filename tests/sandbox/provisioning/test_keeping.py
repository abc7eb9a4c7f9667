"""Golden datasets, archives' bytes, folders, the lease and its successors."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.contract import CONTRACT_VERSION, baseline, canonical, codec
from sandbox.contract.control import Head, StateChanges
from sandbox.contract.journal import Row
from sandbox.contract.records import GOLDEN_LIMIT_BYTES
from sandbox.errors import ArchiveCorruptError, DiskFullError, PermanentError
from sandbox.provisioning import archiving, folders, golden, succession
from sandbox.provisioning.folders import Places
from sandbox.provisioning.model import CellId
from tests.fakes_provisioning import BEGUN, FakeOneShot
from tests.provisioning_site import IMAGE, SOURCE, Site

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


class Seeding(FakeOneShot):
    """Writes what it is told, or fails."""

    def __init__(self, *, size: int = 10, error: Exception | None = None) -> None:
        super().__init__()
        self._size = size
        self._error = error

    def seed(self, image: str, records: object, into: Path) -> str:
        self.seeded += 1
        into.write_bytes(b"x" * self._size)
        if self._error:
            raise self._error
        return "digest"


def build(site: Site, one_shot: FakeOneShot, source: golden.RecordSource = SOURCE) -> golden.GoldenDataset:
    database, folder, now = site.database, site.places.datasets, site.clock.now()
    return golden.ensure(database.transaction, one_shot, site.files, IMAGE, source, folder, now=now)


OTHER = golden.RecordSource(name="town", fingerprint="spec 2, seed 7", stream=lambda: [b'{"a":2}\n'])


def test_a_dataset_is_built_once_per_inputs_key(site: Site) -> None:
    one_shot = FakeOneShot()
    first = build(site, one_shot, OTHER)
    assert build(site, one_shot, OTHER) == first
    assert one_shot.seeded == 1
    file = site.places.datasets / f"{first.sha256}.db"
    assert hashlib.sha256(file.read_bytes()).hexdigest() == first.sha256
    assert file.stat().st_mode & 0o222 == 0
    assert first.bytes == file.stat().st_size


def test_a_dataset_whose_file_was_lost_is_built_again(site: Site) -> None:
    one_shot = FakeOneShot()
    first = build(site, one_shot, OTHER)
    (site.places.datasets / f"{first.sha256}.db").unlink()
    assert build(site, one_shot, OTHER) == first
    assert one_shot.seeded == 2


@pytest.mark.parametrize(("image", "fingerprint"), [("sha256:other", SOURCE.fingerprint), (IMAGE, "spec 1, seed 8")])
def test_other_inputs_have_another_key(image: str, fingerprint: str) -> None:
    other = golden.RecordSource(name="town", fingerprint=fingerprint, stream=SOURCE.stream)
    assert golden.inputs_key(image, other) != golden.inputs_key(IMAGE, SOURCE)


def test_a_dataset_larger_than_a_cell_may_hold_is_refused(site: Site) -> None:
    with pytest.raises(PermanentError):
        build(site, Seeding(size=GOLDEN_LIMIT_BYTES + 1), OTHER)
    assert len(list(site.places.datasets.iterdir())) == 1


def test_a_full_disk_leaves_no_half_dataset(site: Site) -> None:
    with pytest.raises(DiskFullError):
        build(site, Seeding(error=OSError(28, "No space left on device")), OTHER)
    assert len(list(site.places.datasets.iterdir())) == 1
    assert build(site, FakeOneShot(), OTHER).name == "town"


def test_a_lost_dataset_holds_launches_up_and_says_so(site: Site) -> None:
    [file] = site.places.datasets.iterdir()
    file.unlink()
    key = site.launch()
    site.round()
    assert site.instance(key).trouble == "SBX-407"


def rows_of(site: Site) -> tuple[list[Row], str]:
    key = site.launch()
    site.settle()
    cell = site.cell_of(key)
    site.cells.work(cell.id, rows=4)
    kept = json.loads((site.places.data / cell.id / "his.db").read_text())["rows"]
    return [codec.from_json(Row, row) for row in kept], cell.nonce


def test_a_journal_reads_back_as_it_was_written(site: Site) -> None:
    rows, _ = rows_of(site)
    assert archiving.read_journal(archiving.journal_bytes(rows)) == tuple(rows)
    assert archiving.read_journal(archiving.journal_bytes([])) == ()


def test_every_fault_of_a_chain_is_named(site: Site) -> None:
    rows, nonce = rows_of(site)
    head = Head(seq=4, hash=rows[-1].hash)
    assert archiving.chain_fault(rows, head, attempt="practice", nonce=nonce) == ""
    assert archiving.chain_fault([], Head(seq=0, hash=""), attempt="practice", nonce=nonce) == ""
    assert "ends at row 3" in archiving.chain_fault(rows[:3], head, attempt="practice", nonce=nonce)
    assert archiving.chain_fault(rows[1:], head, attempt="practice", nonce=nonce) == "row 1 is missing"
    assert archiving.chain_fault(rows, head, attempt="other", nonce=nonce) != ""
    assert archiving.chain_fault(rows, head, attempt="practice", nonce="other") != ""


def test_the_baseline_is_kept_beside_the_dataset_and_again_if_somebody_lost_it(site: Site) -> None:
    named = baseline.name(BEGUN)
    build(site, FakeOneShot(), OTHER)
    assert site.files.get(named) == BEGUN
    shutil.rmtree(site.root / "state" / "files")
    build(site, FakeOneShot(), OTHER)
    assert site.files.get(named) == BEGUN


def changes(*, anchor: str = "2026-03-02", **patient: object) -> bytes:
    """Return what a cell of ours sends in which one patient was changed."""
    told = StateChanges(
        contract=CONTRACT_VERSION, anchor=anchor, baseline=baseline.name(BEGUN), tables={"patient": (patient,)}
    )
    return canonical.dumps(codec.to_json(told)).encode()


def test_a_state_is_read_together_with_its_baseline() -> None:
    content = changes(id="p1", name="张三")
    assert archiving.baseline_of(content) == baseline.name(BEGUN)
    assert archiving.read_state(content, BEGUN).tables == {"patient": ({"id": "p1", "name": "张三"},)}


def test_a_whole_state_of_an_earlier_contract_needs_no_baseline() -> None:
    content = canonical.dumps({"contract": 3, "anchor": "2026-03-02", "tables": {"patient": [{"id": "p1"}]}}).encode()
    assert archiving.baseline_of(content) == ""
    assert archiving.read_state(content).tables == {"patient": ({"id": "p1"},)}


@pytest.mark.parametrize("begun", [b"", b"{}", b"[", b'{"contract":4,"tables":{"patient":[{}]}}'])
def test_a_state_without_its_baseline_is_refused(begun: bytes) -> None:
    with pytest.raises(ArchiveCorruptError):
        archiving.read_state(changes(id="p1"), begun)


@pytest.mark.parametrize("content", [changes(anchor="tomorrow", id="p1"), changes(name="nobody")])
def test_changes_that_fit_no_hospital_are_refused(content: bytes) -> None:
    with pytest.raises(ArchiveCorruptError):
        archiving.read_state(content, BEGUN)


@given(st.binary(max_size=200))
def test_bytes_that_are_no_archive_are_refused(content: bytes) -> None:
    for read in (archiving.read_state, archiving.baseline_of, lambda data: archiving.verify_state(data, "0" * 64)):
        with pytest.raises(ArchiveCorruptError):
            read(content)


@pytest.mark.parametrize("content", [b"{}", b"[1]", b'[{"seq":1}]', b"[", b"\xff", b"[" * 100_000])
def test_journals_that_are_none_are_refused(content: bytes) -> None:
    with pytest.raises(ArchiveCorruptError):
        archiving.read_journal(content)


def test_only_names_of_cells_count_as_folders(tmp_path: Path) -> None:
    places = Places(run=tmp_path / "run", state=tmp_path / "state")
    assert folders.present(places) == frozenset()
    for name in ("0123456789ab", "lost+found", "0123456789AB", "0123456789abc"):
        (places.data / name).mkdir(parents=True)
    (places.run / "ffffffffffff").mkdir(parents=True)
    assert folders.present(places) == {"0123456789ab", "ffffffffffff"}


def test_an_empty_or_linked_database_is_no_data(tmp_path: Path) -> None:
    places = Places(run=tmp_path / "run", state=tmp_path / "state")
    for name, content in (("000000000001", b""), ("000000000002", b"x")):
        (places.data / name).mkdir(parents=True)
        (places.data / name / "his.db").write_bytes(content)
    (places.data / "000000000003").mkdir()
    (places.data / "000000000004").mkdir()
    (places.data / "000000000004" / "his.db").symlink_to(places.data / "000000000002" / "his.db")
    assert folders.with_database(places) == {"000000000002"}


def test_what_is_set_aside_is_kept_for_a_week(tmp_path: Path) -> None:
    places = Places(run=tmp_path / "run", state=tmp_path / "state")
    assert folders.discard_old(places, now=NOW) == []
    (places.data / "000000000001").mkdir(parents=True)
    folders.set_aside(places, CellId("000000000001"), now=NOW)
    folders.set_aside(places, CellId("000000000002"), now=NOW)
    assert folders.discard_old(places, now=NOW + timedelta(days=7)) == []
    assert folders.discard_old(places, now=NOW + timedelta(days=7, seconds=1)) == ["20260302T010000-000000000001"]


def test_a_living_owner_is_not_dead() -> None:
    assert not succession.is_dead(succession.owner_name())


def test_an_owner_whose_process_is_gone_is_dead() -> None:
    told = "from sandbox.provisioning import succession; print(succession.owner_name())"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True, cwd=_root())
    assert succession.is_dead(done.stdout.strip())


def test_a_reused_pid_and_an_earlier_boot_are_told_apart() -> None:
    node, boot, pid, started = succession.owner_name().split(" ")
    assert pid == str(os.getpid())
    assert succession.is_dead(f"{node} {boot} {pid} {int(started) - 1}")
    assert succession.is_dead(f"{node} another-boot {pid} {started}")


def test_of_other_machines_nothing_is_known() -> None:
    _, boot, pid, started = succession.owner_name().split(" ")
    assert not succession.is_dead(f"elsewhere {boot} 1 {started}")
    assert not succession.is_dead("somebody")
    assert pid


def _root() -> Path:
    return Path(__file__).resolve().parents[3]

"""Cells without an engine: a driver and a control channel whose whole world is files, so that it survives a crash.

FakeDriver does what it is told; FailingDriver refuses, ForgetfulDriver does it and loses the reply, SlowDriver waits
until a test lets it go on. FakeControl answers for every cell of a FakeDriver as the hospital's control app does.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from sandbox.contract import CONTRACT_VERSION, baseline, canonical, codec, journal, layout
from sandbox.contract.control import Arm, Armed, Head, Health, HospitalState, JournalPage, Rested, Sealed
from sandbox.errors import (
    ContractMismatchError,
    ControlUnreachableError,
    OutcomeUnknownError,
    ProfileDriftError,
    WrongStateError,
)
from sandbox.provisioning import archiving
from sandbox.provisioning.attestation import Attestation
from sandbox.provisioning.folders import Places
from sandbox.provisioning.model import CellId, CellSpec, DriverFacts, Endpoint, SeenCell
from sandbox.provisioning.ports import Driver

PROFILE = "fakeprofile"
PAGE_ROWS = 3
"""Small, so that every archive needs several pages."""
BEGUN = canonical.dumps({"contract": CONTRACT_VERSION, "tables": {"patient": []}}).encode()
"""The baseline of every dataset: a hospital without patients."""

Result = TypeVar("Result")


class FakeDriver:
    """Fulfils provisioning.ports.Driver with a file per container."""

    def __init__(self, places: Places, *, profile: str = PROFILE) -> None:
        self.places = places
        self._profile = profile
        self._engine = places.state / "engine"
        for folder in (self._engine, places.run, places.data):
            folder.mkdir(parents=True, exist_ok=True)

    def facts(self) -> DriverFacts:
        return DriverFacts(name="fake", isolates=False, survives_restart=True, profile=self._profile)

    def observe(self) -> Sequence[SeenCell]:
        return [self._seen(CellId(path.stem)) for path in sorted(self._engine.glob("*.json"))]

    def find(self, cell: CellId) -> SeenCell | None:
        return self._seen(cell) if self._container(cell).exists() else None

    def ensure(self, spec: CellSpec) -> SeenCell:
        self._make_run(spec.cell)
        data = self.places.data / spec.cell
        data.mkdir(exist_ok=True)
        (data / layout.DATABASE).touch()
        if not self._container(spec.cell).exists():
            self._write(
                spec.cell,
                {
                    "id": secrets.token_hex(8),
                    "running": False,
                    "uid": spec.uid,
                    "label": self._profile,
                    "drift": "",
                },
            )
        return self._seen(spec.cell)

    def start(self, cell: CellId) -> None:
        self._make_run(cell)
        if not self.is_running(cell):
            self.change(cell, running=True, started=secrets.token_hex(4))

    def stage(self, cell: CellId, golden: Path) -> None:
        shutil.copyfile(golden, self.places.data / cell / f"staged-{golden.stem}")

    def place(self, cell: CellId, golden: Path) -> None:
        staged = self.places.data / cell / f"staged-{golden.stem}"
        if not staged.exists():
            shutil.copyfile(golden, staged)
        staged.rename(self.places.data / cell / layout.DATABASE)

    def read_back(self, cell: CellId) -> str:
        return hashlib.sha256((self.places.data / cell / layout.DATABASE).read_bytes()).hexdigest()

    def stop(self, cell: CellId, grace_s: float) -> None:
        if self._container(cell).exists():
            self.change(cell, running=False)

    def remove(self, seen: SeenCell) -> None:
        path = self._container(seen.cell)
        if path.exists() and json.loads(path.read_text())["id"] == seen.engine_id:
            path.unlink()
            self.discard_folders(seen.cell)

    def discard_folders(self, cell: CellId) -> None:
        for folder in (self.places.run / cell, self.places.data / cell):
            if folder.exists():
                shutil.rmtree(folder)

    def endpoint(self, cell: CellId) -> Endpoint:
        if not (self.places.data / cell).exists():
            raise ControlUnreachableError(f"cell {cell} has no data folder")
        run = self.places.run / cell
        return Endpoint(http_socket=run / layout.HTTP_SOCKET, control_socket=run / layout.CONTROL_SOCKET, uid=0)

    def log_tail(self, cell: CellId, limit: int) -> bytes:
        return b"" if not self._container(cell).exists() else f"log of {cell}\n".encode()[-limit:]

    def attest(self, cell: CellId) -> Attestation:
        if not self._container(cell).exists():
            raise OutcomeUnknownError(f"cell {cell} has no container at the moment")
        facts = json.loads(self._container(cell).read_text())
        if facts["drift"]:
            raise ProfileDriftError(f"cell {cell}: {facts['drift']}", fields=facts["drift"])
        return Attestation(
            isolates=False,
            container=facts["id"],
            begun=f"{facts['id']} {facts.get('started', '')}",
            uid=facts["uid"],
            image="sha256:" + "a" * 64,
            profile=self._profile,
            engine="none",
        )

    # What tests do to the engine behind the driver's back.

    def change(self, cell: CellId, **facts: Any) -> None:
        """Change what the engine holds of a container: running, label, drift."""
        self._write(cell, json.loads(self._container(cell).read_text()) | facts)

    def kill(self, cell: CellId) -> None:
        self.change(cell, running=False)

    def lose_container(self, cell: CellId) -> None:
        self._container(cell).unlink()

    def reboot(self) -> None:
        """Stop everything and empty the run folders, as a power cut does."""
        for seen in self.observe():
            self.kill(seen.cell)
        shutil.rmtree(self.places.run)
        self.places.run.mkdir()

    def is_running(self, cell: CellId) -> bool:
        path = self._container(cell)
        return path.exists() and bool(json.loads(path.read_text())["running"])

    def started(self, cell: CellId) -> str:
        """Return the name of its container's present run."""
        return str(json.loads(self._container(cell).read_text()).get("started", ""))

    def _make_run(self, cell: CellId) -> None:
        for name in (layout.HTTP_FOLDER, layout.CONTROL_FOLDER):
            (self.places.run / cell / name).mkdir(parents=True, exist_ok=True)

    def _container(self, cell: CellId) -> Path:
        return self._engine / f"{cell}.json"

    def _write(self, cell: CellId, facts: dict[str, Any]) -> None:
        temporary = self._engine / f".{cell}.{secrets.token_hex(4)}"
        temporary.write_text(json.dumps(facts))
        temporary.rename(self._container(cell))

    def _seen(self, cell: CellId) -> SeenCell:
        facts = json.loads(self._container(cell).read_text())
        return SeenCell(
            cell=cell,
            engine_id=facts["id"],
            running=facts["running"],
            spec_label=facts["label"],
            folders=(self.places.run / cell).exists() and (self.places.data / cell).exists(),
        )


class _Around:
    """A driver around another one; subclasses say what happens at each verb."""

    def __init__(self, inner: Driver) -> None:
        self.inner = inner

    def _at(self, verb: str, deed: Callable[[], Result]) -> Result:
        raise NotImplementedError

    def facts(self) -> DriverFacts:
        return self.inner.facts()

    def observe(self) -> Sequence[SeenCell]:
        return self._at("observe", self.inner.observe)

    def find(self, cell: CellId) -> SeenCell | None:
        return self._at("find", lambda: self.inner.find(cell))

    def ensure(self, spec: CellSpec) -> SeenCell:
        return self._at("ensure", lambda: self.inner.ensure(spec))

    def start(self, cell: CellId) -> None:
        return self._at("start", lambda: self.inner.start(cell))

    def stage(self, cell: CellId, golden: Path) -> None:
        return self._at("stage", lambda: self.inner.stage(cell, golden))

    def place(self, cell: CellId, golden: Path) -> None:
        return self._at("place", lambda: self.inner.place(cell, golden))

    def read_back(self, cell: CellId) -> str:
        return self._at("read_back", lambda: self.inner.read_back(cell))

    def stop(self, cell: CellId, grace_s: float) -> None:
        return self._at("stop", lambda: self.inner.stop(cell, grace_s))

    def remove(self, seen: SeenCell) -> None:
        return self._at("remove", lambda: self.inner.remove(seen))

    def discard_folders(self, cell: CellId) -> None:
        return self._at("discard_folders", lambda: self.inner.discard_folders(cell))

    def endpoint(self, cell: CellId) -> Endpoint:
        return self.inner.endpoint(cell)

    def log_tail(self, cell: CellId, limit: int) -> bytes:
        return self._at("log_tail", lambda: self.inner.log_tail(cell, limit))

    def attest(self, cell: CellId) -> Attestation:
        return self._at("attest", lambda: self.inner.attest(cell))


class FailingDriver(_Around):
    """Raises what it was told to, before doing anything."""

    def __init__(self, inner: Driver) -> None:
        super().__init__(inner)
        self._failures: dict[str, tuple[Exception, int]] = {}

    def fail(self, verb: str, error: Exception, *, times: int = 1_000_000) -> None:
        self._failures[verb] = (error, times)

    def heal(self) -> None:
        self._failures.clear()

    def _at(self, verb: str, deed: Callable[[], Result]) -> Result:
        error, left = self._failures.get(verb, (None, 0))
        if error is not None and left > 0:
            self._failures[verb] = (error, left - 1)
            raise error
        return deed()


class ForgetfulDriver(_Around):
    """Does it, then loses the reply."""

    def __init__(self, inner: Driver) -> None:
        super().__init__(inner)
        self._lost: dict[str, int] = {}

    def forget(self, verb: str, *, times: int = 1) -> None:
        self._lost[verb] = times

    def remember(self) -> None:
        self._lost.clear()

    def _at(self, verb: str, deed: Callable[[], Result]) -> Result:
        result = deed()
        if self._lost.get(verb, 0) > 0:
            self._lost[verb] -= 1
            raise OutcomeUnknownError(f"no answer to {verb}")
        return result


class SlowDriver(_Around):
    """Holds a verb until the test lets it go on."""

    def __init__(self, inner: Driver) -> None:
        super().__init__(inner)
        self._gates: dict[str, threading.Event] = {}
        self.entered = threading.Event()

    def hold(self, verb: str) -> threading.Event:
        """Return the event that lets calls of this verb go on."""
        return self._gates.setdefault(verb, threading.Event())

    def _at(self, verb: str, deed: Callable[[], Result]) -> Result:
        gate = self._gates.get(verb)
        if gate is not None:
            self.entered.set()
            gate.wait(30)
        return deed()


class FakeControl:
    """Fulfils provisioning.ports.ControlChannel for the cells of a FakeDriver; remembers in their data folders."""

    def __init__(self, driver: FakeDriver, *, contract: int = CONTRACT_VERSION) -> None:
        self._driver = driver
        self.contract = contract
        self.deaf: set[CellId] = set()
        """Cells that run and do not answer."""
        self.lost_replies: dict[str, int] = {}
        """Command -> how many of the next replies are lost after the deed."""
        self.broken: set[CellId] = set()
        """Cells that answer nonsense."""
        self.begun = baseline.name(BEGUN)
        """The baseline against which every cell tells its state."""

    def health(self, at: Endpoint) -> Health:
        _cell, facts = self._open(at)
        armed = facts.get("armed")
        condition = "sealed" if facts.get("sealed") else "armed" if armed else "ready"
        return Health(
            contract=self.contract,
            condition=condition,  # type: ignore[arg-type]
            instance=armed["instance"] if armed else None,
            epoch=armed["epoch"] if armed else None,
            hospital_time=None,
            working_ms=0,
            idle_ms=0,
            head=_head(facts),
        )

    def arm(self, at: Endpoint, command: Arm) -> Armed:
        cell, facts = self._open(at)
        if not facts:
            raise WrongStateError("no dataset was placed")
        armed = facts.get("armed")
        if armed and (armed["instance"], armed["epoch"]) != (command.instance, command.epoch):
            raise WrongStateError("already armed")
        if not armed:
            kept = {"instance": command.instance, "epoch": command.epoch}
            facts["armed"] = kept | {"attempt": command.attempt, "nonce": command.nonce, "anchor": command.anchor}
            self._save(cell, facts)
        self._maybe_lose("arm")
        return Armed(instance=command.instance, epoch=command.epoch, dataset_digest=facts["digest"], head=_head(facts))

    def rest(self, at: Endpoint, *, resting: bool) -> Rested:
        cell, facts = self._open(at)
        if not facts.get("armed") or facts.get("sealed"):
            raise WrongStateError("not armed, or sealed")
        # Lifted by a new start, as the hospital's own is: it lasts as long as this run of the container.
        facts["resting"] = self._driver.started(cell) if resting else ""
        self._save(cell, facts)
        self._maybe_lose("rest")
        digest = canonical.digest(_state(facts, self.begun)) if resting else ""
        return Rested(head=_head(facts), state_digest=digest, resting=resting)

    def seal(self, at: Endpoint) -> Sealed:
        cell, facts = self._open(at)
        if not facts.get("armed"):
            raise WrongStateError("not armed")
        facts["sealed"] = True
        self._save(cell, facts)
        self._maybe_lose("seal")
        return Sealed(head=_head(facts), state_digest=canonical.digest(_state(facts, self.begun)))

    def journal(self, at: Endpoint, after: int) -> JournalPage:
        _, facts = self._open(at)
        rows = tuple(codec.from_json(journal.Row, row) for row in facts.get("rows", [])[after : after + PAGE_ROWS])
        return JournalPage(rows=rows, head=_head(facts))

    def state(self, at: Endpoint) -> HospitalState:
        return archiving.read_state(self.state_bytes(at), BEGUN)

    def state_bytes(self, at: Endpoint) -> bytes:
        _, facts = self._open(at)
        return canonical.dumps(_state(facts, self.begun)).encode()

    # What a trainee does.

    def work(self, cell: CellId, rows: int = 1) -> None:
        """Write rows into the cell's journal, as a trainee's clicks do. Refused once sealed, and at rest."""
        facts = self._load(cell)
        assert not facts.get("sealed"), "a sealed cell took a write"
        assert not self.is_resting(cell), "a cell at rest took a write"
        armed = facts["armed"]
        for _ in range(rows):
            facts.setdefault("rows", []).append(codec.to_json(_row(facts, armed["attempt"], armed["nonce"])))
        self._save(cell, facts)

    def is_sealed(self, cell: CellId) -> bool:
        return bool(self._load(cell).get("sealed"))

    def is_resting(self, cell: CellId) -> bool:
        since = self._load(cell).get("resting", "")
        return bool(since) and since == self._driver.started(cell)

    def rows_of(self, cell: CellId) -> int:
        return len(self._load(cell).get("rows", []))

    def _open(self, at: Endpoint) -> tuple[CellId, dict[str, Any]]:
        cell = CellId(at.control_socket.parent.parent.name)
        if cell in self.deaf or not self._driver.is_running(cell):
            raise ControlUnreachableError(f"cell {cell} does not answer")
        if cell in self.broken:
            raise ContractMismatchError("the cell answers nonsense")
        return cell, self._load(cell)

    def _maybe_lose(self, command: str) -> None:
        if self.lost_replies.get(command, 0) > 0:
            self.lost_replies[command] -= 1
            raise ControlUnreachableError(f"the reply to {command} was lost")

    def _load(self, cell: CellId) -> dict[str, Any]:
        text = (self._driver.places.data / cell / layout.DATABASE).read_text()
        facts: dict[str, Any] = json.loads(text) if text else {}
        return facts

    def _save(self, cell: CellId, facts: dict[str, Any]) -> None:
        data = self._driver.places.data / cell
        temporary = data / f".{secrets.token_hex(4)}"
        temporary.write_text(json.dumps(facts))
        temporary.rename(data / layout.DATABASE)


class FakeOneShot:
    """Fulfils the seeding half of provisioning.ports.OneShot: the file holds the digest of the records."""

    def __init__(self) -> None:
        self.seeded = 0

    def seed(self, image: str, records: Any, into: Path) -> str:
        self.seeded += 1
        digest = canonical.digest([line.decode() for line in records])
        into.write_text(json.dumps({"digest": digest}))
        return digest

    def baseline(self, golden: Path) -> bytes:
        return BEGUN

    def replay(self, image: str, golden: Path, script: bytes) -> bytes:
        raise NotImplementedError

    def sweep(self) -> None:
        raise NotImplementedError


def _head(facts: dict[str, Any]) -> Head:
    rows = facts.get("rows", [])
    return Head(seq=len(rows), hash=rows[-1]["hash"] if rows else "")


def _state(facts: dict[str, Any], begun: str) -> dict[str, Any]:
    rows = [{"id": str(number)} for number in range(len(facts.get("rows", [])))]
    changed = {"patient": rows} if rows else {}
    named = {"anchor": facts["armed"]["anchor"], "baseline": begun}
    return {"contract": CONTRACT_VERSION, **named, "tables": changed}


def _row(facts: dict[str, Any], attempt: str, nonce: str) -> journal.Row:
    head = _head(facts)
    row = journal.Row(
        seq=head.seq + 1,
        attempt=attempt,
        actor="doc",
        action="chart.open",
        outcome="ok",
        code=None,
        patient=None,
        encounter=None,
        target=None,
        data={},
        changes=(),
        t=head.seq * 1000,
        at="2026-03-02T08:00:00",
        wall="2026-03-02T00:00:00Z",
        prev=head.hash or journal.first_prev(attempt, nonce),
        hash="",
    )
    return replace(row, hash=journal.row_hash(row))

"""Lives self-tests in real cells: a fresh cell per test, the robot on the hospital's own pages, the test clock.

The cells are the caller's driver's alone: they carry no site's label, so no worker takes them for its own.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from sandbox.authoring import agreement, rehearsing, selftest
from sandbox.contract.control import Arm
from sandbox.contract.journal import Row
from sandbox.contract.replay import Replayed, Script
from sandbox.contract.seats import account_name, initial_password
from sandbox.errors import ControlUnreachableError, NotReadyError
from sandbox.exercises import schema, scripts
from sandbox.exercises.loader import Loaded
from sandbox.grading import evidence
from sandbox.grading.evidence import Journal
from sandbox.provisioning.model import CellId, CellSpec, Endpoint
from sandbox.provisioning.ports import ControlChannel, Driver
from sandbox.robot.client import Client, RobotError
from sandbox.robot.hospital import Hospital, hospital_of
from sandbox.robot.trainee import SeatCard

PATIENCE_S = 30.0
LOOK_EVERY_S = 0.05
HOME = "http://hospital.localhost/"


class Monotonic(Protocol):
    def monotonic(self) -> float: ...


@dataclass(frozen=True, kw_only=True)
class Cells:
    """Fulfils proving.Pages."""

    driver: Driver
    control: ControlChannel
    image: str
    golden: Path
    uid: int
    clock: Monotonic
    stopped: threading.Event = field(default_factory=threading.Event)

    def __call__(
        self, loaded: Loaded, memory: Mapping[str, Replayed], tell: Callable[[int], None]
    ) -> dict[str, list[str]]:
        """Live every test of the first variant; return, per test, what differs from its run in memory.

        Raises NotReadyError if the worker leaves meanwhile.
        """
        names = agreement.named(loaded)
        found: dict[str, list[str]] = {}
        for done, test in enumerate(loaded.exercise.tests, start=1):
            if self.stopped.is_set():
                raise NotReadyError("the worker leaves")
            found[test.name] = self._differences(loaded, test, memory[test.name], names)
            tell(done)
        return found

    def _differences(self, loaded: Loaded, test: schema.SelfTest, memory: Replayed, names: frozenset[str]) -> list[str]:
        script = selftest.script_of(loaded, test, anchor=rehearsing.ANCHOR)
        try:
            real = self._live(loaded, test, script)
        except RobotError as lost:
            return [str(lost)]
        differences = agreement.differences(memory.rows, real.rows, names)
        whole = evidence.read(
            Journal(attempt=script.attempt, nonce=script.nonce, rows=real.rows), real.state, digests={}
        )
        report = selftest.graded(loaded, test, whole)
        wrong = [en for _, en in selftest.wrong(test, report)]
        return differences + wrong

    def _live(self, loaded: Loaded, test: schema.SelfTest, script: Script) -> Replayed:
        cell = CellId(secrets.token_hex(6))
        seen = self.driver.ensure(CellSpec(cell=cell, uid=self.uid, image=self.image, fence=1))
        try:
            self.driver.place(cell, self.golden)
            self.driver.start(cell)
            at = self.driver.endpoint(cell)
            self._await(at)
            self.control.arm(at, _arm(script))
            robot = _robot(at, loaded, script)
            for act in scripts.resolve(loaded.exercise, test):
                robot.perform(act)
            self.control.seal(at)
            return Replayed(name=test.name, rows=self._journal(at), state=self.control.state(at))
        finally:
            self.driver.remove(seen)

    def _await(self, at: Endpoint) -> None:
        end = self.clock.monotonic() + PATIENCE_S
        while True:
            try:
                self.control.health(at)
            except ControlUnreachableError:
                if self.clock.monotonic() > end or self.stopped.wait(LOOK_EVERY_S):
                    raise
            else:
                return

    def _journal(self, at: Endpoint) -> tuple[Row, ...]:
        rows: list[Row] = []
        while page := self.control.journal(at, after=len(rows)).rows:
            rows += page
        return tuple(rows)


def _arm(script: Script) -> Arm:
    return Arm(
        instance="0" * 16,
        epoch=1,
        attempt=script.attempt,
        nonce=script.nonce,
        trainee="机器人",
        language="zh",
        anchor=script.anchor,
        pack=script.pack,
        clock="test",
    )


def _robot(at: Endpoint, loaded: Loaded, script: Script) -> Hospital:
    seats = {
        seat.name: SeatCard(
            name=seat.name, account=account_name(seat.name), password=initial_password(script.nonce, seat.name)
        )
        for seat in script.pack.seats
    }
    window = Client(unix=at.http_socket)
    return hospital_of(loaded.exercise, window, home=HOME, seats=seats, test_clock=True)

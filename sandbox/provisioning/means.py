"""Everything the steps act with, as one value: stores, driver, control channel, files, memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sandbox.clock import Clock
from sandbox.errors import ControlUnreachableError, TemporaryError
from sandbox.provisioning.arming import Trainee
from sandbox.provisioning.folders import Places
from sandbox.provisioning.leadership import Begin, Leadership
from sandbox.provisioning.measuring import Meter, Unmeasured
from sandbox.provisioning.model import Cell, CellSpec, InstanceId
from sandbox.provisioning.ports import ControlChannel, Driver, Files, PackSource, Stores
from sandbox.provisioning.watch import Watch


@dataclass(frozen=True, kw_only=True)
class Means:
    """Adapters and facts of one installation. No step knows more than this and its action."""

    leadership: Leadership[Stores]
    read: Begin
    """Opens a transaction for reading: waits for nobody."""
    version: Callable[[], int]
    """Another number as soon as anybody has written anything: rows read since it was asked for are still true."""
    driver: Driver
    control: ControlChannel
    files: Files
    packs: PackSource
    trainee: Callable[[str], Trainee]
    """How to address the person with this id."""
    places: Places
    baseline: Callable[[Path], bytes]
    """Reads what every hospital of a golden file begins with out of it."""
    clock: Clock
    watch: Watch
    zone: ZoneInfo
    uid_base: int
    uid_count: int = 10_000
    opened: Callable[[Stores, Cell, datetime], None]
    """Called in the flip's own transaction with the cell that can be entered from now on: what begins with an open
    hospital begins no later than it."""
    announce: Callable[[InstanceId], None]
    """Tells pages that wait for this instance that it was flipped. May go unheard."""
    pause: Callable[[float], object]
    """Waits for some seconds, or until the worker is asked to leave."""
    random_hex: Callable[[int], str]
    """Returns that many random bytes as hex digits."""
    meter: Meter = field(default_factory=Unmeasured)

    def now(self) -> datetime:
        return self.clock.now()

    def today(self) -> date:
        """Return the site's local date."""
        return self.clock.now().astimezone(self.zone).date()

    def spec(self, cell: Cell) -> CellSpec:
        """Return what the driver may be told about this cell."""
        return CellSpec(cell=cell.id, uid=cell.uid, image=cell.image, fence=self.leadership.fence)

    def no_answer(self, cell: Cell, silence: TemporaryError) -> None:
        """Remember that a cell that should answer did not."""
        if isinstance(silence, ControlUnreachableError):
            self.watch.no_answer(cell.id)

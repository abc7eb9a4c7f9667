"""The floor: the engine alone. Same image, same profile, same first answer; no rows, no worker, no pool."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from sandbox.bootstrap import WorkerServices
from sandbox.errors import ControlUnreachableError
from sandbox.provisioning.model import CellId, CellSpec, SeenCell

AT_ONCE = 16
"""Where the engine is at its best. Source: provisioning.md §2."""
ASK_AGAIN_S = 0.005
_FIRST_UID = 1_800_000
_PREFIX = "f1"


@dataclass
class Bare:
    """Containers outside the product, of the site's label, so that whatever is left is swept with it."""

    services: WorkerServices
    image: str
    made: int = 0
    seen: dict[CellId, SeenCell] = field(default_factory=dict)

    def spec(self) -> CellSpec:
        """Return the next spec."""
        self.made += 1
        cell = CellId(f"{_PREFIX}{self.made:010d}")
        return CellSpec(cell=cell, uid=_FIRST_UID + self.made, image=self.image, fence=0)

    def start(self, spec: CellSpec) -> float:
        """Create, start, and ask until it answers; return the seconds."""
        begun = time.perf_counter()
        self.seen[spec.cell] = self.services.driver.ensure(spec)
        self.services.driver.start(spec.cell)
        while not self._answers(spec.cell):
            time.sleep(ASK_AGAIN_S)
        return time.perf_counter() - begun

    def remove(self, cell: CellId) -> None:
        """Remove container and folders."""
        self.services.driver.remove(self.seen.pop(cell))

    def one(self) -> float:
        """Start one, remove it, return the seconds until it answered."""
        spec = self.spec()
        try:
            return self.start(spec)
        finally:
            if spec.cell in self.seen:
                self.remove(spec.cell)

    def many(self, count: int) -> list[float]:
        """Start so many, the engine at its best; return when each answered, in seconds after the begin of all."""
        specs = [self.spec() for _ in range(count)]
        begun = time.perf_counter()

        def start(spec: CellSpec) -> float:
            self.start(spec)
            return time.perf_counter() - begun

        with ThreadPoolExecutor(AT_ONCE) as threads:
            return list(threads.map(start, specs))

    def holders(self) -> dict[int, str]:
        """Return uid -> engine id of those that run."""
        return {_FIRST_UID + int(cell.removeprefix(_PREFIX)): seen.engine_id for cell, seen in self.seen.items()}

    def clear(self) -> float:
        """Remove all, the engine at its best; return the seconds."""
        begun = time.perf_counter()
        with ThreadPoolExecutor(AT_ONCE) as threads:
            list(threads.map(self.remove, list(self.seen)))
        return time.perf_counter() - begun

    def _answers(self, cell: CellId) -> bool:
        try:
            self.services.control.health(self.services.driver.endpoint(cell))
        except ControlUnreachableError:
            return False
        return True

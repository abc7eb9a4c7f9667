"""Looks again at cells in use, some at a time: whether they still are as their profile wants them."""

from __future__ import annotations

import logging

from sandbox.errors import PermanentError, ProfileDriftError, TemporaryError
from sandbox.provisioning import certificates
from sandbox.provisioning.attestation import Attestation
from sandbox.provisioning.means import Means
from sandbox.provisioning.model import Cell, CellId, CellState

log = logging.getLogger(__name__)

AT_ONCE = 20
"""Cells looked at in one full observation: each costs some milliseconds."""
CONFIRMED_AFTER_S = 1.0
"""What differs is looked at twice: the first process of a container that is being started again puts up its last wall
(seccomp) in the very moment in which it becomes the hospital, and nobody's work may be closed over that moment."""


class Attester:
    """Remembers whose turn it is, and who differed. One thread uses it."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._after = CellId("")
        self._certified: dict[CellId, tuple[str | None, str]] = {}
        self.drifted: frozenset[CellId] = frozenset()

    def look(self) -> None:
        """Look at the next cells in use; issue a certificate for what is new about them."""
        with self._means.read() as stores:
            cells = {cell.id: cell for cell in stores.cells.present() if cell.state is CellState.ARMED}
        turn = sorted(key for key in cells if key > self._after) or sorted(cells)
        self._certified = {key: said for key, said in self._certified.items() if key in cells}
        drifted = set(self.drifted) & set(cells)
        for key in turn[:AT_ONCE]:
            self._after = key
            try:
                self._certify(cells[key], self._confirmed(key))
                drifted.discard(key)
            except ProfileDriftError as drift:
                log.critical("cell %s: %s", key, drift)
                drifted.add(key)
            except (TemporaryError, PermanentError) as silence:
                log.debug("cell %s not attested: %s", key, silence)
        self.drifted = frozenset(drifted)

    def _confirmed(self, cell: CellId) -> Attestation:
        try:
            return self._means.driver.attest(cell)
        except ProfileDriftError as drift:
            if cell in self.drifted:
                raise
            log.warning("cell %s is looked at again: %s", cell, drift)
        self._means.pause(CONFIRMED_AFTER_S)
        return self._means.driver.attest(cell)

    def _certify(self, cell: Cell, seen: Attestation) -> None:
        said = (cell.instance, seen.begun)
        if self._certified.get(cell.id) == said:
            return
        with self._means.leadership.transaction() as stores:
            leadership = self._means.leadership
            certificates.keep(
                stores, cell, seen, worker=leadership.owner, fence=leadership.fence, now=self._means.now()
            )
        self._certified[cell.id] = said

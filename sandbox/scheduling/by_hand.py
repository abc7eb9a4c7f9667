"""A nightly reset that a person ran by day: how far it is. The nights' own ledger says nothing of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sandbox.provisioning.model import Desired
from sandbox.scheduling.ports import Stores

VERB = "nightly.run"


@dataclass(frozen=True, kw_only=True)
class ByHand:
    """The newest run by hand."""

    at: datetime
    actor: str
    cause: str
    """Causality id of the click."""
    asked: int
    """Instances that were to be reset or closed."""
    left: int
    """Those of which the old hospital is not archived yet, or not closed."""

    @property
    def done(self) -> int:
        return self.asked - self.left

    @property
    def state(self) -> Literal["running", "done"]:
        return "running" if self.left else "done"


def newest(stores: Stores, *, since: datetime) -> ByHand | None:
    """Return the newest run by hand after this moment, None without one or if it was run where no click has an id."""
    entries = stores.audit.page(verb=VERB, limit=1)
    if not entries or entries[0].at < since:
        return None
    entry, cause = entries[0], str(entries[0].facts.get("cause") or "")
    if not cause:
        return None
    asked = int(entry.facts["instances"] or 0)
    resets = sum(move.cause == cause for move in stores.moves.open())
    closing = sum(one.cause == cause and one.desired is Desired.CLOSED for one in stores.instances.live())
    return ByHand(at=entry.at, actor=entry.actor, cause=cause, asked=asked, left=min(asked, resets + closing))

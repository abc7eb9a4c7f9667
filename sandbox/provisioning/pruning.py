"""Clearing up: a person leaves a request, the worker looks, answers, and does what was approved.

Only the worker touches the engine, so the command does not: it leaves a row and waits for the answer. A first request
asks what would be done; a second one names what the person approved. What is done is what was approved *and* is still
of no use when the worker gets there; asking twice, or while the worker does the same by itself, changes nothing more.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sandbox.audit import operations as audit
from sandbox.audit import ports as auditing
from sandbox.errors import LostRaceError, SandboxError, WrongStateError
from sandbox.people import policy
from sandbox.people.model import WORKER, Actor
from sandbox.provisioning import actions, folders, golden, leftovers
from sandbox.provisioning.actions import Action
from sandbox.provisioning.leftovers import Fate, Found, Kind, LeftOver, Needed, Why
from sandbox.provisioning.means import Means
from sandbox.provisioning.model import CellId
from sandbox.provisioning.ports import Stores as ProvisioningStores
from sandbox.provisioning.prunes import PruneRequest, PruneStore

log = logging.getLogger(__name__)

PATIENCE = timedelta(minutes=10)
"""An approval that no worker took up for so long is not carried out: the person who gave it is elsewhere by now."""


class Storeroom(Protocol):
    """What the engine keeps for this site beside its cells. Absent is success. Raises EngineUnavailableError."""

    def one_shots(self) -> Mapping[str, str]:
        """Return engine id -> name of containers of programs that nobody waits for any more."""
        ...

    def images(self, ids: Sequence[str]) -> Mapping[str, int]:
        """Return id -> bytes of those that are on the engine and that no container of any site uses."""
        ...

    def discard_one_shot(self, engine_id: str) -> None: ...

    def discard_image(self, image: str) -> None:
        """Raises LostRaceError if a container uses it by now."""
        ...


class Asking(auditing.Stores, Protocol):
    """What asking needs inside one transaction."""

    @property
    def prunes(self) -> PruneStore: ...


class Answering(ProvisioningStores, auditing.Stores, Protocol):
    """What answering needs inside one transaction."""


@dataclass(frozen=True, kw_only=True)
class Pruned:
    """One left-over of an answer."""

    kind: Kind
    name: str
    why: Why
    fate: Fate
    bytes: int
    done: bool


def ask(
    stores: Asking, actor: Actor, approved: Sequence[str] | None, *, draw: Callable[[int], str], now: datetime
) -> PruneRequest:
    """Leave a request; None asks only what would be done."""
    policy.require(actor, "fleet.prune")
    request = PruneRequest(
        id=draw(8),
        approved="" if approved is None else json.dumps(list(approved)),
        asked_by=actor.id,
        asked_at=now,
        answered_at=None,
        answer="",
        trouble="",
    )
    stores.prunes.add(request)
    if approved is not None:
        audit.record(stores, actor, "fleet.prune", request.id, at=now, facts={"approved": len(approved)})
    return request


def read(request: PruneRequest) -> list[Pruned]:
    """Return what the worker found. Raises ValueError if it could not look."""
    return [
        Pruned(kind=Kind(one["kind"]), name=one["name"], why=Why(one["why"]), fate=Fate(one["fate"]),
               bytes=one["bytes"], done=one["done"])
        for one in json.loads(request.answer)
    ]  # fmt: skip


class Pruner:
    """The worker's errand. One thread uses it."""

    def __init__(
        self,
        means: Means,
        storeroom: Storeroom,
        source: golden.RecordSource,
        *,
        begin: Callable[[], AbstractContextManager[Answering]],
        perform: Callable[[Action], bool],
    ) -> None:
        """`begin` opens the worker's own transactions; `perform` does one step as the reconciler does."""
        self._means = means
        self._begin = begin
        self._storeroom = storeroom
        self._source = source
        self._perform = perform
        self._swept = False

    def tick(self) -> int:
        """Answer the oldest request; return how many were answered. Raises LeaseLostError, TemporaryError."""
        self._sweep_once()
        with self._means.read() as stores:
            waiting = stores.prunes.waiting()
        for request in waiting[:1]:
            self._answer(request)
        return len(waiting[:1])

    def _sweep_once(self) -> None:
        """At the worker's start: programs of runs that were killed would hold memory until somebody looked."""
        if self._swept:
            return
        self._means.leadership.require_engine_time()
        for engine_id, name in self._storeroom.one_shots().items():
            log.warning("%s was left by a killed run: removed", name)
            self._storeroom.discard_one_shot(engine_id)
        self._swept = True

    def _answer(self, request: PruneRequest) -> None:
        found: list[Pruned] = []
        trouble = ""
        try:
            found = self._looked(request)
        except SandboxError as wrong:
            log.warning("prune %s: %s %s", request.id, wrong.code, wrong)
            trouble = wrong.code
        now = self._means.now()
        try:
            with self._begin() as stores:
                answer = json.dumps([asdict(one) for one in found])
                stores.prunes.answer(request.id, answer=answer, trouble=trouble, at=now)
                if request.approved:
                    facts = {str(kind): sum(one.done for one in found if one.kind is kind) for kind in Kind}
                    audit.record(stores, WORKER, "fleet.pruned", request.id, at=now, facts=facts)
        except LostRaceError as first:
            log.debug("prune %s: %s", request.id, first)

    def _looked(self, request: PruneRequest) -> list[Pruned]:
        if request.approved and self._means.now() - request.asked_at > PATIENCE:
            raise WrongStateError(f"prune {request.id} was approved at {request.asked_at}")
        found, one_shots = self._find()
        approved = frozenset(json.loads(request.approved)) if request.approved else frozenset()
        with self._means.read() as stores:
            listed = leftovers.plan(found, self._needed(stores), now=self._means.now())
        return [Pruned(**asdict(one), done=one.key in approved and self._done(one, found, one_shots)) for one in listed]

    def _find(self) -> tuple[Found, Mapping[str, str]]:
        """Look at everything before the rows are read: what a row explains by then is not in the list."""
        means = self._means
        means.leadership.require_engine_time()
        one_shots = self._storeroom.one_shots()
        with means.read() as stores:
            known = [one.id for one in stores.images.all()]
        datasets, building = folders.datasets(means.places, now=means.now())
        found = Found(
            containers=tuple(means.driver.observe()),
            data=folders.with_data(means.places),
            mounts=folders.with_run(means.places),
            one_shots=one_shots,
            datasets=datasets,
            building=building,
            images=self._storeroom.images(known),
            set_aside=folders.kept_aside(means.places),
        )
        return found, {name: engine_id for engine_id, name in one_shots.items()}

    def _needed(self, stores: ProvisioningStores) -> Needed:
        latest = stores.images.latest()
        key = golden.inputs_key(latest.id, self._source) if latest else ""
        # One file may stand in several rows, built from several images: the row in use speaks for it.
        rows = sorted(stores.goldens.all(), key=lambda one: one.inputs_key == key)
        return Needed(
            cells=stores.cells.present(),
            images=stores.images.all(),
            latest=latest,
            datasets={one.sha256: one for one in rows},
            inputs_key=key,
        )

    def _done(self, one: LeftOver, found: Found, one_shots: Mapping[str, str]) -> bool:
        """Do it; say whether it was. What fails is left for another time and does not keep the rest."""
        if one.fate is Fate.KEEP:
            return False
        try:
            self._means.leadership.require_engine_time()
            return self._do(one, found, one_shots)
        except SandboxError as wrong:
            log.warning("prune %s: %s %s", one.key, wrong.code, wrong)
            return False

    def _do(self, one: LeftOver, found: Found, one_shots: Mapping[str, str]) -> bool:
        match one.kind:
            case Kind.CONTAINER:
                [seen] = [each for each in found.containers if each.cell == one.name]
                return self._perform(actions.Clear(seen=seen))
            case Kind.FOLDER | Kind.MOUNT:
                return self._perform(actions.SetAside(cell=CellId(one.name)))
            case Kind.ONE_SHOT:
                self._storeroom.discard_one_shot(one_shots[one.name])
            case Kind.IMAGE:
                self._storeroom.discard_image(one.name)
            case Kind.DATASET:
                folders.discard_dataset(self._means.places, one.name)
            case Kind.SET_ASIDE:
                folders.discard_aside(self._means.places, one.name)
        return True

"""observe -> plan -> act, one idempotent step at a time. Level-triggered: a fresh worker needs to know nothing."""

from __future__ import annotations

import logging
import threading
from collections import deque
from dataclasses import dataclass, field

from sandbox import causality
from sandbox.contract import CONTRACT_VERSION
from sandbox.errors import (
    ContractMismatchError,
    DatasetMissingError,
    EngineUnavailableError,
    ImageMissingError,
    LeaseLostError,
    LostRaceError,
    OutcomeUnknownError,
    PermanentError,
    SandboxError,
    TemporaryError,
)
from sandbox.provisioning import actions, building, causes, folders, golden, openings, performing, plan, pool, rolling
from sandbox.provisioning.actions import Action
from sandbox.provisioning.attesting import Attester
from sandbox.provisioning.causes import Causes
from sandbox.provisioning.means import Means
from sandbox.provisioning.model import CellId, GoldenDataset, Image, SeenCell
from sandbox.provisioning.seen import Rows, Seen

log = logging.getLogger(__name__)

DONE = "done"
PERMANENT_RETRY_S = 30.0
"""What trying again cannot help is still tried rarely: a person may have removed the cause."""


@dataclass(frozen=True, kw_only=True)
class Supply:
    """What the pool is to be like."""

    profile: str
    """The isolation profile's hash: the driver's spec label."""
    target: int
    """Ready cells to keep before the forecast says otherwise."""
    source: golden.RecordSource
    """The dataset that cells are armed with."""
    stranger_patience_s: float = plan.STRANGER_PATIENCE_S
    nightly_at_once: int = rolling.AT_ONCE


@dataclass(frozen=True, kw_only=True)
class _Observation:
    begun: float = float("-inf")
    trouble: str = EngineUnavailableError.code
    """Code of what kept the engine from telling anything, or ''."""
    containers: dict[CellId, SeenCell] = field(default_factory=dict)
    data: frozenset[CellId] = frozenset()
    folders: frozenset[CellId] = frozenset()


@dataclass(frozen=True, kw_only=True)
class _Known:
    """The rows as they are for as long as the database's version stays the same."""

    version: int = -1
    rows: Rows = field(default_factory=Rows)
    image: Image | None = None
    golden: GoldenDataset | None = None


class Reconciler:
    """Holds the last observation; plans from it and the rows; performs single actions. Thread-safe."""

    def __init__(self, means: Means, supply: Supply) -> None:
        self._means = means
        self._supply = supply
        self._lock = threading.Lock()
        self._last = _Observation()
        self._attester = Attester(means)
        self._pool = pool.Line(key="", image="", profile=supply.profile, target=supply.target)
        self._wanted = pool.Wanted(target=supply.target)
        self._served = pool.People()
        self._golden: GoldenDataset | None = None
        self._known = _Known()
        self._causes = Causes()
        self._unserved: deque[actions.Launch] = deque()

    def want(self, wanted: pool.Wanted) -> None:
        """Keep the pool like this from now on."""
        self._wanted = wanted

    @property
    def served(self) -> pool.People:
        """Who was being served when the last plan was made."""
        return self._served

    @property
    def line(self) -> pool.Line:
        """The pool as the last plan saw it."""
        return self._pool

    def observe(self) -> bool:
        """Look at engine and folders; say whether the engine answered. That it does not is an observation too."""
        begun = self._means.clock.monotonic()
        trouble = ""
        containers: dict[CellId, SeenCell] = {}
        try:
            containers = {one.cell: one for one in self._means.driver.observe()}
        except (TemporaryError, PermanentError) as silence:
            log.warning("the engine tells nothing: %s %s", silence.code, silence)
            trouble = EngineUnavailableError.code if isinstance(silence, OutcomeUnknownError) else silence.code
        seen = _Observation(
            begun=begun,
            trouble=trouble,
            containers=containers,
            data=folders.with_database(self._means.places),
            folders=folders.present(self._means.places),
        )
        with self._lock:
            recovered = not trouble and bool(self._last.trouble)
            self._last = seen
        if recovered:
            self._means.watch.supply_works()
        if trouble:
            self._means.watch.engine_silent()
        return not trouble

    def attest(self) -> None:
        """Compare some trainees' containers with the profile, the next ones each time."""
        self._attester.look()

    def decide(self) -> list[Action]:
        """Read the rows and return what to do now, most urgent first."""
        self._known = self._read() if self._known.version != self._means.version() else self._known
        rows, image, self._golden = self._known.rows, self._known.image, self._with_file(self._known.golden)
        known = [cell.id for cell in rows.cells]
        self._means.watch.forget(known)
        with self._lock:
            last = self._last
        seen = self._seen(last, frozenset(known))
        self._pool = self._line(image, last.trouble)
        self._served = plan.being_served(rows, self._means.now())
        self._means.meter.pool(target=self._pool.target, ready=len(pool.ready(rows.cells, self._pool)))
        self._unserved = deque(plan.unserved(rows, self._pool))
        self._means.watch.hurry = self._served.in_person > 0
        return plan.plan(rows, seen, self._pool, now=self._means.now(), patience_s=self._supply.stranger_patience_s)

    def _seen(self, last: _Observation, known: frozenset[CellId]) -> Seen:
        watch = self._means.watch
        strange = [one.engine_id for one in last.containers.values() if one.cell not in known]
        strange += [cell for cell in last.folders - known if cell not in last.containers]
        return Seen(
            engine=not last.trouble,
            containers=last.containers,
            data=last.data,
            folders=last.folders,
            # Rows younger than the observation: it could not have seen their containers.
            unsure=watch.unsure(last.begun),
            drifted=self._attester.drifted,
            restarts=watch.restarts(),
            silent=watch.silent(),
            failing=watch.failing(),
            distrusted=watch.distrusted(),
            strangers=watch.strangers(strange),
        )

    def _read(self) -> _Known:
        """Read all rows anew; of two hundred idle hospitals that costs more than planning for them."""
        # Asked for first: what is written between the two makes the reading old, never the other way round.
        version = self._means.version()
        with self._means.read() as stores:
            instances = stores.instances.live()
            rows = Rows(
                instances=instances,
                cells=stores.cells.present(),
                moves=rolling.admitted(instances, stores.moves.open(), at_once=self._supply.nightly_at_once),
                asleep=frozenset(one.cell for one in stores.rests.all_asleep()),
            )
            image = stores.images.latest()
            built = stores.goldens.by_key(golden.inputs_key(image.id, self._supply.source)) if image else None
            self._causes.learn(rows, stores.instances.get)
        return _Known(version=version, rows=rows, image=image, golden=built)

    def _with_file(self, known: GoldenDataset | None) -> GoldenDataset | None:
        there = known is not None and self._means.places.golden(known.sha256).is_file()
        return known if there else None

    def _line(self, image: Image | None, silence: str) -> pool.Line:
        profile, wanted = self._supply.profile, self._wanted
        missing = ""
        if image is None:
            missing = ImageMissingError.code
        elif image.contract != CONTRACT_VERSION:
            missing = ContractMismatchError.code
        elif self._golden is None:
            missing = DatasetMissingError.code
        if missing or image is None:
            return pool.Line(key="", image="", profile=profile, target=0, trouble=missing)
        trouble, resting = self._means.watch.supply()
        return pool.Line(
            key=pool.key(image.id, profile),
            image=image.id,
            profile=profile,
            target=wanted.target,
            seats=wanted.seats,
            may_refill=wanted.may_refill,
            trouble=silence or trouble,
            resting=resting,
        )

    def perform(self, action: Action) -> bool:
        """Do one step unless its subject is busy or pausing; say whether it was done.

        Raises LeaseLostError; every other error of ours is remembered, logged and tried again later.
        """
        if not self._means.watch.begin(action.subject, action.trial):
            return False
        begun = self._means.clock.monotonic()
        with causality.bound(**self._causes.facts(action)):
            outcome, following = self._tried(action)
            seconds = self._means.clock.monotonic() - begun
            log.info("step ended", extra={"ms": round(1000 * seconds, 1), "outcome": outcome})
        self._means.meter.step(causes.name(action), outcome, seconds)
        done = outcome == DONE and openings.noted(self._means, action, seconds)
        if following is not None:
            self.perform(following)
        return done

    def _tried(self, action: Action) -> tuple[str, Action | None]:
        """Return `done`, or the code of what kept the step from being done; and the step that follows at once."""
        watch, following = self._means.watch, None
        try:
            following = performing.perform(self._means, action, self._pool.key, self._golden)
        except LeaseLostError:
            watch.failed(action.subject, action.trial, retry_after_s=PERMANENT_RETRY_S)
            raise
        except LostRaceError as race:
            log.debug("%s: %s", action, race)
            watch.done(action.subject, action.trial)
            return race.code, None
        except SandboxError as wrong:
            self._note_failure(action, wrong)
            return wrong.code, None
        except Exception:
            # A fault in our own code over one cell must not take the hospitals of all others with it.
            log.exception("%s failed in an unforeseen way", action)
            watch.failed(action.subject, action.trial, retry_after_s=PERMANENT_RETRY_S)
            return SandboxError.code, None
        watch.done(action.subject, action.trial)
        return DONE, following or self._whoever_waits(action)

    def _whoever_waits(self, action: Action) -> Action | None:
        """Return the launch that a cell made just now is for: by the next plan its person would wait 10 ms longer."""
        if not isinstance(action, building.MAKING):
            return None
        try:
            return self._unserved.popleft()
        except IndexError:
            return None

    def _note_failure(self, action: Action, wrong: SandboxError) -> None:
        level, pause = logging.ERROR, PERMANENT_RETRY_S
        if isinstance(wrong, TemporaryError):
            level, pause = logging.WARNING, wrong.retry_after
        log.log(level, "%s failed: %s", action, wrong, extra={"code": wrong.code})
        if building.counts_against_supply(action, wrong):
            self._means.watch.supply_failed(wrong.code)
            self._means.meter.refill_failed(wrong.code)
        self._means.watch.failed(action.subject, action.trial, retry_after_s=pause)

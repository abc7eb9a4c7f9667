"""The one door to the hospital: an operation, its transaction, its refusals, what is due before and follows after."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from his import journal
from his.chart.acting import NOBODY, Acting, Trying, Who
from his.chart.refusing import Closed, Refused, Resting
from his.database import Database
from his.hospital_time import Clock
from his.journal import Binding, Entry
from sandbox.contract.exercise_pack import ExercisePack

R = TypeVar("R")

Rule = Callable[[Acting], None]

_TERMINALS_KEPT = 500


@dataclass(frozen=True, kw_only=True)
class Arming:
    """What the arming command said; read back from the database after a restart."""

    instance: str
    epoch: int
    trainee: str
    language: str
    dataset_digest: str
    binding: Binding
    pack: ExercisePack
    sealed: bool = False


class Hospital:
    """Open from the arming to the sealing. `due` runs before every act, `after` sees the rows it wrote."""

    def __init__(
        self, database: Database, clock: Clock, *, due: Sequence[Rule] = (), after: Sequence[Rule] = ()
    ) -> None:
        self.database = database
        self.clock = clock
        self.arming: Arming | None = None
        self.resting = False
        """Stands still: kept in memory, so that a new start goes on with the work."""
        self._due = tuple(due)
        self._after = tuple(after)
        self._input_at = self.clock.monotonic()
        self._seen_at: dict[str, float] = {}

    @property
    def is_open(self) -> bool:
        """Whether a trainee can work: armed, not sealed, not at rest."""
        return self.arming is not None and not self.arming.sealed and not self.resting

    def perform(self, who: Who, operation: Callable[..., R], /, **fields: Any) -> R:
        """Do what is due, then the operation, in its own transaction, then what follows from it.

        Raises Refused, after the refusal has been journaled and every change taken back; Closed if nobody may work.
        """
        self.tick()
        act: Acting | None = None
        try:
            with self._acting(who) as act:
                result = operation(act, **fields)
                for rule in self._after:
                    rule(act)
        except Refused as refusal:
            if act is not None:
                self._journal_refusal(act, refusal)
            raise
        return result

    def note_input(self) -> None:
        """Note that a person touched keyboard or mouse; kept in memory, a lost one costs a few seconds of idleness."""
        self._input_at = self.clock.monotonic()

    def idle_ms(self) -> int:
        """Return the milliseconds since the last human input, or since the arming."""
        return int((self.clock.monotonic() - self._input_at) * 1000)

    def note_seen(self, terminal: str) -> None:
        """Note that a browser answers; kept in memory: after a restart nobody is waited for."""
        self._seen_at[terminal] = self.clock.monotonic()
        while len(self._seen_at) > _TERMINALS_KEPT:
            self._seen_at.pop(next(iter(self._seen_at)))

    def unseen_s(self, terminal: str) -> float:
        """Return the seconds since a browser last answered, without end if it never did."""
        seen = self._seen_at.get(terminal)
        return math.inf if seen is None else self.clock.monotonic() - seen

    def tick(self) -> None:
        """Let everything happen that is due by now; after a jump of the clock, what it passed as well."""
        jumped = True
        while jumped:
            jumped = False
            for rule in self._due:
                jumped = self._run(rule) or jumped

    def _run(self, rule: Rule) -> bool:
        """Run one rule; say whether it moved the clock."""
        with self._acting(NOBODY) as act:
            rule(act)
            for follow in self._after:
                follow(act)
        return act.jumped_s > 0

    @contextmanager
    def looking(self, who: Who = NOBODY) -> Iterator[Acting]:
        """Read without journaling: for parts of a page whose viewing is no act of its own."""
        arming = self.require_open()
        yield Acting(self.database.connection(), who, self.clock.now(), arming.binding, arming.pack)

    def open(self, arming: Arming) -> None:
        """Let people in, unless it was sealed."""
        self.arming = arming
        self._input_at = self.clock.monotonic()

    def mark_sealed(self) -> None:
        """Refuse everything from now on; the caller holds the write lock."""
        if self.arming is not None:
            self.arming = replace(self.arming, sealed=True)

    def rest(self) -> None:
        """Refuse everything and stop the clock until `go_on`; what had begun is committed before this returns."""
        with self.database.transaction() as connection:
            self.resting = True
            self.clock.stop()
            # Whatever stops the process now, it goes on at this very moment.
            connection.execute('UPDATE "clock" SET "t" = MAX("t", ?)', (self.clock.now().t,))

    def go_on(self) -> None:
        """Let people in again where they stood."""
        if self.resting:
            self.resting = False
            self.clock.go_on()
            self.note_input()

    def require_open(self) -> Arming:
        """Raise Closed unless a trainee can work now, Resting if that is only for a while."""
        if self.arming is None or self.arming.sealed:
            raise Closed
        if self.resting:
            raise Resting
        return self.arming

    @contextmanager
    def _acting(self, who: Who) -> Iterator[Acting]:
        with self.database.transaction() as connection:
            # Looked at under the write lock: after the answer to `seal` no row may appear.
            arming = self.require_open()
            act = Acting(connection, who, self.clock.now(), arming.binding, arming.pack)
            yield act
        # Only what was committed has happened, to the clock as well.
        self.clock.jump(act.jumped_s)

    def _journal_refusal(self, tried: Acting, refusal: Refused) -> None:
        trying: Trying | None = tried.trying
        if trying is None:
            return
        with self._acting(tried.who) as act:
            for entry in tried.lasting:
                act.recorded.append(journal.append(act.connection, act.binding, entry, act.moment))
            entry = Entry(
                actor=tried.who.seat,
                action=trying.action,
                outcome="refused",
                code=refusal.code,
                patient=trying.patient,
                encounter=trying.encounter,
                target=trying.target,
                data=trying.data,
            )
            act.recorded.append(journal.append(act.connection, act.binding, entry, act.moment))
            for rule in self._after:
                rule(act)


Operation = Callable[..., Any]
"""An operation as the registry of actions holds it: `operation(act, **fields)`."""

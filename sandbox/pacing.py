"""How often the worker's loops look again: often for people who wait, seldom for a night. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.provisioning.lanes import Starts
from sandbox.provisioning.pool import People

SWITCH_INTERVAL_S, UNHURRIED_INTERVAL_S = 0.0005, 0.005
"""How long a busy thread keeps the interpreter: a launch of ten short waits pays that each time. While nobody waits the
threads of a night would only wake each other."""


@dataclass(frozen=True, kw_only=True)
class Pacing:
    """How many times as long as it looked each loop rests: cores and database belong to the launches then."""

    observing: int = 100
    """Observing takes at most a hundredth of the time, however many cells there are."""
    chores: int = 40
    """Chores and errands are woken by every step, and mostly for nothing."""
    errands: int = 300
    planning: int = 6
    """While nobody waits, as at night: a plan is asked for after each of many steps.
    A longer rest leaves lanes idle."""
    planning_in_a_rush: int = 30
    """The lanes know meanwhile what comes next; reading the rows of fifty people for each of them took a fifth of it
    all."""

    def switch_interval_s(self, served: People) -> float:
        """Return how long a busy thread may keep the interpreter while these people are served."""
        return SWITCH_INTERVAL_S if served.in_person else UNHURRIED_INTERVAL_S

    def after_planning(self, served: People, starts: Starts) -> int:
        """Return how many times as long as it took to plan for these people no further plan is made."""
        if starts.is_rush(served.waiting):
            return self.planning_in_a_rush
        return 0 if served.in_person else self.planning


PACING = Pacing()

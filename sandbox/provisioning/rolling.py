"""Which moves may be worked on: all that people asked for, of the nightly ones a few at a time. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.provisioning import queue
from sandbox.provisioning.model import Instance, Move, Observed

AT_ONCE = 8
"""Nightly moves in work: each holds a cell more than there are instances."""


def admitted(instances: Sequence[Instance], moves: Sequence[Move], *, at_once: int) -> tuple[Move, ...]:
    """Return the moves without the nightly ones whose turn has not come.

    At most `at_once` nightly ones are in work, the oldest first: a night over a full house would else double its
    memory. While somebody waits for a launch or a reset, no further one is begun.
    """
    unbegun = {(one.id, one.epoch) for one in instances if one.observed is Observed.OPEN}
    nightly = [move for move in moves if move.kind == "nightly"]
    stuck = {(one.id, one.epoch) for one in instances if one.observed is Observed.FAILED}
    begun = [move for move in nightly if (move.instance, move.epoch) not in unbegun | stuck]
    asked = any(move.kind != "nightly" and (move.instance, move.epoch) in unbegun for move in moves)
    room = 0 if asked or queue.waiting(instances) else max(0, at_once - len(begun))
    waiting = [move for move in nightly if (move.instance, move.epoch) in unbegun]
    held = {(move.instance, move.epoch) for move in waiting[room:]}
    return tuple(move for move in moves if (move.instance, move.epoch) not in held)

"""Everything an exercise may name: what today's hospital offers, and what desks to come will.

The control plane reads exercises and journals against this; the image needs only what it offers.
"""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.contract import events, machines, refusals, state
from sandbox.contract.action import Action
from sandbox.contract.foreseen import actions as coming_actions
from sandbox.contract.foreseen import machines as coming_machines
from sandbox.contract.foreseen import refusals as coming_refusals
from sandbox.contract.foreseen import state as coming_state
from sandbox.contract.state import Columns

ACTIONS: Mapping[str, Action] = {**coming_actions.ACTIONS, **events.ACTIONS}
TABLES: Mapping[str, Columns] = {**coming_state.TABLES, **state.TABLES}
TRANSITIONS = (*machines.TRANSITIONS, *coming_machines.TRANSITIONS)
REFUSALS = {each.code: each for each in (*refusals.REFUSALS, *coming_refusals.REFUSALS)}

STATES: Mapping[str, frozenset[str]] = {
    entity: frozenset(each.target for each in TRANSITIONS if each.entity == entity)
    for entity in {each.entity for each in TRANSITIONS}
}
"""Machine -> the states a record can be in."""


def is_foreseen(action: str) -> bool:
    """Say whether no hospital offers this action yet."""
    return action in ACTIONS and action not in events.ACTIONS

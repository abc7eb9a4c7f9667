"""Which deed belongs to which step of the plan."""

from __future__ import annotations

from sandbox.provisioning import actions, building, retiring, serving, sleeping
from sandbox.provisioning.actions import Action
from sandbox.provisioning.means import Means
from sandbox.provisioning.model import GoldenDataset


def perform(means: Means, action: Action, pool_key: str, golden: GoldenDataset | None) -> Action | None:
    """Do one step, and return the one that the same thread may do next: somebody may wait for it.

    The plan would name it too, some 10 ms later. Without a dataset nothing is launched or replaced.
    """
    if isinstance(action, actions.Begin):
        begun = building.begin(means, action)
        return actions.Create(cell=begun[0]) if begun else None
    _perform(means, action, pool_key, golden)
    return None


def _perform(means: Means, action: Action, pool_key: str, golden: GoldenDataset | None) -> None:  # noqa: C901 - a table
    match action:
        case actions.Launch() if golden is not None:
            serving.launch(means, action, pool_key, golden)
        case actions.Replace() if golden is not None:
            serving.replace(means, action, pool_key, golden)
        case actions.Close():
            serving.close(means, action)
        case actions.Hibernate():
            sleeping.hibernate(means, action)
        case actions.Wake():
            sleeping.wake(means, action)
        case actions.Rouse():
            sleeping.rouse(means, action)
        case actions.Stop():
            sleeping.stop(means, action)
        case actions.GiveBack():
            serving.give_back(means, action)
        case actions.Note():
            serving.note(means, action)
        case actions.Create() | actions.Start() | actions.Probe():
            building.bring_up(means, action, golden)
        case actions.Break():
            building.take_out(means, action)
        case actions.Restart():
            building.restart(means, action)
        case actions.Quarantine():
            retiring.quarantine(means, action)
        case actions.Expel():
            retiring.expel(means, action)
        case actions.Seal():
            retiring.seal(means, action)
        case actions.Archive():
            retiring.archive(means, action)
        case actions.Destroy():
            retiring.destroy(means, action)
        case actions.Discard():
            retiring.discard(means, action)
        case actions.Halt():
            retiring.halt(means, action)
        case actions.Clear():
            retiring.clear(means, action)
        case actions.SetAside():
            retiring.set_aside(means, action)
        case actions.CloseMove():
            retiring.close_move(means, action)

"""What the plan can ask for: one frozen value per step. The reconciler performs them, tests compare them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from sandbox.provisioning.model import CellId, InstanceId, SeenCell

Lane = Literal["people", "build", "after"]
"""people: somebody waits for it. build: new and restarted containers. after: archives, removals."""


@dataclass(frozen=True, kw_only=True)
class Action:
    """One idempotent step. Two steps of the same subject never run at once."""

    lane: ClassVar[Lane]
    engine: ClassVar[bool] = False
    """Needs the engine; left out of the plan while that does not answer."""

    @property
    def subject(self) -> str:
        raise NotImplementedError

    @property
    def trial(self) -> str:
        """What the failures of this step count under: after one, steps of the same trial wait."""
        return self.subject


@dataclass(frozen=True, kw_only=True)
class _OfInstance(Action):
    instance: InstanceId

    @property
    def subject(self) -> str:
        return f"instance {self.instance}"


@dataclass(frozen=True, kw_only=True)
class _OfCell(Action):
    cell: CellId

    @property
    def subject(self) -> str:
        return f"cell {self.cell}"


@dataclass(frozen=True, kw_only=True)
class Launch(_OfInstance):
    """Claim a ready cell, place the dataset, arm, flip; resumes at the first step whose effect is missing."""

    lane = "people"


@dataclass(frozen=True, kw_only=True)
class Replace(_OfInstance):
    """The same for an open move: the old cell is sealed first."""

    lane = "people"


@dataclass(frozen=True, kw_only=True)
class Close(_OfInstance):
    """Seal the instance's cell, if it has one, and close the instance."""

    lane = "people"


@dataclass(frozen=True, kw_only=True)
class Hibernate(_OfInstance):
    """Have the cell rest, archive what stands in it, call the instance hibernated."""

    lane = "after"

    @property
    def trial(self) -> str:
        """Its own: nobody who hands in or begins anew waits because the instance could not be put to sleep."""
        return f"hibernate {self.instance}"


@dataclass(frozen=True, kw_only=True)
class Wake(_OfInstance):
    """Start the hibernated instance's cell again and open the instance where it stood; a launch if the cell is gone."""

    lane = "build"
    engine = True
    cell: CellId

    @property
    def subject(self) -> str:
        """Not the instance: what was seen of the container before this step proves nothing after it."""
        return f"cell {self.cell}"


@dataclass(frozen=True, kw_only=True)
class GiveBack(_OfInstance):
    """Break the claimed cell that failed; the instance waits for another."""

    lane = "people"
    cell: CellId
    trouble: str = ""

    @property
    def subject(self) -> str:
        """Not the instance: a launch that pauses after a failure must not keep its dead cell."""
        return f"cell {self.cell}"


@dataclass(frozen=True, kw_only=True)
class Note(_OfInstance):
    """Write down what holds the instance up ('' = nothing any more)."""

    lane = "people"
    trouble: str


@dataclass(frozen=True, kw_only=True)
class Begin(Action):
    """Write the intent for new cells of this pool."""

    lane = "build"
    pool_key: str
    image: str
    count: int
    fitting: int
    """Ready and unfinished cells the plan counted. If there are others by now, the plan is too old to act upon."""

    @property
    def subject(self) -> str:
        return "pool"


@dataclass(frozen=True, kw_only=True)
class Create(_OfCell):
    """Make folders and container, or adopt the container that is there; record its id."""

    lane = "build"
    engine = True


@dataclass(frozen=True, kw_only=True)
class Start(_OfCell):
    lane = "build"
    engine = True


@dataclass(frozen=True, kw_only=True)
class Probe(_OfCell):
    """Ask the cell's health, compare its container with the profile, call it ready."""

    lane = "build"
    engine = True


@dataclass(frozen=True, kw_only=True)
class Break(_OfCell):
    """Take a cell that nobody has worked in out of use."""

    lane = "build"
    trouble: str


@dataclass(frozen=True, kw_only=True)
class Restart(_OfCell):
    """Start a trainee's cell again on its own folders, made anew from its row if the container is gone."""

    lane = "build"
    engine = True


@dataclass(frozen=True, kw_only=True)
class Rouse(_OfCell):
    """Have a cell go on that may rest for a hibernation which is no longer wanted."""

    lane = "build"


@dataclass(frozen=True, kw_only=True)
class Stop(_OfCell):
    """Stop the container of a hibernated instance; its folders stay."""

    lane = "after"
    engine = True


@dataclass(frozen=True, kw_only=True)
class Quarantine(_OfCell):
    """Keep the cell for a person; an instance that depends on it fails with this code."""

    lane = "after"
    trouble: str


@dataclass(frozen=True, kw_only=True)
class Expel(_OfCell):
    """Seal a cell whose container is not the one we asked for; its instance fails."""

    lane = "after"
    trouble: str


@dataclass(frozen=True, kw_only=True)
class Seal(_OfCell):
    """Seal an armed cell to which no instance points."""

    lane = "after"


@dataclass(frozen=True, kw_only=True)
class Archive(_OfCell):
    """Fetch journal and final state, verify, store both, write the row."""

    lane = "after"


@dataclass(frozen=True, kw_only=True)
class Destroy(_OfCell):
    """Stop and remove an archived cell, then its folders."""

    lane = "after"
    engine = True


@dataclass(frozen=True, kw_only=True)
class Discard(_OfCell):
    """Remove a cell in which nobody ever worked."""

    lane = "after"
    engine = True


@dataclass(frozen=True, kw_only=True)
class Halt(_OfCell):
    """Stop a quarantined cell and keep its folders."""

    lane = "after"
    engine = True


@dataclass(frozen=True, kw_only=True)
class Clear(Action):
    """Remove a container that no row explains, or that is not the one a row asked for."""

    lane = "after"
    engine = True
    seen: SeenCell

    @property
    def subject(self) -> str:
        return f"cell {self.seen.cell}"


@dataclass(frozen=True, kw_only=True)
class SetAside(_OfCell):
    """Move folders without row and container out of the way, to be deleted after a week."""

    lane = "after"


@dataclass(frozen=True, kw_only=True)
class CloseMove(_OfInstance):
    lane = "after"
    epoch: int

    @property
    def subject(self) -> str:
        return f"move {self.instance} {self.epoch}"

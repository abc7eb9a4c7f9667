"""Another plausible value of a kind: what a trainee who errs would have put there instead."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sandbox.contract import matching
from sandbox.contract.catalogue import STATES
from sandbox.exercises.plan import Compiled
from sandbox.exercises.vocabulary import Vocabulary

OTHER_TEXT = "另写一句"
_DATES = ("date", "day", "time")


@dataclass(frozen=True, kw_only=True)
class World:
    """What there is to choose from: code lists, and the `$names` of records by table."""

    vocabulary: Vocabulary
    records: dict[str, tuple[str, ...]]
    bound: matching.Bound


def other(value: Any, kind: str, matchers: Sequence[Compiled], world: World) -> Any:
    """Return a value of the same kind that a matcher tells from this one; if none does, any other. None = none given.

    What an author lists as equally right (`{in: [...]}`) is passed over: he has said so already.
    """
    candidates = list(_candidates(value, kind, matchers, world))
    for each in candidates:
        if any(_holds(one, value, world) and not _holds(one, each, world) for one in matchers):
            return each
    return candidates[0] if candidates else None


def _holds(matcher: Compiled, value: Any, world: World) -> bool:
    return matching.holds(matcher, str(value) if isinstance(value, Decimal) else value, world.bound)


def _candidates(value: Any, kind: str, matchers: Sequence[Compiled], world: World) -> Iterable[Any]:
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int | Decimal):
        return _numbers(value, matchers)
    if isinstance(value, list):
        return [value[:-1], []]
    prefix, _, name = kind.partition(":")
    listed = {
        "code": sorted(world.vocabulary.codes.get(name, ())),
        "state": sorted(STATES.get(name, ())),
        "ref": [f"${record}" for record in world.records.get(name, ())],
    }.get(prefix, [])
    if prefix == "text":
        listed = [OTHER_TEXT, ""]
    elif kind in _DATES:
        listed = ["-1d", "+1d"]
    return [each for each in listed if each != value]


def _numbers(value: int | Decimal, matchers: Sequence[Compiled]) -> list[int | Decimal]:
    limits = [Decimal(one[key]["number"]) for one in matchers for key in ("min", "max") if key in one]
    steps = [value + 1, value - 1, *(limit + 1 for limit in limits), *(limit - 1 for limit in limits)]
    return [int(each) if isinstance(value, int) else each for each in steps if each >= 0]

"""What a report page shows."""

from __future__ import annotations

from dataclasses import dataclass

from web.comparing import Item
from web.layer import LayerRow, ResultRow, Ruling
from web.presenting import Fact


@dataclass(frozen=True, kw_only=True)
class RowView:
    """A journal row as evidence."""

    seq: int
    at: str
    clock: str
    words: str
    seat: str
    code: str


@dataclass(frozen=True, kw_only=True)
class LineView:
    id: str
    title: str
    outcome: str
    outcome_words: str
    tone: str
    drawing: str
    got: str
    points: str
    must: bool
    sentence: str
    items: tuple[Item, ...]
    advice: str
    rows: tuple[RowView, ...]
    near: tuple[RowView, ...]
    ruling: Ruling | None


@dataclass(frozen=True, kw_only=True)
class LossView:
    id: str
    title: str
    lost: str
    critical: bool
    sentence: str
    rows: tuple[RowView, ...]
    ruling: Ruling | None


@dataclass(frozen=True, kw_only=True)
class HintView:
    text: str
    cost: str


@dataclass(frozen=True, kw_only=True)
class ReportView:
    attempt: str
    title: str
    summary: str
    verdict: str
    verdict_words: str
    tone: str
    drawing: str
    score: str
    ring: str
    """How full the ring is: the score, or the lower end of a range."""
    rule: str
    facts: tuple[Fact, ...]
    errors: tuple[str, ...]
    next_steps: tuple[str, ...]
    """What happens now, if there is no score."""
    void: str
    """Why the attempt does not count, by a person's word; else ''."""
    recounting: bool
    """An adjustment was made that the result does not hold yet."""
    losses: tuple[LossView, ...]
    lines: tuple[LineView, ...]
    hints: tuple[HintView, ...]
    proof: tuple[tuple[str, str], ...]
    others: tuple[OtherView, ...]
    layer: tuple[LayerRow, ...]
    results: tuple[ResultRow, ...]


@dataclass(frozen=True, kw_only=True)
class OtherView:
    """Another attempt of the same person at the same exercise."""

    attempt: str
    words: str

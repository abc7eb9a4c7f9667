"""Plots for a terminal, made of block characters. Pure: numbers in, lines out."""

from __future__ import annotations

from collections.abc import Sequence

_EIGHTHS = " ▁▂▃▄▅▆▇█"
_BARS = " ▏▎▍▌▋▊▉█"
MOST_COLUMNS = 60


def curve(values: Sequence[int], *, height: int = 8, unit: int = 1000, name: str = "ms") -> list[str]:
    """Return the values, ascending, as columns over a common floor; the axis is in `values / unit`.

    More values than columns: each column shows the largest of its share, so that no peak is hidden.
    """
    if not values:
        return []
    columns = _columns(sorted(values))
    top = max(columns) or 1
    axis = [f"{top * (row + 1) / height / unit:.0f}" for row in range(height)]
    width = max(len(each) for each in axis)
    lines = []
    for row in reversed(range(height)):
        label = axis[row] if row % 2 == (height - 1) % 2 else ""
        filled = (max(0, min(8, round(8 * (value * height / top - row)))) for value in columns)
        lines.append(f"{label:>{width}} ┤{''.join(_EIGHTHS[each] for each in filled)}".rstrip())
    return [*lines, f"{'0':>{width}} ┼{'─' * len(columns)} {name}"]


def bar(value: int, whole: int, *, width: int = 24) -> str:
    """Return a bar of this share of the width."""
    eighths = round(8 * width * value / whole) if whole else 0
    full, rest = divmod(min(eighths, 8 * width), 8)
    return ("█" * full + (_BARS[rest] if rest else "")).ljust(width)


def _columns(ordered: Sequence[int]) -> list[int]:
    count = min(MOST_COLUMNS, len(ordered))
    ends = [round(len(ordered) * (column + 1) / count) for column in range(count)]
    return [ordered[end - 1] for end in ends]

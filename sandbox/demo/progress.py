"""Visible progress: a line per step in zh and en, with its time."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass
class Notes:
    """What a step wants to have said beside its time."""

    text: str = ""


@contextmanager
def step(zh: str, en: str) -> Iterator[Notes]:
    """Print the step, do it, print how long it took and what it noted."""
    _print(f"  {zh} {en} … ", end="")
    begun, notes = time.monotonic(), Notes()
    try:
        yield notes
    except BaseException:
        _print("✗")
        raise
    took = time.monotonic() - begun
    _print(f"{notes.text + ', ' if notes.text else ''}{took:.1f} s")


def heading(zh: str, en: str) -> None:
    """Print a heading."""
    _print(f"\n{zh} · {en}")


def say(text: str) -> None:
    """Print a line as it is."""
    _print(text)


def _print(text: str, end: str = "\n") -> None:
    # Flushed at once: whoever waits must see what for, also through a pipe.
    sys.stdout.write(text + end)
    sys.stdout.flush()

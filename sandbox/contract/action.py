"""One entry of the catalogue of journal actions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Action:
    """`kind`: transition, write, view, alert, privacy, auth, print, attempt, inject, clock."""

    name: str
    kind: str
    zh: str
    en: str
    target: str = ""
    """Table of the record the row is about; '' = none."""
    attributes: Mapping[str, str] = field(default_factory=dict)

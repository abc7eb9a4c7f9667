"""What a trainer types into the assignment form; full-width digits and stray spaces are accepted."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from sandbox.people.model import PersonId

MAX_ATTEMPTS = 99


@dataclass(frozen=True, kw_only=True)
class AssignmentForm:
    """As typed, for showing it again, and as meant."""

    exercise_version: str = ""
    people: tuple[PersonId, ...] = ()
    due: str = ""
    max_attempts: str = ""
    due_at: datetime | None = None
    limit: int | None = None
    wrong: tuple[str, ...] = ()
    """Names of the fields that cannot be understood: due, max_attempts, people."""


def read(sent: MultiDict[str, str], zone: ZoneInfo, known: Sequence[PersonId]) -> AssignmentForm:
    """Return the form; what cannot be understood is named in `wrong`."""
    due, limit = _tidy(sent.get("due", "")), _tidy(sent.get("max_attempts", ""))
    chosen = set(sent.getlist("person"))
    people = tuple(key for key in known if key in chosen)
    due_at, limit_number = _moment(due, zone), _count(limit)
    wrong = [
        name
        for name, bad in (
            ("people", not people),
            ("due", bool(due) and due_at is None),
            ("max_attempts", bool(limit) and limit_number is None),
        )
        if bad
    ]
    return AssignmentForm(
        exercise_version=sent.get("exercise_version", ""),
        people=people,
        due=due,
        max_attempts=limit,
        due_at=due_at,
        limit=limit_number,
        wrong=tuple(wrong),
    )


def _tidy(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _moment(text: str, zone: ZoneInfo) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone)
    except ValueError:
        return None


def _count(text: str) -> int | None:
    if not text.isascii() or not text.isdigit() or len(text) > 2:
        return None
    return int(text) if 1 <= int(text) <= MAX_ATTEMPTS else None

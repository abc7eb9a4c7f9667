"""What a trainer types into the assignment form; full-width digits and stray spaces are accepted."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from sandbox.exercises.model import Keep, Mode, Per
from sandbox.people.model import PersonId
from sandbox.training.model import Rules

MAX_ATTEMPTS = 99


@dataclass(frozen=True, kw_only=True)
class AssignmentForm:
    """As typed, for showing it again, and as meant."""

    exercise_version: str = ""
    people: tuple[PersonId, ...] = ()
    opens: str = ""
    due: str = ""
    max_attempts: str = ""
    rules: Rules = field(default_factory=Rules)
    wrong: tuple[str, ...] = ()
    """Names of the fields that cannot be understood: opens, due, max_attempts, people."""


def read(sent: MultiDict[str, str], zone: ZoneInfo, known: Sequence[PersonId]) -> AssignmentForm:
    """Return the form; what cannot be understood is named in `wrong`.

    How often, which result counts, checks and reports are a class's to choose: in other modes those fields are hidden.
    """
    opens, due, limit = (_tidy(sent.get(name, "")) for name in ("opens", "due", "max_attempts"))
    chosen = set(sent.getlist("person"))
    people = tuple(key for key in known if key in chosen)
    mode = Mode(_one_of(sent, "mode", tuple(Mode), Mode.CLASS))
    in_class = mode is Mode.CLASS
    limit_number = _count(limit) if in_class else None
    rules = Rules(
        mode=mode,
        opens=_moment(opens, zone),
        due=_moment(due, zone),
        max_attempts=limit_number,
        per=Per(_one_of(sent, "per", tuple(Per), Per.EVER)) if in_class and limit_number else Per.EVER,
        keep=Keep(_one_of(sent, "keep", tuple(Keep), Keep.BEST)) if in_class else Keep.BEST,
        checks_allowed=in_class and bool(sent.get("checks")),
        reports_open=in_class and bool(sent.get("reports")),
    )
    wrong = {
        "people": not people,
        "opens": bool(opens) and rules.opens is None,
        "due": bool(due) and rules.due is None,
        "max_attempts": in_class and bool(limit) and limit_number is None,
    }
    return AssignmentForm(
        exercise_version=sent.get("exercise_version", ""),
        people=people,
        opens=opens,
        due=due,
        max_attempts=limit,
        rules=rules,
        wrong=tuple(name for name, is_wrong in wrong.items() if is_wrong),
    )


@dataclass(frozen=True, kw_only=True)
class ExtraTime:
    """What a trainer grants to one person."""

    time_factor: int
    untimed: bool


def extra_time(sent: MultiDict[str, str]) -> ExtraTime:
    """Return what was chosen: a factor, or no limit at all."""
    chosen = sent.get("extra", "")
    return ExtraTime(time_factor=int(chosen) if chosen in ("1", "2", "3", "4") else 1, untimed=chosen == "untimed")


def _tidy(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _one_of(sent: MultiDict[str, str], name: str, offered: tuple[str, ...], otherwise: str) -> str:
    chosen = sent.get(name, "")
    return chosen if chosen in offered else otherwise


def _moment(text: str, zone: ZoneInfo) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone)
    except ValueError:
        return None


def _count(text: str) -> int | None:
    if not text.isascii() or not text.isdigit() or len(text) > 2:
        return None
    return int(text) if 1 <= int(text) <= MAX_ATTEMPTS else None

"""What a cell is armed with: seats, cast, start data, injects, questions. No checks, no keys, no points.

A pack travels inside the arm command and is compiled from the exercise file by `sandbox.exercises.compile`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Words:
    zh: str
    en: str


@dataclass(frozen=True, kw_only=True)
class Seat:
    name: str
    role: str
    """REG OPD IPD NUR PHA CAS LAB IMG MRC HOD ITA FIN."""
    dept: str | None
    ward: str | None
    title: Words


@dataclass(frozen=True, kw_only=True)
class CastMember:
    """A person. Exactly one of: `label` (a seeded person), `absent` (the trainee creates the record), else added."""

    name: str
    kind: str = "patient"
    label: str | None = None
    absent: bool = False
    identity: tuple[str, ...] = ("name",)
    columns: dict[str, Any] = field(default_factory=dict)
    """Column -> value; dates may be relative (`-34y`), resolved against the anchor inside the cell."""


@dataclass(frozen=True, kw_only=True)
class StartRow:
    table: str
    alias: str | None
    row: dict[str, Any]
    """Values may be `$name` of cast or an earlier alias, or a seat's name in a staff column. A registration that names
    no visit gets one."""


@dataclass(frozen=True, kw_only=True)
class StartSet:
    table: str
    where: dict[str, Any]
    to: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Inject:
    """Fires once: `at` a hospital moment, or after the first row that matches event `when`.

    Exactly one of `say`, `set`, `add`, `jump` (a hospital date to which the clock moves).
    """

    id: str
    at: str | None = None
    when: str | None = None
    delay_ms: int = 0
    unless: str | None = None
    say_from: Words | None = None
    say: Words | None = None
    set: StartSet | None = None
    add: StartRow | None = None
    jump: str | None = None


@dataclass(frozen=True, kw_only=True)
class Skip:
    """A button of one step that moves the hospital clock to a date, if it has not come yet."""

    step: str
    to: str
    label: Words


@dataclass(frozen=True, kw_only=True)
class Question:
    check: str
    ask: Words
    type: str
    choices: dict[str, Words] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ExercisePack:
    exercise: str
    version: int
    sha256: str
    title: Words
    clock: str
    """Hospital time of day at the start, HH:MM."""
    limit_ms: int | None
    """Working time after which the control plane submits; None = free practice."""
    time_factor: int = 1
    agreement: bool = False
    """Whether a confidentiality agreement has to be signed before the desks open."""
    seats: tuple[Seat, ...] = ()
    cast: tuple[CastMember, ...] = ()
    add: tuple[StartRow, ...] = ()
    set: tuple[StartSet, ...] = ()
    injects: tuple[Inject, ...] = ()
    events: dict[str, Any] = field(default_factory=dict)
    """Only the events that injects name, in the form `sandbox.contract.matching` reads."""
    questions: tuple[Question, ...] = ()
    skips: tuple[Skip, ...] = ()
    variant: int = 0
    """Which variant was drawn; row 1 of the journal carries it."""


FREE_PRACTICE = ExercisePack(
    exercise="free-practice",
    version=1,
    sha256="0" * 64,
    title=Words(zh="自由练习", en="Free practice"),
    clock="08:00",
    limit_ms=None,
    seats=(
        Seat(name="reg", role="REG", dept="D0903", ward=None, title=Words(zh="挂号员", en="Registration clerk")),
        Seat(
            name="doc",
            role="OPD",
            dept="D0101",
            ward=None,
            title=Words(zh="门诊医生(呼吸内科)", en="Outpatient doctor, respiratory"),
        ),
        Seat(
            name="hod", role="HOD", dept="D0101", ward=None, title=Words(zh="科主任(呼吸内科)", en="Head, respiratory")
        ),
        Seat(
            name="nur",
            role="NUR",
            dept="D0101",
            ward=None,
            title=Words(zh="门诊护士(呼吸内科)", en="Clinic nurse, respiratory"),
        ),
        Seat(
            name="nure",
            role="NUR",
            dept="D0601",
            ward=None,
            title=Words(zh="急诊护士(分诊)", en="Emergency nurse"),
        ),
        Seat(
            name="pha",
            role="PHA",
            dept="D0901",
            ward=None,
            title=Words(zh="药师(审方调配)", en="Pharmacist, review and picking"),
        ),
        Seat(
            name="pha2",
            role="PHA",
            dept="D0901",
            ward=None,
            title=Words(zh="药师(核对发药)", en="Pharmacist, checking and dispensing"),
        ),
        Seat(name="cas", role="CAS", dept="D0902", ward=None, title=Words(zh="收费员", en="Cashier")),
        Seat(name="fin", role="FIN", dept="D0908", ward=None, title=Words(zh="财务对账员", en="Finance")),
        Seat(name="mrc", role="MRC", dept="D0904", ward=None, title=Words(zh="病案员", en="Medical records clerk")),
        Seat(name="ita", role="ITA", dept="D0905", ward=None, title=Words(zh="信息科管理员", en="IT administrator")),
    ),
)
"""All desks of the outpatient chain, no checks, no limit."""

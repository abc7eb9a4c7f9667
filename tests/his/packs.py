"""Exercise packs for the hospital's tests; whatever a test does not care about is filled in."""

from __future__ import annotations

from typing import Any

from sandbox.contract.control import Arm
from sandbox.contract.exercise_pack import FREE_PRACTICE, CastMember, ExercisePack, Inject, StartRow, Words

ANCHOR = "2026-11-22"
ATTEMPT, NONCE = "a" * 16, "nonce-of-a-test"
INSTANCE = "0123456789abcdef"

ZHANG = CastMember(name="zhang", columns={"name": "张海涛", "sex": "1", "birth_date": "-34y"})
LI = CastMember(name="li", columns={"name": "李秋云", "sex": "2", "birth_date": "-61y"})
STRANGER = CastMember(name="stranger", columns={"name": "秦望山", "sex": "1", "birth_date": "-55y"})
NEWCOMER = CastMember(name="newcomer", absent=True, columns={"name": "周新来", "sex": "1", "birth_date": "-20y"})


def make_words(text: str) -> Words:
    return Words(zh=text, en=text)


def make_pack(**given: Any) -> ExercisePack:
    """Return a pack: Zhang and Li wait in the doctor's queue, Zhang is allergic to penicillin, Qin is nobody's."""
    values: dict[str, Any] = {
        "exercise": "test-pack",
        "version": 1,
        "sha256": "0" * 64,
        "title": make_words("测试"),
        "clock": "08:00",
        "limit_ms": None,
        "seats": FREE_PRACTICE.seats,
        "cast": (ZHANG, LI, STRANGER, NEWCOMER),
        "add": (waiting("zhang"), waiting("li"), allergic("zhang", "PEN")),
    }
    return ExercisePack(**{**values, **given})


def waiting(name: str, **columns: Any) -> StartRow:
    row = {"patient": f"${name}", "dept": "D0101", "doctor": "doc", "status": "checked_in", **columns}
    return StartRow(table="registration", alias=f"{name}_ticket", row=row)


def allergic(name: str, of_class: str, severity: str = "2") -> StartRow:
    return StartRow(table="allergy", alias=None, row={"patient": f"${name}", "class": of_class, "severity": severity})


def say(key: str, **given: Any) -> Inject:
    return Inject(id=key, say_from=make_words("护士"), say=make_words(f"message of {key}"), **given)


def make_arm(**given: Any) -> Arm:
    values: dict[str, Any] = {
        "instance": INSTANCE,
        "epoch": 1,
        "attempt": ATTEMPT,
        "nonce": NONCE,
        "trainee": "Alice",
        "language": "zh",
        "anchor": ANCHOR,
        "pack": make_pack(),
        "clock": "test",
    }
    return Arm(**{**values, **given})

"""The hospital's password policy. Pure: a password and what is known about its owner in, broken rules out."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Literal

Rule = Literal["short", "long", "classes", "common", "login", "name", "same"]

SHORTEST, LONGEST, CLASSES = 10, 128, 3
"""Source: the hospital's password policy (3 of 4 classes, at least 10 characters); trust.md §10."""

_COMMON = (
    "password", "passw0rd", "qwerty", "asdfgh", "zxcvbn", "iloveyou", "letmein", "welcome", "admin", "abc123",
    "123456", "654321", "111111", "000000", "888888", "666666", "1q2w3e", "1qaz2wsx", "q1w2e3",
    "hospital", "yiyuan", "yisheng", "hushi", "yaofang", "woaini", "his123",
)  # fmt: skip
"""Beginnings of what people choose when asked for letters, digits and a capital. Compared without case."""

WORDS: Mapping[Rule, tuple[str, str]] = {
    "short": (f"至少 {SHORTEST} 个字符", f"at least {SHORTEST} characters"),
    "long": (f"最多 {LONGEST} 个字符", f"at most {LONGEST} characters"),
    "classes": (
        "大写字母、小写字母、数字、符号中至少包含三种",
        "three of: capitals, small letters, digits, other signs",
    ),
    "common": ("不能含有常见密码", "no common password in it"),
    "login": ("不能包含工号", "must not contain your personnel number"),
    "name": ("不能包含姓名", "must not contain your name"),
    "same": ("不能与原密码相同", "must differ from the present one"),
}


def broken_rules(password: str, *, login: str, name: str) -> list[Rule]:
    """Return every rule this password breaks, in the order people should read them."""
    folded = password.casefold()
    found: list[tuple[Rule, bool]] = [
        ("short", len(password) < SHORTEST),
        ("long", len(password) > LONGEST),
        ("classes", len({_class_of(sign) for sign in password}) < CLASSES),
        ("common", any(word in folded for word in _COMMON)),
        ("login", bool(login) and login.casefold() in folded),
        ("name", any(part.casefold() in folded for part in _parts(name))),
    ]
    return [rule for rule, broken in found if broken]


def _class_of(sign: str) -> str:
    category = unicodedata.category(sign)
    return {"Lu": "capital", "Ll": "small", "Nd": "digit"}.get(category, "other")


def _parts(name: str) -> list[str]:
    return [part for part in name.split() if len(part) >= 2]

"""Passwords: what makes one too weak, and how they are kept. Pure; no password is ever written into the journal."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Sequence

SHORT, CLASSES, COMMON, OWN, SAME = "short", "classes", "common", "own", "same"
LATER = "later"
"""No weakness: the new password was put off."""

_COMMON = (
    "password", "passw0rd", "qwerty", "asdfgh", "zxcvbn", "iloveyou", "letmein", "welcome", "admin", "abc123",
    "123456", "654321", "111111", "000000", "888888", "666666", "1q2w3e", "1qaz2wsx", "q1w2e3",
    "hospital", "yiyuan", "yisheng", "hushi", "yaofang", "woaini", "his123",
)  # fmt: skip
"""Beginnings of what people choose when asked for letters, digits and a capital. Compared without case."""

_SCRYPT = {"r": 8, "p": 1, "dklen": 32, "maxmem": 32 << 20}


def weakness(new: str, *, old: str, own: Sequence[str], shortest: int, classes: int) -> str | None:
    """Return the first rule that a new password breaks, None if it is good.

    `own` are the person's account, staff number and name. The first password of a seat must not live on inside.
    """
    folded = new.casefold()
    found = {
        SHORT: len(new) < shortest,
        CLASSES: len({_class_of(sign) for sign in new}) < classes,
        COMMON: any(word in folded for word in _COMMON),
        OWN: any(each and each.casefold() in folded for each in own),
        SAME: old.casefold() in folded,
    }
    return next((rule for rule, broken in found.items() if broken), None)


def hashed(password: str, *, cost: int) -> str:
    """Return what is kept of a password; each step of `cost` doubles the work of guessing it."""
    salt = secrets.token_bytes(16)
    return f"{cost}${salt.hex()}${_scrypt(password, salt, cost).hex()}"


def fits(password: str, kept: str) -> bool:
    """Say whether this is the password of which `kept` was kept."""
    cost, salt, wanted = kept.split("$")
    return hmac.compare_digest(_scrypt(password, bytes.fromhex(salt), int(cost)).hex(), wanted)


def _class_of(sign: str) -> str:
    category = unicodedata.category(sign)
    return {"Lu": "capital", "Ll": "small", "Nd": "digit"}.get(category, "other")


def _scrypt(password: str, salt: bytes, cost: int) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=2**cost, **_SCRYPT)

"""Accounts a trainee holds inside a cell, and their initial passwords.

Both ends derive the password from the cell's nonce: nothing secret is stored twice, a repeated arm gives the same
account, and a new cell gives new passwords.
"""

from __future__ import annotations

import hashlib
import hmac

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def initial_password(nonce: str, seat: str) -> str:
    """Return the 10-character initial password of a seat: letters and digits that cannot be confused."""
    mac = hmac.new(nonce.encode(), f"seat:{seat}".encode(), hashlib.sha256).digest()
    number = int.from_bytes(mac, "big")
    letters = []
    for _ in range(8):
        number, index = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[index])
    return "H" + "".join(letters) + str(number % 10)


def account_name(seat: str) -> str:
    """Return the log-in name of a seat: its name in capitals, marked as practice."""
    return f"PX-{seat.upper()}"

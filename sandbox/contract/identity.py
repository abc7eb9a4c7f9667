"""Identities that are provably nobody's: the pure rules, shared by the fixtures and by the cell.

Sources: GB 11643 layout with ISO 7064 MOD 11-2; division group 77 was never allocated in GB/T 2260, so every real
system rejects these numbers while ordinary form checks accept them. Mobile prefix 154 has no valid number today.
"""

from __future__ import annotations

from datetime import date

PREFIX = "77"
PHONE_PREFIX = "154"
DISTRICTS = {"770101": "练习区", "770102": "演练区", "770121": "样例县", "770122": "沙盘县"}
PROVINCE, CITY = "模拟省", "示范市"

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"


def check_digit(first17: str) -> str:
    """Return the 18th character for 17 digits."""
    return _CHECK[sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, first17, strict=True)) % 11]


def citizen_number(district: str, birth: date, sex: str, serial: int) -> str:
    """Return an 18-character number: 77dddd + YYYYMMDD + nnn + check digit.

    `sex` is GB/T 2261.1 ('1' male: odd nnn, '2' female: even nnn); `serial` 0…498 picks the nnn among those.
    Raises ValueError outside the practice districts or for a serial out of range.
    """
    if district not in DISTRICTS:
        raise ValueError(f"{district} is not a practice district")
    if not 0 <= serial <= 498:
        raise ValueError(f"serial {serial} is not within 0…498")
    order = 2 * serial + (1 if sex == "1" else 2)
    first17 = f"{district}{birth:%Y%m%d}{order:03d}"
    return first17 + check_digit(first17)


def phone_number(serial: int) -> str:
    """Return 154 + 8 digits for a serial 0…99 999 999."""
    if not 0 <= serial <= 99_999_999:
        raise ValueError(f"serial {serial} is not within 0…99999999")
    return f"{PHONE_PREFIX}{serial:08d}"


def masked_id(id_no: str) -> str:
    """Return the number as search hits show it: first two and last four characters."""
    return id_no if len(id_no) < 8 else f"{id_no[:2]}{'*' * (len(id_no) - 6)}{id_no[-4:]}"


def masked_phone(phone: str) -> str:
    """Return the phone as search hits show it: first three and last four digits."""
    return phone if len(phone) < 8 else f"{phone[:3]}{'*' * (len(phone) - 7)}{phone[-4:]}"

"""Amounts in capital characters 大写金额, as receipts in Chinese carry them."""

from __future__ import annotations

from decimal import Decimal

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿")


def of(amount: Decimal) -> str:
    """Return an amount below a thousand billion with two places, such as 壹佰零伍元叁角整; a minus becomes 负."""
    cents = int((abs(amount) * 100).to_integral_value())
    yuan, rest = divmod(cents, 100)
    jiao, fen = divmod(rest, 10)
    words = f"{_whole(yuan)}元" if yuan else ""
    words += f"{_DIGITS[jiao]}角" if jiao else "零" if words and fen else ""
    words += f"{_DIGITS[fen]}分" if fen else "整"
    return ("负" if amount < 0 else "") + (words if cents else "零元整")


def _whole(number: int) -> str:
    words, gap = "", False
    for group in range(len(_GROUPS) - 1, -1, -1):
        part = number // 10_000**group % 10_000
        if not part:
            gap = bool(words)
            continue
        words += ("零" if words and (gap or part < 1000) else "") + _four(part) + _GROUPS[group]
        gap = False
    return words


def _four(number: int) -> str:
    words, gap = "", False
    for place in range(len(_PLACES) - 1, -1, -1):
        digit = number // 10**place % 10
        if digit:
            words += ("零" if words and gap else "") + _DIGITS[digit] + _PLACES[place]
        gap = not digit
    return words

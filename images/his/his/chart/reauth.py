"""Typing one's password once more before a signature that weighs more than others."""

from __future__ import annotations

from his.chart import dictionary
from his.chart.acting import Acting, Record
from his.chart.refusing import Refused

ASKED_FOR = "reauth_for"
"""Key of `limits`: for what the hospital asks, joined by `;`."""


def is_asked(act: Acting, purpose: str) -> bool:
    """Say whether the hospital asks for the password again before this."""
    return purpose in dictionary.text_limit(act, ASKED_FOR).split(";")


def confirm(act: Acting, record: Record, *, purpose: str, identified: bool) -> None:
    """Note that the acting person proved who he is; what is done follows in the same transaction.

    Raises Refused E-GEN-07 if he did not. To be called before anything is changed.
    """
    if not is_asked(act, purpose):
        return
    if not identified:
        raise Refused("E-GEN-07", hint_zh="请重新输入本人密码", hint_en="Enter your own password again")
    about = {"patient": record["patient"], "encounter": record["encounter"], "target": record["id"]}
    act.record("auth.reauth", **about, data={"purpose": purpose})

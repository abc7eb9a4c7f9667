"""The second person on a form: who may be chosen, and whether the chosen one typed his own password."""

from __future__ import annotations

from typing import Any

from flask import request

from his.chart import accounts, second_person
from his.chart.acting import Acting
from his.shell import frames, keyboard
from his.shell.glossary import Option


def choices(act: Acting) -> list[Option]:
    """Return who may be the second person: the other seats of this post, and the colleague on duty."""
    titles = {each.name: each for each in frames.seats_of_the_trainee()}
    found = act.rows(
        'SELECT a."seat", a."staff" FROM "account" a JOIN "staff" s ON s."id" = a."staff" '
        'WHERE s."role" = ? AND s."id" != ? ORDER BY a."name"',
        act.who.role,
        act.who.staff,
    )
    seats = [
        Option(value=each["staff"], label=f"{titles[each['seat']].account} {titles[each['seat']].title}")
        for each in found
        if each["seat"] in titles
    ]
    return [*seats, Option(value=second_person.COLLEAGUE, label=keyboard.say("second.colleague"))]


def given() -> dict[str, Any]:
    """Return who confirms the form of this request, and whether he typed his own password."""
    second = request.form.get("second") or None
    if second is None or second == second_person.COLLEAGUE:
        return {"second": second}
    known = accounts.confirms(keyboard.hospital(), second, request.form.get("second_password", ""))
    return {"second": second, "identified": known}

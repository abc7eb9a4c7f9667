"""Boxes that are ticked one after another and only counted: identifiers compared, calls without an answer."""

from __future__ import annotations

from werkzeug.datastructures import MultiDict


def count(form: MultiDict[str, str], name: str) -> int:
    """Return how many different boxes of a name were ticked; a bare number counts as itself."""
    given = set(form.getlist(name)) - {""}
    if len(given) == 1 and (number := next(iter(given))).isdecimal():
        return int(number)
    return len(given)

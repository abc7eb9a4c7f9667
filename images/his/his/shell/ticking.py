"""Boxes that are ticked one after another and only counted: identifiers compared, calls without an answer."""

from __future__ import annotations

from werkzeug.datastructures import MultiDict

from his.chart import typed


def count(form: MultiDict[str, str], name: str) -> int:
    """Return how many different boxes of a name were ticked; a bare number counts as itself."""
    given = set(form.getlist(name)) - {""}
    number = typed.whole(next(iter(given))) if len(given) == 1 else None
    return len(given) if number is None else number

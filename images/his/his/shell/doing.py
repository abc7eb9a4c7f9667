"""From a form to an operation: one press, one deed; a refusal leaves the form as it was typed."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlencode, urlsplit

from flask import current_app, redirect, request
from werkzeug.wrappers import Response

from his.chart import typed
from his.chart.refusing import Refused

R = TypeVar("R")

_KEPT = 500


class Submissions:
    """Remembers where each form that went through led, so that a second press of its button changes nothing."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._led_to: OrderedDict[str, str] = OrderedDict()

    def once(self, form_id: str, act: Callable[[], str]) -> str:
        """Return where `act` leads; for a form that went through before, where it led then."""
        # One deed at a time: the second press of a button waits for the first one's answer. SQLite has one writer.
        with self._lock:
            if form_id in self._led_to:
                return self._led_to[form_id]
            led_to = act()
            if form_id:
                self._led_to[form_id] = led_to
                while len(self._led_to) > _KEPT:
                    self._led_to.popitem(last=False)
            return led_to


def new_form_id() -> str:
    """Return the id that tells one drawn form from another."""
    return secrets.token_hex(8)


def version() -> int | None:
    """Return the row version that the form of this request was drawn from, None if it names none."""
    return typed.row_version(request.form.get("version"))


def do(deed: str, run: Callable[[], R], *, then: Callable[[R], str], again: Callable[[Refused], Response]) -> Response:
    """Run an operation and go where `then` says; a refusal draws the page `again`."""
    submissions: Submissions = current_app.extensions["submissions"]
    try:
        where = submissions.once(request.form.get("form_id", ""), lambda: with_done(then(run()), deed))
    except Refused as refused:
        return again(refused)
    return redirect(where, 303)


def answer_once(
    run: Callable[[], str], *, draw: Callable[[str], Response], again: Callable[[Refused], Response]
) -> Response:
    """Run an operation whose answer is shown at once and stands in no address; a second press shows the same answer."""
    submissions: Submissions = current_app.extensions["submissions"]
    try:
        answer = submissions.once(request.form.get("form_id", ""), run)
    except Refused as refused:
        return again(refused)
    return draw(answer)


def with_done(address: str, deed: str) -> str:
    """Return the address with the deed that led to it, so that the page can say so."""
    return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode({'done': deed})}"


def own_address(address: str, otherwise: str) -> str:
    """Return a way back only if it stays inside the hospital."""
    try:
        parts = urlsplit(address)
    except ValueError:
        # Half a bracket of an IPv6 address: no way to anywhere.
        return otherwise
    inside = address.startswith("/") and not address.startswith(("//", "/\\")) and not parts.netloc
    return address if inside else otherwise

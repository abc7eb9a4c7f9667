"""Every page that a seat can reach by links, and every form that stands on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from werkzeug.routing import MapAdapter

from his.app import create_app
from sandbox.contract.exercise_pack import FREE_PRACTICE
from sandbox.robot.pages import Form, Page
from tests.his.pages.browser import Browser
from tests.his.stage import Stage

MOST_OF_A_KIND = 2
"""Pages of one kind that are visited: the tenth chart has no other forms than the first."""
MOST_PAGES = 120
NOWHERE = frozenset({"/logout", "/language"})

SEATS = FREE_PRACTICE.seats
"""One for every role that has a desk of its own; a pharmacist and a nurse more."""


@dataclass(frozen=True)
class Stop:
    """A page on the way, as the browser shows it."""

    seat: str
    page: Page

    def deeds(self) -> list[Form]:
        """Return the forms that do something; what all pages carry in their frame is left to other tests."""
        return [form for form in self.page.forms if form.method == "post" and form.action not in NOWHERE]


def nobody_yet(stage: Stage) -> None:
    """Leave the hospital as the morning finds it."""
    assert stage.status("registration") == "checked_in"


def in_consult(stage: Stage) -> None:
    stage.prescribe("M021")


def charged(stage: Stage) -> None:
    stage.charge("M021")


def dispensed(stage: Stage) -> None:
    stage.check("M021")
    stage.does("pha", "prescription.dispense", patient="$zhang", identifiers=2)


SITUATIONS: dict[str, Callable[[Stage], None]] = {
    one.__name__: one for one in (nobody_yet, in_consult, charged, dispensed)
}


def sit_down(stage: Stage, seat: str) -> Browser:
    """Return the browser of somebody who sits at this seat."""
    return Browser(create_app(stage.hospital), stage).sits_at(seat)


def walk(browser: Browser, seat: str) -> Iterator[Stop]:
    """Yield every page that links lead to, breadth first, a few of each kind."""
    seen: dict[str, int] = {}
    waiting, known = [browser.page.url], set()
    adapter = browser.client.application.url_map.bind("hospital")
    while waiting and sum(seen.values()) < MOST_PAGES:
        address = waiting.pop(0)
        kind = _kind(adapter, address)
        if kind is None or address in known or seen.get(kind, 0) >= MOST_OF_A_KIND:
            continue
        known.add(address)
        seen[kind] = seen.get(kind, 0) + 1
        page = browser.opens(address)
        yield Stop(seat, page)
        waiting += [
            each.attributes["href"]
            for each in page.elements
            if each.tag == "a" and each.attributes.get("href", "").startswith("/")
        ]


def _kind(adapter: MapAdapter, address: str) -> str | None:
    """Return the page's endpoint and the names of what its address asks for; None for what is no page."""
    parts = urlsplit(address)
    if parts.path in NOWHERE or parts.path.startswith("/static/"):
        return None
    endpoint, _ = adapter.match(parts.path, method="GET")
    asked = sorted(pair.partition("=")[0] for pair in parts.query.split("&") if pair)
    return f"{endpoint}?{'&'.join(asked)}"

"""The robot at the windows of registration, triage and cashier: finds people by name, fills in what stands beside."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from sandbox.exercises.scripts import Act
from sandbox.robot.client import Client, RobotError
from sandbox.robot.pages import Form, Page
from sandbox.robot.trainee import SeatCard

_COUNTED = ("identifiers", "calls")
_ABOUT = ("patient", "target", "encounter", "doctor", "dept", "half_day", *_COUNTED)
"""Fields that say whom or what an act is about, or are chosen on the page; the others are typed."""


class Place(Protocol):
    """What a window needs to know of the hospital it stands in."""

    seats: Mapping[str, SeatCard]
    people: Mapping[str, str]

    def patient(self, act: Act) -> str:
        """Return the name of the person an act is about."""

    def go_to(self, client: Client, tab: str) -> Page:
        """Open a tab of the desk."""


Values = dict[str, str | Sequence[str]]


def find(place: Place, client: Client, tab: str, name: str) -> Page:
    """Search for a person by name and choose the hit. Raises RobotError if nobody is called so."""
    place.go_to(client, tab)
    page = client.submit(client.form("patient.search"), {"q": name})
    if page.marked("strip"):
        return page
    for hit in page.elements:
        known = hit.data("patient") or hit.data("registration")
        if hit.tag == "a" and known and hit.text.strip() == name:
            return client.get(hit.attributes["href"])
    raise RobotError(f"{name} is not found at {tab}")


def _search(place: Place, client: Client, act: Act) -> Page:
    """Type what the act says into the search of the window."""
    place.go_to(client, _window_of(client, act))
    return client.submit(client.form(act.action), {"q": str(act.fields["query"])})


def beside_the_person(place: Place, client: Client, act: Act) -> Page:
    """Fill in the form of this act that stands beside the person."""
    find(place, client, _window_of(client, act), place.patient(act))
    return _fill(client, act)


def _sell(place: Place, client: Client, act: Act) -> Page:
    """Pick the clinic in today's grid, then sell the ticket."""
    page = find(place, client, _window_of(client, act), place.patient(act))
    wanted = _doctor(place, page, str(act.fields["doctor"]))
    half_day = act.fields.get("half_day")
    for row in page.elements:
        address = row.attributes.get("href", "")
        if row.tag == "a" and row.text.strip() == wanted and f"of={half_day or ''}" in address:
            client.get(address)
            return _fill(client, act)
    raise RobotError(f"{wanted} has no clinic on {page.url}")


def _create(place: Place, client: Client, act: Act) -> Page:
    """Open the empty form and enter a new person."""
    page = place.go_to(client, _window_of(client, act))
    # The button takes along what was searched for: it belongs to that form and leads elsewhere.
    client.get(next(each.attributes["formaction"] for each in page.marked("key", "F4") if each.tag == "button"))
    return _fill(client, act)


def _at_the_drawer(place: Place, client: Client, act: Act) -> Page:
    """Open one's shift, or close it with what was counted."""
    place.go_to(client, "shift")
    return _fill(client, act)


def _fill(client: Client, act: Act) -> Page:
    form = client.form(act.action)
    typed: Values = {name: _typed(given) for name, given in act.fields.items() if name not in _ABOUT}
    return client.submit(form, {**typed, **ticked(form, act)})


def ticked(form: Form, act: Act) -> dict[str, list[str]]:
    """Return the boxes that are ticked one after another and only counted: the first ones, as many as the act says."""
    return {name: form.offers(name)[: int(act.fields[name])] for name in _COUNTED if name in act.fields}


def _window_of(client: Client, act: Act) -> str:
    """Return the first of the windows where this is done that the seat has."""
    tabs = _WINDOWS[act.action]
    found = next((tab for tab in tabs if client.seen().link("tab", tab)), None)
    if found is None:
        raise RobotError(f"no tab {' or '.join(tabs)} on {client.seen().url}")
    return found


def _doctor(place: Place, page: Page, named: str) -> str:
    """Return a doctor's name as the grid shows it: a seat bears its title, somebody of the cast his own name."""
    if named not in place.seats:
        return place.people.get(named.lstrip("$"), named)
    account = place.seats[named].account
    # The header lists every seat with its account and title.
    for each in page.elements:
        if each.tag == "option" and each.text.strip().startswith(f"{account} "):
            return each.text.strip().removeprefix(account).strip()
    raise RobotError(f"no seat {named} in the header of {page.url}")


def _typed(value: Any) -> str:
    return "" if value is None else str(value)


_WINDOWS: Mapping[str, tuple[str, ...]] = {
    "patient.search": ("register", "triage", "charge"),
    "patient.view_id": ("register",),
    "scan.card": ("register",),
    "patient_index.create": ("register",),
    "registration.create": ("register",),
    "registration.pay": ("register", "charge"),
    "registration.check_in": ("triage", "register"),
    "registration.call": ("triage",),
    "registration.pass": ("triage",),
    "registration.re_queue": ("triage",),
    "vitals.record": ("triage",),
    "encounter.triage": ("triage",),
    "prescription.charge": ("charge",),
    "charge_item.post": ("charge",),
    "charge_item.pay": ("charge",),
    "charge_item.void": ("charge",),
}
"""Act -> the tabs where people do it, the usual one first."""
WAYS: Mapping[str, Callable[[Any, Client, Act], Page]] = {
    **dict.fromkeys(_WINDOWS, beside_the_person),
    "patient.search": _search,
    "patient_index.create": _create,
    "registration.create": _sell,
    "cashier_shift.open": _at_the_drawer,
    "cashier_shift.close": _at_the_drawer,
}

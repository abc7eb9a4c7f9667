"""The robot at the pharmacy's desk: finds a prescription by the patient's name, batches by what is printed on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sandbox.exercises.scripts import Act
from sandbox.robot.client import Client, RobotError
from sandbox.robot.pages import Page
from sandbox.robot.trainee import SeatCard


@dataclass(frozen=True, kw_only=True)
class Batch:
    """A batch as one reads it off the pack."""

    drug: str
    number: str


class Place(Protocol):
    """What a desk needs to know of the hospital it stands in."""

    seats: Mapping[str, SeatCard]
    batches: Mapping[str, Batch]

    def patient(self, act: Act) -> str:
        """Return the name of the person an act is about."""

    def go_to(self, client: Client, tab: str) -> Page:
        """Open a tab of the desk."""

    def confirmed_by(self, seat: str, act: Act) -> SeatCard:
        """Return account and present password of a seat."""


Values = dict[str, str | Sequence[str]]


def is_at(client: Client) -> bool:
    """Say whether this window stands at the pharmacy's desk."""
    return client.page is not None and client.page.link("tab", "pick") is not None


def open_chart(place: Place, client: Client, act: Act) -> Page:
    """Look the person up and follow the way to the chart."""
    page = _find(place, client, act, "pick")
    address = page.link("chart")
    if address is None:
        raise RobotError(f"no way to the chart of {place.patient(act)} on {page.url}")
    return client.get(address)


def _on_the_way(place: Place, client: Client, act: Act) -> Page:
    """Pick, check, undo or hand out."""
    _find(place, client, act, _STAGES[act.action])
    form = client.form(act.action)
    values: Values = {}
    if "batches" in act.fields:
        wanted = {_batch(place, each).number for each in act.fields["batches"]}
        rows = client.seen().marked("batch-no")
        values["batches"] = [each.data("batch") or "" for each in rows if each.data("batch-no") in wanted]
    if "identifiers" in act.fields:
        values["identifiers"] = form.offers("identifiers")[: int(act.fields["identifiers"])]
    if "counselled" in act.fields:
        values["counselled"] = ["1"] if act.fields["counselled"] else []
    if "reason" in act.fields:
        values["reason"] = str(act.fields["reason"])
    return client.submit(form, values)


def _take_back(place: Place, client: Client, act: Act) -> Page:
    """Type what is printed on the packs, line by line as the page lists them."""
    _find(place, client, act, "returns")
    form = client.form(act.action)
    packs = {str(each["drug"]): each for each in act.fields["lines"]}
    listed = [value for name, value in form.fields if name == "drug"]
    values: Values = {
        name: [str(packs[drug][name]) if drug in packs else "" for drug in listed] for name in ("batch_no", "quantity")
    }
    values["intact"] = [drug for drug in listed if drug in packs and packs[drug].get("intact", True)]
    return client.submit(form, values)


def _review(place: Place, client: Client, act: Act) -> Page:
    """Pass a prescription, or send it back with a coded reason."""
    _find(place, client, act, "review")
    return client.submit(client.form(act.action), _texts(act, "reason", "note"))


def _refuse(place: Place, client: Client, act: Act) -> Page:
    _find(place, client, act, "returns")
    return client.submit(client.form(act.action), _texts(act, "reason", "note"))


def _at_the_shelves(place: Place, client: Client, act: Act) -> Page:
    """Choose the batch in the list of its drug and fill in the form that stands beside it."""
    batch = _batch(place, act.fields["target"])
    place.go_to(client, "shelves")
    page = client.submit(client.form("stock.view"), {"q": batch.drug})
    address = page.link("batch-no", batch.number)
    if address is None:
        raise RobotError(f"no batch {batch.number} on {page.url}")
    page = client.get(address)
    values: Values = {**_texts(act, "reason", "note", "quantity")}
    if act.action == "stock_batch.release":
        values["basis"] = values.pop("reason", "")
    second = act.fields.get("second")
    if second in place.seats:
        card = place.confirmed_by(str(second), act)
        # The first such option stands in the header: it switches the seat.
        offered = [each for each in page.elements if each.tag == "option" and card.account in each.text]
        values |= {"second": offered[-1].attributes["value"], "second_password": card.password}
    elif second is not None:
        values["second"] = str(second)
    return client.submit(client.form(act.action), values)


def _find(place: Place, client: Client, act: Act, tab: str) -> Page:
    """Type the person's name into the field one scans slips with; a single hit is chosen at once."""
    name = place.patient(act)
    place.go_to(client, tab)
    page = client.submit(client.form("queue.view"), {"q": name})
    chosen = page.link("chart")
    if chosen is None:
        raise RobotError(f"no single prescription of {name} on {page.url}")
    return page


def _batch(place: Place, named: Any) -> Batch:
    name = str(named).lstrip("$")
    if name not in place.batches:
        raise RobotError(f"nobody can read what is printed on {name}")
    return place.batches[name]


def _texts(act: Act, *names: str) -> dict[str, str]:
    return {name: str(act.fields[name]) for name in names if name in act.fields}


_STAGES: Mapping[str, str] = {
    "prescription.pick": "pick",
    "prescription.check": "check",
    "prescription.unpick": "check",
    "prescription.dispense": "dispense",
}
WAYS: Mapping[str, Callable[[Any, Client, Act], Page]] = {
    **dict.fromkeys(_STAGES, _on_the_way),
    "prescription.approve": _review,
    "prescription.reject": _review,
    "prescription.accept_return": _take_back,
    "prescription.refuse_return": _refuse,
    **dict.fromkeys(("stock_batch.quarantine", "stock_batch.release", "stock_batch.scrap"), _at_the_shelves),
}

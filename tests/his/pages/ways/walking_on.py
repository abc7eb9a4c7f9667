"""A way: where somebody sits, what has happened before, the page, the form, what is typed, what the record is then."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from flask import Flask

from his.app import create_app
from sandbox.contract import machines
from sandbox.contract.exercise_pack import Seat, StartRow
from sandbox.contract.journal import Row
from sandbox.robot.pages import Form, Page
from tests.his import packs
from tests.his.pages import walking
from tests.his.pages.browser import Browser
from tests.his.stage import Stage

TABLES = {"patient_index": "patient"}
"""Table of a machine that is not called like its records."""
NEW = ""
"""Id of a record before there is one."""
Edge = tuple[str, str]
"""Action and state before."""


def none_yet(_: Stage) -> str:
    """Return the record of a way that makes one."""
    return NEW


def nothing(_: Stage) -> None:
    """Leave everything as the pack has it."""


@dataclass(frozen=True, kw_only=True)
class Way:
    """One edge, walked by one seat. `page`, `record` and callable `fields` see the stage as it is then."""

    action: str
    source: str
    seat: str
    page: Callable[[Stage], str]
    record: Callable[[Stage], str] = none_yet
    fields: Mapping[str, str | Sequence[str]] | Callable[[Stage], Mapping[str, str | Sequence[str]]] = field(
        default_factory=dict
    )
    marks: Callable[[Stage], Mapping[str, str]] = lambda _: {}
    """data-… attributes of the form, where the page has several of the deed."""
    deed: str = ""
    """The form's deed, where the edge is not called like it."""
    button: str = ""
    """Last part of the address of the button that sends the form, where it is not the form's own."""
    before: Callable[[Stage], object] = nothing
    add: Sequence[StartRow] = ()
    """Start rows beside those of every pack."""
    follows: Sequence[Edge] = ()
    """What the hospital moves along with it, by its own rules."""
    wrong: Mapping[str, str] = field(default_factory=dict)
    """Seats that may not although their role might, and the code each gets: not the author, another department's."""
    arrives: Callable[[Stage, str], Browser] = lambda stage, seat: sit(stage, seat)  # noqa: PLW0108 defined below
    """How the person comes to the page."""
    refused: bool = False
    """Whether the person is refused while the hospital moves the record."""

    @property
    def entity(self) -> str:
        return self.action.partition(".")[0]

    @property
    def table(self) -> str:
        return TABLES.get(self.entity, self.entity)

    @property
    def name(self) -> str:
        return f"{self.action} of {self.source} by {self.seat}"

    @property
    def target(self) -> str:
        edge = machines.find(self.entity, self.source, self.action.partition(".")[2])
        assert edge is not None, f"{self.name} is no edge"
        return edge.target

    @property
    def begins(self) -> bool:
        """Whether the record comes into being on this way."""
        return self.record is none_yet

    @contextmanager
    def set_out(self, golden: sqlite3.Connection) -> Iterator[Stage]:
        """Bring a hospital to where the way begins."""
        pack = packs.make_pack()
        with Stage.set_up(golden, seats=seats(), add=(*pack.add, *self.add)) as stage:
            self.before(stage)
            yield stage

    def form(self, stage: Stage, person: Browser) -> tuple[Form, list[tuple[str, str]]]:
        """Return the form as the person's page shows it, and what is sent with it."""
        person.opens(self.page(stage))
        form = person.form(self.deed or self.action, **self.marks(stage))
        values = self.fields(stage) if callable(self.fields) else self.fields
        if self.button:
            address = next(each for each in form.buttons if each.endswith(f"/{self.button}"))
            form = replace(form, attributes={**form.attributes, "action": address})
        return form, form.filled(values)


@dataclass(frozen=True, kw_only=True)
class Lapse:
    """One edge that time walks: `minutes` after the start anybody's next act finds the record moved."""

    action: str
    source: str
    record: Callable[[Stage], str]
    minutes: int
    before: Callable[[Stage], object] = nothing
    add: Sequence[StartRow] = ()
    follows: Sequence[Edge] = ()

    entity = Way.entity
    table = Way.table
    target = Way.target
    set_out = Way.set_out

    @property
    def name(self) -> str:
        return f"{self.action} of {self.source} by the clock"


def seats() -> tuple[Seat, ...]:
    """Return a seat of every role that has a desk, a second cashier and doctor, and the emergency's own people."""
    second = (
        ("cas2", "CAS", "D0902"),
        ("doc2", "OPD", "D0101"),
        ("doce", "OPD", "D0601"),
        ("hod2", "HOD", "D0601"),
    )
    known = walking.SEATS
    more = (
        Seat(name=name, role=role, dept=dept, ward=None, title=packs.make_words(name))
        for name, role, dept in second
        if name not in {each.name for each in known}
    )
    return (*known, *more)


def send(person: Browser, form: Form, pairs: Sequence[tuple[str, str]]) -> Page:
    """Send the pairs from this person's browser, with its own token; return the page that answers."""
    mine = [(name, person.value("form_token") if name == "form_token" else value) for name, value in pairs]
    data: dict[str, list[str]] = {}
    for name, value in mine:
        data.setdefault(name, []).append(value)
    reply = person.client.post(form.action or person.page.url, data=data, follow_redirects=True)
    return Page(url=reply.request.path, status=reply.status_code, headers={}, text=reply.text)


def sit(stage: Stage, seat: str, app: Flask | None = None) -> Browser:
    """Return the browser of somebody who has logged in to a seat. `app` serves several: making one takes longest."""
    return Browser(app or create_app(stage.hospital), stage).sits_at(seat)


def moved(rows: Sequence[Row], table_of: Mapping[str, str] = TABLES) -> set[tuple[str, str, str]]:
    """Return action, state before and state after of every move that these rows tell of."""
    found = set()
    for row in rows:
        table = table_of.get(row.action.partition(".")[0], row.action.partition(".")[0])
        for change in row.changes:
            if (change.table, change.column) == (table, "status"):
                found.add((row.action, str(change.before or machines.NOTHING), str(change.after)))
    return found


def status(stage: Stage, table: str, key: str) -> str:
    """Return the state of a record."""
    return str(stage.one(table, id=key)["status"])


def bound(name: str) -> Callable[[Stage], str]:
    """Return what finds the record that the pack calls so."""
    return lambda stage: stage.bound(name)


def latest(table: str, **where: Any) -> Callable[[Stage], str]:
    """Return what finds the newest record with these values; `$names` of the pack are understood."""

    def find(stage: Stage) -> str:
        wanted = {
            key: stage.bound(value[1:]) if isinstance(value, str) and value.startswith("$") else value
            for key, value in where.items()
        }
        rows = [each for each in stage.table(table) if all(each[key] == value for key, value in wanted.items())]
        assert rows, f"no {table} with {wanted}"
        return str(max(rows, key=lambda each: (len(each["id"]), each["id"]))["id"])

    return find


FLEETING = {
    "stock_batch": frozenset({"available", "near_expiry"}),
    "his_account": frozenset({"requested", "in_training"}),
}
"""States that the next act changes by itself: the clock expires batches, an account asked for long ago has passed."""

"""The robot inside the mock hospital: logs in to a seat and does the acts of a scripted run on the desks' own pages.

It finds people by the names it reads, opens records by links, and fills in the forms that carry the act's name.
What a page refuses is left standing as the hospital shows it: a run may mean to be refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sandbox.exercises import scripts
from sandbox.exercises.schema import Exercise
from sandbox.exercises.scripts import Act
from sandbox.robot import pharmacy, seat_deeds, windows
from sandbox.robot.client import Client, RobotError
from sandbox.robot.pages import Form, Page
from sandbox.robot.pharmacy import Batch
from sandbox.robot.trainee import SeatCard

TEST_CLOCK = "X-His-Test-Clock"
ROW_FIELDS = ("drug", "drug_text", "dose", "route", "freq", "days", "quantity")
"""What a line of the prescription grid consists of; left empty, the hospital takes the drug's usual values."""


@dataclass
class Hospital:
    """One hospital; a window per seat. `people` and `records` say what $names mean to a reader."""

    window: Client
    """A browser that the gateway has let in."""
    home: str
    """Address of the hospital's first page."""
    seats: Mapping[str, SeatCard]
    people: Mapping[str, str]
    """$name -> the person's name as the pages show it."""
    tickets: Mapping[str, str] = field(default_factory=dict)
    """$name of a registration or prescription -> $name of its patient."""
    batches: Mapping[str, Batch] = field(default_factory=dict)
    """$name of a batch -> what is printed on it."""
    test_clock: bool = False
    """Send every act's own working time: only a cell armed with the test clock listens."""
    mails: Mapping[str, str] = field(default_factory=dict)
    """$name of a mail -> its subject as the pages show it."""
    logs_in: bool = False
    """Whether the runs of the exercise say themselves who logs in when."""
    passwords: dict[str, str] = field(default_factory=dict)
    """Seat -> its present password, once it was changed."""
    windows: dict[str, Client] = field(default_factory=dict)
    charts: dict[tuple[str, str], str] = field(default_factory=dict)
    """(seat, $name) -> address of the chart that was opened."""

    def perform(self, act: Act) -> Page:
        """Do one act as a person would; return the page that follows."""
        way = WAYS.get(act.action)
        if way is None:
            raise RobotError(f"the robot has not learnt {act.action}")
        client = self._window(act)
        return way(self, client, act)

    def confirmed_by(self, seat: str, act: Act) -> SeatCard:
        """Return how another seat proves itself in a form of this act: its account with the password it chose."""
        self._window(replace(act, seat=seat))
        card = self.seats[seat]
        return replace(card, password=self.passwords.get(seat, card.password))

    def patient(self, act: Act) -> str:
        """Return the name of the person an act is about, as pages show it."""
        return self.people[self._patient(act)]

    def go_to(self, client: Client, tab: str) -> Page:
        """Open a tab of the desk."""
        return client.get(self._tab_of(client, tab))

    def _window(self, act: Act) -> Client:
        place = f"{act.seat}@{act.fields.get('terminal', seat_deeds.OWN_TERMINAL)}"
        client = self.windows.get(place)
        if client is None:
            cookies = {host: dict(jar) for host, jar in self.window.cookies.items()}
            client = replace(self.window, headers=dict(self.window.headers), cookies=cookies, page=None)
            self._tick(client, act)
            if self.logs_in:
                client.get(self.home)
            else:
                seat_deeds.settle_in(self, client, self.seats[act.seat])
            self.windows[place] = client
        self._tick(client, act)
        return client

    def _tick(self, client: Client, act: Act) -> None:
        if self.test_clock:
            client.headers[TEST_CLOCK] = str(act.at_ms)

    def _queue(self, client: Client, act: Act) -> Page:
        """Call, pass over, begin: choose the ticket in the doctor's queue and press the card's button."""
        self._choose(client, self._patient(act))
        form = _form(client, act.action)
        values: dict[str, str | list[str]] = {**windows.ticked(form, act)}
        if "reason" in act.fields:
            values["reason"] = _typed(act.fields["reason"])
        # Beginning a visit leads into the chart; a run says itself when the chart is opened.
        return client.submit(form, values, follow=act.action != "registration.start")

    def _at_a_door(self, client: Client, act: Act) -> Page:
        """Call, pass over, let wait again: at triage or in the doctor's queue, wherever the seat works."""
        at_triage = client.seen().link("tab", "triage") is not None
        return windows.beside_the_person(self, client, act) if at_triage else self._queue(client, act)

    def _open_chart(self, client: Client, act: Act) -> Page:
        if pharmacy.is_at(client):
            return pharmacy.open_chart(self, client, act)
        person = self._patient(act)
        page = self._choose(client, person)
        if page is None or not (_is_chart(page) or page.link("encounter")):
            page = self._look_up(client, person)
        # A visit that runs leads from the queue straight into its chart; any other asks first.
        address = None if _is_chart(page) else page.link("encounter")
        page = page if address is None else client.get(address)
        if _is_chart(page):
            self.charts[(act.seat, person)] = _chart_address(page)
        return page

    def _break_glass(self, client: Client, act: Act) -> Page:
        """Fill in the form that a refused opening leaves in front; whoever looks again is refused again."""
        person = self._patient(act)
        if client.seen().form(act.action) is None or self.people[person] not in client.seen().text:
            self._look_up(client, person)
        form = _form(client, act.action)
        page = client.submit(form, {"reason": str(act.fields["reason"]), "text": str(act.fields["text"])})
        if _is_chart(page):
            self.charts[(act.seat, person)] = _chart_address(page)
        return page

    def _in_chart(self, client: Client, act: Act) -> Page:
        """Write on a tab of the patient's chart."""
        self._tab(client, act, _SECTIONS[act.action])
        form = _form(client, _FORM_OF.get(act.action, act.action))
        values = {name: _typed(value) for name, value in act.fields.items() if name not in ("patient", "target")}
        # Saving is the second button of the form that signs.
        to = form.buttons[0] if act.action in _FORM_OF else None
        return client.submit(form, values, to=to)

    def _print(self, client: Client, act: Act) -> Page:
        """Print the record of the open chart: its sheet says what it is printed for."""
        page = self._tab(client, act, "record")
        client.get(page.link("key", "F8") or page.url)
        return client.submit(_form(client, act.action), {"purpose": _typed(act.fields.get("purpose"))})

    def _prescribe(self, client: Client, act: Act) -> Page:
        override = act.fields.get("override")
        page = client.page
        if override is None or page is None or not page.marked("alert"):
            page = self._fill_prescription(client, act)
        if override is not None and page.marked("alert"):
            again = _form(client, act.action)
            answers = {"override_reason": _typed(override["reason"]), "override_text": _typed(override["text"])}
            page = client.submit(again, answers)
        return page

    def _fill_prescription(self, client: Client, act: Act) -> Page:
        self._tab(client, act, "prescription")
        form = _form(client, act.action)
        items = act.fields["items"]
        values: dict[str, str | list[str]] = {
            name: [_typed(item.get(name, "")) for item in items] for name in ROW_FIELDS if name in form.names
        }
        if "long_supply_reason" in act.fields:
            values["long_supply_reason"] = _typed(act.fields["long_supply_reason"])
        return client.submit(form, values)

    def _tab(self, client: Client, act: Act, section: str) -> Page:
        person = self._patient(act)
        address = self.charts.get((act.seat, person))
        if address is None:
            raise RobotError(f"{act.action}: the chart of {person} is not open")
        # The page in front may still be the chart; its tabs are links, so no chart is opened twice.
        tab = client.seen().link("section", section) if self._in_front(client, address) else None
        return client.get(tab or f"{address.rstrip('/')}/{section}")

    def _skip_time(self, client: Client, act: Act) -> Page:
        """Press the button in the title line that leads on to the exercise's next stretch."""
        client.get(self.home)
        return client.submit(_form(client, act.action), {"skip": str(act.fields["skip"])})

    @staticmethod
    def _in_front(client: Client, address: str) -> bool:
        return client.seen().url.split("?")[0].startswith(address.split("?")[0].rstrip("/"))

    def _patient(self, act: Act) -> str:
        """Return the $name of the person an act is about."""
        named = str(act.fields.get("patient") or act.fields.get("target") or "")
        name = named.lstrip("$")
        return self.tickets.get(name, name)

    def _choose(self, client: Client, person: str) -> Page | None:
        """Open the person's card in the queue, if there is one."""
        page = client.get(self._tab_of(client, "queue"))
        for row in page.elements:
            if row.tag == "a" and row.data("registration") and row.text.strip() == self.people[person]:
                return client.get(row.attributes["href"])
        return None

    def _look_up(self, client: Client, person: str) -> Page:
        """Search for the person by name and choose the hit."""
        page = client.get(self._tab_of(client, "queue"))
        client.get(page.link("key", "F3") or page.url)
        page = client.submit(_form(client, "patient.search"), {"q": self.people[person]})
        for hit in page.elements:
            if hit.tag == "a" and hit.data("patient") and hit.text.strip() == self.people[person]:
                return client.get(hit.attributes["href"])
        raise RobotError(f"{self.people[person]} is not found")

    def _tab_of(self, client: Client, name: str) -> str:
        address = client.seen().link("tab", name)
        if address is None:
            page = client.get(self.home)
            address = page.link("tab", name)
        if address is None:
            raise RobotError(f"no tab {name} on {client.seen().url}")
        return address


def hospital_of(
    exercise: Exercise, window: Client, *, home: str, seats: Mapping[str, SeatCard], test_clock: bool = False
) -> Hospital:
    """Return the hospital of an exercise: its people by name, its tickets by patient."""
    people = {name: str((member.model_extra or {}).get("name", "")) for name, member in exercise.cast.items()}
    tickets = {
        str(row["as"]): str(row["patient"]).lstrip("$")
        for table in ("registration", "prescription")
        for row in exercise.start.add.get(table, ())
        if "as" in row
    }
    batches = {
        str(row["as"]): Batch(drug=str(row["drug"]), number=str(row["batch_no"]))
        for row in exercise.start.add.get("stock_batch", ())
        if "as" in row and "batch_no" in row
    }
    mails = {str(row["as"]): str(row["subject_zh"]) for row in exercise.start.add.get("mail", ()) if "as" in row}
    steps = (act for test in exercise.tests for act in scripts.resolve(exercise, test))
    return Hospital(
        window=window,
        home=home,
        seats=seats,
        people=people,
        tickets=tickets,
        batches=batches,
        mails=mails,
        logs_in=any(act.action == "auth.login" for act in steps),
        test_clock=test_clock,
    )


def _is_chart(page: Page) -> bool:
    return bool(page.marked("section"))


def _chart_address(page: Page) -> str:
    """Return the chart's address without the tab that is in front."""
    sections = [each.data("section") or "" for each in page.marked("section")]
    path = page.url.split("?")[0].rstrip("/")
    head, _, last = path.rpartition("/")
    return head if last in sections else path


def _form(client: Client, deed: str) -> Form:
    return client.form(deed)


def _typed(value: Any) -> str:
    return "" if value is None else str(value)


_SECTIONS: Mapping[str, str] = {
    "allergy.record": "allergy",
    "diagnosis.add": "diagnosis",
    "medical_record.sign": "record",
    "medical_record.save": "record",
    "registration.finish": "overview",
}
_FORM_OF: Mapping[str, str] = {"medical_record.save": "medical_record.sign"}

Way = Callable[[Hospital, Client, Act], Page]
WAYS: Mapping[str, Way] = {
    "registration.start": Hospital._queue,
    "clock.step": Hospital._skip_time,
    "chart.open": Hospital._open_chart,
    "chart.break_glass": Hospital._break_glass,
    "prescription.sign": Hospital._prescribe,
    "print.document": Hospital._print,
    **dict.fromkeys(_SECTIONS, Hospital._in_chart),
    **pharmacy.WAYS,
    **windows.WAYS,
    **dict.fromkeys(("registration.call", "registration.pass", "registration.re_queue"), Hospital._at_a_door),
    **seat_deeds.WAYS,
}

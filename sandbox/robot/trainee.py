"""The robot in front of the panel: logs in, starts an exercise, opens the hospital, submits, reads the report."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.robot.client import Client, RobotError
from sandbox.robot.pages import Form, Page

PATIENCE_S = 60.0


@dataclass(frozen=True, kw_only=True)
class SeatCard:
    """What the workbench tells about one account in the hospital."""

    name: str
    account: str
    password: str


@dataclass
class Trainee:
    """One person at one browser. `pause` waits; tests and rehearsals pass their own."""

    panel: str
    """Origin of the panel, e.g. http://localhost:8420."""
    client: Client = field(default_factory=Client)
    pause: Callable[[float], None] = time.sleep
    look_again_s: float = 0.1
    """How often it looks again while it waits."""

    def log_in(self, login: str, password: str) -> Page:
        """Log in to the platform."""
        self.client.get(self.panel + "/")
        page = self.client.submit(self._form("login"), {"login": login, "password": password})
        if page.form("login") is not None:
            raise RobotError(f"{login} was not let in: {_text(page)}")
        return page

    def start(self, exercise_version: str) -> Page:
        """Press the button of an exercise (or 'free-practice') on My training; wait until the workbench is there."""
        page = self.client.get(self.panel + "/")
        form = self._launch_form(page, exercise_version)
        page = _granted(self.client.submit(form), f"the start of {exercise_version}")
        return self._until(lambda: self._workbench(page.url), "the workbench")

    def seats(self) -> dict[str, SeatCard]:
        """Return the hospital accounts that the workbench shows."""
        page = self.client.seen()
        names = [each.data("seat") or "" for each in page.marked("seat")]
        accounts = [each.text.strip() for each in page.marked("account")]
        passwords = [each.text.strip() for each in page.marked("password")]
        cards = zip(names, accounts, passwords, strict=True)
        return {name: SeatCard(name=name, account=account, password=password) for name, account, password in cards}

    def enter(self) -> Client:
        """Open the hospital in a window of its own; return that window. The workbench stays where it is."""
        form = self._form("enter")
        window = Client(cookies=self.client.cookies, headers=dict(self.client.headers), page=self.client.page)
        page = window.submit(form)
        if page.status != 200:
            raise RobotError(f"the hospital does not open: {page.status} {_text(page)}")
        return window

    def submit(self) -> Page:
        """Hand in the work and wait for the report."""
        page = _granted(self.client.submit(self._form("submit")), "the work")
        return self._until(lambda: self._report(page.url), "the report")

    def _form(self, deed: str) -> Form:
        form = self.client.seen().form(deed)
        if form is None:
            raise RobotError(f"no way to {deed} on {self.client.seen().url}: {_text(self.client.seen())}")
        return form

    def _launch_form(self, page: Page, exercise_version: str) -> Form:
        for form in page.forms:
            given = dict(form.fields).get("exercise_version", "free-practice")
            if form.deed == "launch" and given == exercise_version:
                return form
        raise RobotError(f"{exercise_version} cannot be started on {page.url}: {_text(page)}")

    def _workbench(self, url: str) -> Page | None:
        page = self.client.get(url)
        return page if page.form("enter") is not None else None

    def _report(self, url: str) -> Page | None:
        page = self.client.get(url)
        return page if page.marked("verdict") else None

    def _until(self, look: Callable[[], Page | None], what: str) -> Page:
        waited = 0.0
        while waited <= PATIENCE_S:
            page = look()
            if page is not None:
                return page
            self.pause(self.look_again_s)
            waited += self.look_again_s
        raise RobotError(f"{what} did not come within {PATIENCE_S:.0f} s: {_text(self.client.seen())}")


def _granted(page: Page, what: str) -> Page:
    """Raise what a person would read where the answer to a click is a refusal: waiting there changes nothing."""
    if page.status != 200:
        raise RobotError(f"{what} was refused: {_text(page)}")
    return page


def _text(page: Page) -> str:
    """Return what a person would read, shortened."""
    body = next((each.text for each in page.elements if each.tag == "main"), page.text)
    return f"[{page.status}] " + " ".join(body.split())[:300]

"""A panel on a database of its own, people with browsers, and a hospital life that has been going on for a while."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sandbox.adapters.db.bundle import DbStores
from sandbox.adapters.db.engine import Database
from sandbox.adapters.files import FileStore
from sandbox.adapters.flips import Flips
from sandbox.adapters.passwords import Argon2Passwords
from sandbox.attempts.model import AttemptId, AttemptState, Evidence, Result
from sandbox.bootstrap import Services
from sandbox.config import Cell, Settings, Site
from sandbox.config import Database as DatabaseSettings
from sandbox.exercises import loader, releasing
from sandbox.health.model import Room
from sandbox.people.model import Person
from sandbox.provisioning.model import CellState, Desired, InstanceId, Observed
from tests import personas
from tests.builders import (
    NOON,
    make_assignment,
    make_attempt,
    make_cell,
    make_golden,
    make_image,
    make_instance,
    make_vitals,
)
from tests.fakes import FastPasswords, FrozenClock
from tests.web import papers
from web.app import create_app

X05 = "urti-penicillin-allergy@2"
HOST = "localhost:8420"
TOKEN = re.compile(r'name="csrf_token" value="([0-9a-f]+)"')


ROOMY = Room(
    memory_total=24 << 30,
    memory_available=20 << 30,
    disk_total=200 << 30,
    disk_free=80 << 30,
    inodes_total=9_000_000,
    inodes_free=8_000_000,
    clock_synchronised=True,
)
"""A machine that has enough of everything."""


@dataclass
class PanelSite:
    """The panel as gunicorn would serve it, and the services behind it."""

    services: Services
    clock: FrozenClock
    pokes: list[str]
    app: Flask

    @property
    def database(self) -> Database[DbStores]:
        return self.services.database

    def browser(self) -> Browser:
        return Browser(self.app.test_client())

    def logged_in(self, person: Person) -> Browser:
        """Return the browser of somebody who has logged in."""
        browser = self.browser()
        browser.log_in(person.login, personas.PASSWORD)
        return browser


@dataclass
class Browser:
    """What a person does: open pages, press buttons. Sends what Chromium sends."""

    client: FlaskClient
    page: TestResponse | None = None
    headers: dict[str, str] = field(default_factory=lambda: {"Accept-Language": "zh-CN"})

    def get(self, path: str, **more: Any) -> TestResponse:
        self.page = self.client.get(path, base_url=f"http://{HOST}", headers=self.headers, buffered=True, **more)
        return self.page

    def post(self, path: str, values: dict[str, Any] | None = None, *, accept: str = "text/html") -> TestResponse:
        """Send a form of ours: same origin, with the token of the present log-in."""
        headers = {**self.headers, "Sec-Fetch-Site": "same-origin", "Accept": accept}
        data = {"csrf_token": self.token(), **(values or {})}
        return self.client.post(path, data=data, base_url=f"http://{HOST}", headers=headers)

    def bare_post(self, path: str, values: dict[str, Any], headers: dict[str, str]) -> TestResponse:
        """Send exactly this, as an attacker's page might."""
        return self.client.post(path, data=values, base_url=f"http://{HOST}", headers={**self.headers, **headers})

    def token(self) -> str:
        found = TOKEN.search(self.client.get("/login", base_url=f"http://{HOST}", follow_redirects=True).text)
        assert found is not None
        return found[1]

    def log_in(self, login: str, password: str) -> TestResponse:
        return self.post("/login", {"login": login, "password": password, "next": "/"})


def make_site(tmp_path: Path, database: Database[DbStores], *, driver: str = "docker") -> PanelSite:
    """Return a panel on this database."""
    clock, pokes = FrozenClock(), []
    settings = Settings(
        site=Site(id="0" * 8, state=tmp_path, run=tmp_path),
        database=DatabaseSettings(url="sqlite://"),
        cell=Cell(driver=cast(Any, driver)),
    )
    services = Services(
        settings=settings,
        clock=clock,
        database=database,
        files=FileStore(tmp_path / "files"),
        passwords=cast(Argon2Passwords, FastPasswords()),
        secret=b"s" * 32,
        poke=lambda: pokes.append("poke"),
        flips=Flips(tmp_path / "flips.sock"),
        look=lambda: ROOMY,
    )
    return PanelSite(services=services, clock=clock, pokes=pokes, app=create_app(services))


def release_x05(site: PanelSite) -> None:
    """Release the exercise that everything is about."""
    content = papers.EXERCISE.read_bytes()
    version = releasing.described(loader.trusted(content), now=NOON)
    with site.database.transaction() as stores:
        releasing.release(stores, site.services.files, personas.bob, version, content, now=NOON)


def live(site: PanelSite) -> list[InstanceId]:
    """Return the hospitals that are wanted open."""
    with site.database.reading() as stores:
        return [one.id for one in stores.instances.live() if one.desired is Desired.OPEN]


def open_instance(
    site: PanelSite, person: Person, *, exercise: bool = True, **pinned: Any
) -> tuple[InstanceId, AttemptId | None]:
    """Give a person an open practice hospital, as the worker would; `pinned` is what the attempt was started with."""
    with site.database.transaction() as stores:
        instance = make_instance(owner=person.id)
        attempt = None
        if exercise:
            attempt = make_attempt(
                person=person.id,
                exercise_version=X05,
                instance=instance.id,
                state=AttemptState.OPEN,
                requested_at=NOON - timedelta(minutes=6),
                opened_at=NOON - timedelta(minutes=6),
                **pinned,
            )
        opened = make_instance(
            id=instance.id,
            owner=person.id,
            exercise_version=X05 if attempt else None,
            attempt=attempt.id if attempt else None,
            observed=Observed.LAUNCHING,
            queued_at=NOON - timedelta(minutes=6),
        )
        stores.instances.add(opened)
        if attempt:
            stores.attempts.add(attempt)
        cell = make_cell(instance=opened.id, epoch=1, state=CellState.ARMED, since=NOON - timedelta(minutes=6))
        stores.cells.add(cell)
        stores.instances.flip(opened.id, cell=cell.id, epoch=1, now=NOON - timedelta(minutes=6))
        return opened.id, attempt.id if attempt else None


def graded(
    site: PanelSite, person: Person, deeds: tuple[papers.Deed, ...], *, assignment: str | None, **pinned: Any
) -> AttemptId:
    """Give a person a finished attempt with a real report; `pinned` is what it was started with."""
    started = pinned.pop("requested_at", NOON - timedelta(hours=3))
    attempt = make_attempt(
        person=person.id,
        exercise_version=X05,
        assignment=assignment,
        state=AttemptState.GRADED,
        requested_at=started,
        opened_at=started,
        submitted_at=started + timedelta(seconds=deeds[-1][0] + 9),
        closed_at=started + timedelta(seconds=deeds[-1][0] + 11),
        **pinned,
    )
    rows, final, judged = papers.judged(attempt.id, deeds)
    files = site.services.files
    files.put(papers.BEGUN)
    evidence = Evidence(
        attempt=attempt.id,
        journal_sha256=files.put(rows),
        state_sha256=files.put(final),
        nonce=papers.NONCE,
        rows=len(deeds) + 2,
        sealed_at=started,
    )
    result = Result(
        attempt=attempt.id,
        number=1,
        exercise_version=X05,
        score=judged.score,
        score_to=judged.score_to,
        verdict=judged.verdict,
        pending=judged.pending,
        faults=judged.faults,
        actor="worker",
        report_sha256=files.put(judged.report),
        grader=judged.grader,
        graded_at=started,
    )
    with site.database.transaction() as stores:
        stores.instances.add(
            make_instance(
                id=attempt.instance,
                owner=person.id,
                exercise_version=X05,
                attempt=attempt.id,
                desired=Desired.CLOSED,
                observed=Observed.CLOSED,
                queued_at=started,
            )
        )
        stores.attempts.add(attempt)
        stores.evidence.add(evidence)
        stores.results.append(result)
    return attempt.id


def assigned(site: PanelSite, person: Person, **said: Any) -> str:
    """Assign X05 to a person."""
    one = make_assignment(exercise_version=X05, person=person.id, **said)
    with site.database.transaction() as stores:
        stores.assignments.add(one)
    return one.id


def furnished(site: PanelSite) -> None:
    """Register image and dataset, have a worker hold the lease, keep two cells ready."""
    with site.database.transaction() as stores:
        stores.images.add(make_image())
        stores.goldens.add(make_golden(bytes=12_400_000))
        stores.lease.take("worker-1", now=NOON, ttl_s=30)
        stores.vitals.put(make_vitals())
        stores.cells.add(make_cell(engine_id="9f" * 32))
        stores.cells.add(make_cell(engine_id="3c" * 32))

"""A site with a gateway: people logged in, instances open, and the ways in that tests try."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sandbox import bootstrap
from sandbox.bootstrap import Services
from sandbox.config import Cell as CellSettings
from sandbox.config import Database, Gateway, Panel, Settings, Site
from sandbox.people.model import Login, Person
from sandbox.provisioning import tickets
from sandbox.provisioning.model import CellId, CellState, InstanceId, Observed
from tests import personas
from tests.builders import make_cell, make_instance
from tests.fakes import FastPasswords, FrozenClock


@dataclass
class GatewaySite:
    """Services of a prepared site, and deeds in the words of the tests."""

    services: Services
    clock: FrozenClock

    def logs_in(self, person: Person, token: str = "first") -> None:
        """Give somebody a log-in; the one before it ends."""
        now = self.clock.now()
        login = Login(token_hash=f"{token}-{person.id}", person=person.id, created_at=now, seen_at=now, csrf="c")
        with self.services.database.transaction() as stores:
            stores.logins.end_of(person.id)
            stores.logins.add(login)

    def logs_out(self, person: Person) -> None:
        """End somebody's log-in."""
        with self.services.database.transaction() as stores:
            stores.logins.end_of(person.id)

    def opens(self, person: Person) -> InstanceId:
        """Give somebody an instance and bring it to a ready cell."""
        instance = make_instance(owner=person.id)
        with self.services.database.transaction() as stores:
            stores.instances.add(instance)
            stores.instances.move(instance.id, Observed.QUEUED, Observed.LAUNCHING)
        self.flips(instance.id)
        return instance.id

    def flips(self, instance: InstanceId) -> CellId:
        """Point an instance that is launching or replacing to a new cell."""
        with self.services.database.transaction() as stores:
            old = stores.instances.get(instance)
            if old.cell is not None:
                stores.cells.move(old.cell, CellState.ARMED, CellState.SEALED, now=self.clock.now())
            epoch = old.epoch + 1
            cell = make_cell()
            stores.cells.add(cell)
            claimed = stores.cells.claim(cell.pool_key, instance=instance, epoch=epoch, now=self.clock.now())
            assert claimed is not None
            stores.cells.move(claimed.id, CellState.CLAIMED, CellState.ARMED, now=self.clock.now())
            stores.instances.flip(instance, cell=claimed.id, epoch=epoch, now=self.clock.now())
            return claimed.id

    def cell_of(self, instance: InstanceId) -> CellId:
        """Return the present cell of an instance."""
        with self.services.database.reading() as stores:
            cell = stores.instances.get(instance).cell
            assert cell is not None
            return cell

    def moves(self, instance: InstanceId, old: Observed, new: Observed) -> None:
        """Move an instance on."""
        with self.services.database.transaction() as stores:
            stores.instances.move(instance, old, new)

    def last_request(self, instance: InstanceId) -> datetime | None:
        """Return when the gateway noted the last request of a person."""
        with self.services.database.reading() as stores:
            return stores.instances.get(instance).last_request_at

    def ticket(self, person: Person, instance: InstanceId) -> str:
        """Issue a ticket as the panel does."""
        with self.services.database.reading() as stores:
            found = stores.instances.get(instance)
        lasts = self.services.settings.gateway.ticket_ttl_s
        key = self.services.secret
        return tickets.issue(key, personas.acting(person), found, ttl_s=lasts, now=self.clock.now())


def make_site(
    folder: Path, database: Path, clock: FrozenClock, *, run_group: str, ports: tuple[int, int]
) -> GatewaySite:
    """Return a site below `folder` on a database that has its schema; everybody has an account."""
    state = folder / "state"
    state.mkdir()
    secret = state / "secret"
    secret.write_bytes(bytes(range(32)))
    settings = Settings(
        site=Site(id="feedbeef", state=state, run=folder / "run"),
        database=Database(url=f"sqlite:///{database}"),
        panel=Panel(port=ports[0]),
        gateway=Gateway(port=ports[1]),
        cell=CellSettings(run_group=run_group),
    )
    services = bootstrap.connect(settings, clock=clock)
    hashed = FastPasswords().hash(personas.PASSWORD)
    with services.database.transaction() as stores:
        for person in personas.EVERYBODY:
            stores.people.add(person, hashed)
    return GatewaySite(services=services, clock=clock)

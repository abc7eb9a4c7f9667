"""A door is read once for as long as nothing is written anywhere, and anew from the very next request on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.adapters.db.bundle import open_database
from sandbox.provisioning.model import InstanceId, Observed
from tests.fakes import FrozenClock
from tests.gateway_site import GatewaySite, make_site
from tests.personas import ALICE
from web.gateway.doors import Doors


@pytest.fixture
def site(tmp_path: Path, database_path: Path, clock: FrozenClock) -> Iterator[GatewaySite]:
    made = make_site(tmp_path, database_path, clock, run_group="root", ports=(8420, 8421))
    made.logs_in(ALICE)
    yield made
    made.services.database.close()


def test_nothing_written_is_nothing_read(site: GatewaySite) -> None:
    instance = site.opens(ALICE)
    doors = Doors(site.services)
    assert doors.of(instance) is doors.of(instance)


def test_what_another_process_writes_counts_at_once(site: GatewaySite, database_path: Path) -> None:
    instance = site.opens(ALICE)
    doors = Doors(site.services)
    before = doors.of(instance)
    other = open_database(f"sqlite:///{database_path}", busy_timeout_s=5)
    with other.transaction() as stores:
        stores.instances.move(instance, Observed.OPEN, Observed.REPLACING)
    other.close()
    after = doors.of(instance)
    assert before is not None
    assert after is not None
    assert (before.observed, after.observed) == (Observed.OPEN, Observed.REPLACING)


def test_a_log_out_counts_at_once(site: GatewaySite) -> None:
    instance = site.opens(ALICE)
    doors = Doors(site.services)
    assert doors.of(instance) is not None
    site.logs_out(ALICE)
    found = doors.of(instance)
    assert found is not None
    assert found.login is None


def test_an_unknown_instance_is_known_to_be_unknown_until_it_is_there(site: GatewaySite) -> None:
    doors = Doors(site.services)
    assert doors.of(InstanceId("f" * 16)) is None
    assert doors.of(site.opens(ALICE)) is not None


def test_no_request_ever_sees_a_state_older_than_its_own_beginning(site: GatewaySite) -> None:
    instance = site.opens(ALICE)
    order: list[str | None] = [site.cell_of(instance)]
    doors, stop, looks = Doors(site.services), threading.Event(), []

    def knocks() -> None:
        while not stop.is_set():
            with site.services.database.reading() as stores:
                before = stores.instances.get(instance).cell
            seen = doors.of(instance)
            with site.services.database.reading() as stores:
                after = stores.instances.get(instance).cell
            looks.append((before, seen.cell if seen else None, after))

    threads = [threading.Thread(target=knocks) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(30):
        site.moves(instance, Observed.OPEN, Observed.REPLACING)
        order.append(site.flips(instance))
    stop.set()
    for thread in threads:
        thread.join()
    assert [look for look in looks if not order.index(look[0]) <= order.index(look[1]) <= order.index(look[2])] == []

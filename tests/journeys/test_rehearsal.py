"""A small rehearsal for real: robots through nginx and panel into cells; nothing of it stays but its figures."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from sandbox.cli import main
from sandbox.overview import InstanceQuery
from sandbox.people.model import CLI
from sandbox.provisioning.model import Observed
from sandbox.rehearsal import operations
from sandbox.rehearsal.model import Rehearsal
from sandbox.rehearsing.conductor import OTHERS, Conductor
from sandbox.robot.client import RobotError
from tests import engines
from tests.builders import NOON, make_attempt, make_instance
from tests.journeys.conftest import free_port
from tests.served import served
from tests.towns import Town

pytestmark = [pytest.mark.nginx, pytest.mark.timeout(240)]
SEATS = 3


@pytest.fixture(scope="module", params=["process", pytest.param("docker", marks=pytest.mark.docker)])
def town(request: pytest.FixtureRequest) -> Iterator[Town]:
    with served(request.param, ports=(free_port(), free_port())) as made:
        engines.until(lambda: _seen(made), what="the worker's first look")
        yield made


def _seen(town: Town) -> bool:
    with town.services.database.reading() as stores:
        return stores.vitals.latest() is not None


def nothing_is_left(town: Town) -> bool:
    with town.services.database.reading() as stores:
        robots = stores.people.robots()
        worn = [cell for cell in stores.cells.present() if cell.instance is not None]
        return not worn and not stores.instances.live() and all(one.disabled for one in robots)


def conducted(town: Town, heard: list[str]) -> Rehearsal:
    def tell(stage: str, _done: int, _total: int) -> None:
        if stage not in heard:
            heard.append(stage)

    return Conductor(town.services, CLI, SEATS, tell=tell, sample=1, idle_s=0.5).conduct()


def test_everybody_gets_in_and_nothing_of_it_is_left(town: Town) -> None:
    heard: list[str] = []
    found = conducted(town, heard)
    figures = found.figures
    assert figures.launch.failures == figures.reset.failures == figures.pages_busy.failures == ()
    assert len(figures.launch.times) == SEATS
    assert [len(each.times) for each in (figures.reset, figures.hibernate, figures.wake)] == [1, 1, 1]
    assert figures.pages_idle.times
    assert figures.left == 0
    assert 0 < figures.spread_us < 1_000_000
    assert sum(part.us for part in figures.parts) == pytest.approx(figures.launch.times[-1], abs=10)
    if town.settings.cell.driver == "docker":
        # Plain processes have no uid of their own by which they could be told from others.
        used = {one.who: one for one in figures.burdens}
        assert len(figures.cell_kib) == SEATS
        assert used["cells"].kib > 0
        assert used["cells"].cpu_us > 0
    assert heard == ["arrive", "idle", "launch", "reset", "hibernate", "wake", "leave"]
    assert nothing_is_left(town)
    with town.services.database.reading() as stores:
        assert stores.rehearsals.get(found.id) == found
        assert len(stores.people.robots()) == SEATS + OTHERS
        assert stores.overview.instances(InstanceQuery(observed=frozenset(Observed))) == ([], 0)
        robots = {one.id for one in stores.people.robots()}
        assert not robots & {one.person for one in stores.attempts.all()}
        verbs = set(stores.connection.scalars(sa.text("SELECT verb FROM audit")))
    assert {"rehearsal.begin", "robots.enlist", "robots.dismiss", "rehearsal.end"} <= verbs


def test_told_to_stop_it_cleans_up_and_keeps_nothing(town: Town) -> None:
    with town.services.database.reading() as stores:
        before = len(stores.rehearsals.newest(99))
    stop = threading.Event()

    def tell(stage: str, done: int, _total: int) -> None:
        if stage == "launch" and done == 1:
            stop.set()
            raise KeyboardInterrupt

    with pytest.raises((KeyboardInterrupt, RobotError)):
        Conductor(town.services, CLI, SEATS, tell=tell, idle_s=0.1, stop=stop).conduct()
    assert nothing_is_left(town)
    with town.services.database.reading() as stores:
        assert len(stores.rehearsals.newest(99)) == before


def test_it_is_refused_while_somebody_is_in_an_exam_or_a_class(town: Town) -> None:
    with town.services.database.transaction() as stores:
        key = make_instance(owner="somebody")
        attempt = make_attempt(instance=key.id, person="somebody", mode="exam")
        stores.attempts.add(attempt)
    try:
        with pytest.raises(operations.ClassRunningError, match="1 attempts"):
            Conductor(town.services, CLI, SEATS).conduct()
    finally:
        with town.services.database.transaction() as stores:
            stores.attempts.move(attempt.id, attempt.state, "cancelled", at=NOON)


def test_more_than_fit_are_refused_with_numbers(town: Town) -> None:
    told = CliRunner().invoke(main, ["--settings", str(town.file), "--lang", "en", "rehearse", "--seats", "700"])
    assert told.exit_code == 77
    assert "700 seats do not fit" in told.output
    assert "runs out first" in told.output


def test_the_command_speaks_json_for_scripts(town: Town) -> None:
    asked = ["--settings", str(town.file), "--json", "--lang", "en", "rehearse", "--seats", "1", "--sample", "0"]
    done = CliRunner().invoke(main, asked)
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["seats"], len(told["figures"]["launch"]["times"])) == (1, 1)
    assert "of the wait of the slowest 1" in told["bottleneck"]

"""Settings become services: a prepared site opens, an unprepared one says what is missing, no engine is loaded."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from sandbox import bootstrap
from sandbox.config import Cell, Database, Settings, Site
from sandbox.errors import SettingsInvalidError
from tests.fakes import FrozenClock

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    state = tmp_path / "state"
    return Settings(
        site=Site(id="0123abcd", state=state, run=tmp_path / "run"),
        database=Database(url=f"sqlite:///{state}/db/sandbox.db"),
        cell=Cell(driver="process"),
    )


def test_a_prepared_site_opens(settings: Settings, clock: FrozenClock) -> None:
    for _ in range(2):
        bootstrap.prepare(settings)
    services = bootstrap.connect(settings, clock=clock)
    with services.database.transaction() as stores:
        assert stores.instances.live() == []
    assert services.files.get(services.files.put(b"x")) == b"x"
    assert services.clock is clock
    services.poke()
    services.database.close()


def test_the_secret_is_made_once_and_for_its_owner_alone(settings: Settings) -> None:
    barrier = threading.Barrier(8)
    found: set[bytes] = set()
    (settings.site.state / "db").mkdir(parents=True)

    def prepare() -> None:
        barrier.wait()
        bootstrap._make_secret(settings.site.state / "secret")
        found.add((settings.site.state / "secret").read_bytes())

    threads = [threading.Thread(target=prepare) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 1
    assert len(found.pop()) == 32
    assert stat.S_IMODE((settings.site.state / "secret").stat().st_mode) == 0o400
    assert sorted(each.name for each in settings.site.state.iterdir()) == ["db", "secret"]


@pytest.mark.parametrize("missing", ["everything", "secret", "short secret"])
def test_an_unprepared_site_says_what_to_do(settings: Settings, missing: str) -> None:
    if missing != "everything":
        bootstrap.prepare(settings)
        (settings.site.state / "secret").unlink()
    if missing == "short secret":
        (settings.site.state / "secret").write_bytes(b"short")
    with pytest.raises(SettingsInvalidError, match=r"db init|32 bytes"):
        bootstrap.connect(settings)


def test_the_worker_has_a_driver_and_the_panel_does_not_even_load_one(settings: Settings) -> None:
    bootstrap.prepare(settings)
    services = bootstrap.worker_services(settings)
    assert services.driver.facts().name == "process"
    services.database.close()
    code = "import sys, sandbox.bootstrap; sys.exit('docker' in sys.modules)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, env=environment)

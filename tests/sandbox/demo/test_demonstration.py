"""The demonstration's own parts: its site, its accounts, its supervisor."""

from __future__ import annotations

import contextlib
import grp
import json
import os
import select
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox import bootstrap, config
from sandbox.adapters.files import FileStore
from sandbox.demo import accounts, processes, site
from sandbox.demo.processes import ProcessEndedError, Supervisor
from sandbox.errors import WrongStateError


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the demonstration of this test live in a folder of its own."""
    folder = tmp_path / "state"
    for module in (site, processes, accounts):
        monkeypatch.setattr(module, "STATE", folder)
    for module in (site, processes):
        monkeypatch.setattr(module, "SETTINGS", folder / "settings.toml")
    monkeypatch.setattr(accounts, "FILE", folder / "demo-accounts.json")
    (folder / "logs").mkdir(parents=True)
    return folder


def test_each_checkout_has_a_site_of_its_own() -> None:
    one, other = site.site_id(Path("/srv/a")), site.site_id(Path("/srv/b"))
    assert one != other
    assert one == site.site_id(Path("/srv/a"))
    assert len(one) == 8


def test_a_second_run_of_the_same_checkout_is_refused(state: Path) -> None:
    with site.alone(), pytest.raises(WrongStateError, match="already running"), site.alone():
        raise AssertionError("two demonstrations at once")
    with site.alone():
        assert (state / "demo.lock").exists()


def test_ports_stay_unless_somebody_else_took_them(state: Path) -> None:
    first = site.lay_out(isolated=True, separate_accounts=True)
    assert site.lay_out(isolated=True, separate_accounts=True).panel_port == first.panel_port
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", first.panel_port))
        stranger.listen()
        moved = site.lay_out(isolated=True, separate_accounts=True)
    assert moved.panel_port != first.panel_port
    assert moved.id == first.id
    assert state.exists()


def test_what_is_laid_out_is_a_valid_site(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    laid_out = site.lay_out(isolated=False, separate_accounts=False)
    monkeypatch.setenv(config.SETTINGS_FILE_VARIABLE, str(state / "settings.toml"))
    settings = config.load()
    assert settings.cell.driver == "process"
    assert settings.panel.port == laid_out.panel_port
    assert stat.S_IMODE((state / "settings.toml").stat().st_mode) == 0o640


def test_accounts_are_made_once_and_only_root_can_read_them(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site.lay_out(isolated=False, separate_accounts=False)
    monkeypatch.setenv(config.SETTINGS_FILE_VARIABLE, str(state / "settings.toml"))
    settings = config.load()
    bootstrap.prepare(settings)
    services = bootstrap.connect(settings)
    first = accounts.ensure(services)
    assert accounts.ensure(services) == first
    assert {one.login for one in accounts.PEOPLE} == set(first)
    assert stat.S_IMODE((state / "demo-accounts.json").stat().st_mode) == 0o600
    assert json.loads((state / "demo-accounts.json").read_text(encoding="utf-8")) == first


def test_a_child_that_ends_early_is_told_with_the_end_of_its_log(state: Path) -> None:
    supervisor = Supervisor()
    child = supervisor.start("sick", [sys.executable, "-c", "print('no database'); raise SystemExit(3)"])
    with pytest.raises(ProcessEndedError, match="no database"):
        supervisor.wait_for(child, lambda: False)
    supervisor.stop()
    assert (state / "logs/sick.log").read_text(encoding="utf-8").strip() == "no database"


def test_a_silent_child_is_told_after_a_while(state: Path) -> None:
    supervisor = Supervisor()
    child = supervisor.start("mute", [sys.executable, "-c", "input()"])
    child.process.wait(10)
    mute = supervisor.start("asleep", [sys.executable, "-c", "import signal; signal.pause()"])
    with pytest.raises(ProcessEndedError, match="does not answer"):
        supervisor.wait_for(mute, lambda: False, patience_s=0.1)
    with pytest.raises(ProcessEndedError, match="mute ended"):
        supervisor.check()
    supervisor.stop()
    assert mute.process.returncode is not None
    assert state.exists()


SUPERVISING = """
import pathlib, sys, time
from sandbox.demo import processes
processes.STATE = pathlib.Path(sys.argv[1])
supervisor = processes.Supervisor()
print(supervisor.start("sleeper", ["/usr/bin/sleep", "60"]).process.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP])
def test_a_demonstration_that_dies_takes_its_processes_along(state: Path, number: int) -> None:
    """A closed terminal must not leave a worker that keeps the next demonstration from starting."""
    command = [sys.executable, "-c", SUPERVISING, str(state)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=site.CHECKOUT) as demonstration:
        assert demonstration.stdout is not None
        child = int(demonstration.stdout.readline())
        gone = os.pidfd_open(child)
        waiting = select.poll()
        waiting.register(gone, select.POLLIN)
        assert waiting.poll(200) == []
        demonstration.send_signal(number)
    try:
        assert waiting.poll(10_000), "the child lives on"
    finally:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(gone, signal.SIGKILL)
        os.close(gone)


def test_panel_and_gateway_can_take_no_evidence_away(state: Path) -> None:
    site.make_accounts()
    site.lay_out(isolated=True, separate_accounts=True)
    kept = FileStore(state / "files")
    before = os.umask(0o007)
    try:
        sha256 = kept.put(b"a journal")
        Supervisor().start("worker", ["/bin/true"]).process.wait()
    finally:
        os.umask(before)
    file = state / "files" / sha256[:2] / sha256
    for path in (state / "files", file.parent, file, state / "logs", state / "logs/worker.log"):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o022, path
        assert path.stat().st_gid == grp.getgrnam(site.DATA_GROUP).gr_gid, path
    assert stat.S_IMODE(file.parent.stat().st_mode) & 0o050 == 0o050

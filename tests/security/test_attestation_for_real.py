"""A real cell is read from the host. What the engine's own word hides is found there, and only there (threat T22)."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.adapters.drivers import host
from sandbox.adapters.drivers.dockerd import DockerDriver
from sandbox.errors import ProfileDriftError
from sandbox.provisioning.attestation import NAMESPACES
from sandbox.provisioning.model import CellSpec
from tests import engines

pytestmark = pytest.mark.docker

Real = tuple[DockerDriver, CellSpec, int]


@pytest.fixture
def cell() -> Iterator[Real]:
    with engines.docker_driver() as driver:
        spec = engines.spec(driver)
        driver.ensure(spec)
        driver.start(spec.cell)
        engines.answering(driver, spec.cell)
        yield driver, spec, int(driver._inspect(spec.cell)["State"]["Pid"])


def test_a_running_cell_gives_every_reading(cell: Real) -> None:
    driver, spec, main = cell
    seen = driver.attest(spec.cell)
    read = {one.claim: one.found for one in seen.readings}
    assert seen.isolates
    assert (seen.uid, seen.image, seen.profile) == (spec.uid, spec.image, driver.facts().profile)
    assert seen.engine.startswith("Docker/")
    assert seen.begun.startswith(f"{main} ")
    assert (read["interfaces"], read["routes"], read["seccomp"], read["uid"]) == ("lo", "none", "2", str(spec.uid))
    assert {f"namespace.{name}" for name in NAMESPACES} <= set(read)
    assert all(one.holds for one in seen.readings)


def test_a_cell_that_does_not_run_gives_no_reading() -> None:
    with engines.docker_driver() as driver:
        spec = engines.spec(driver)
        driver.ensure(spec)
        assert driver.attest(spec.cell).readings == ()


def _group(main: int, controller: str) -> Path:
    groups, mounted = host._groups(Path(f"/proc/{main}")), host._hierarchies(Path("/proc"))
    return host._folder_of(groups, mounted, controller)


def _no_process_limit(main: int) -> None:
    (_group(main, "pids") / "pids.max").write_text("max")


_IN_ITS_MOUNTS = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
if libc.setns(os.open(f"/proc/{sys.argv[1]}/ns/mnt", os.O_RDONLY), 0) or libc.mount(*eval(sys.argv[2])):
    sys.exit(os.strerror(ctypes.get_errno()))
"""


def _mount(main: int, *arguments: object) -> None:
    """Mount as the container sees it; the image has no such program."""
    subprocess.run([sys.executable, "-c", _IN_ITS_MOUNTS, str(main), repr(arguments)], check=True)


def _mounted_more(main: int) -> None:
    _mount(main, b"x", b"/mnt", b"tmpfs", 0, None)


def _writable_root(main: int) -> None:
    remount_and_bind = 32 | 4096
    _mount(main, None, b"/", None, remount_and_bind, None)


def _out_of_its_group(main: int) -> None:
    (_group(main, "memory").parent / "cgroup.procs").write_text(str(main))


def _other_order_of_killing(main: int) -> None:
    Path(f"/proc/{main}/oom_score_adj").write_text("600")


@pytest.mark.parametrize(
    ("deed", "claim"),
    [
        (_no_process_limit, "host.processes"),
        (_mounted_more, "host.mounts"),
        (_writable_root, "host.root"),
        (_out_of_its_group, "host.control_group"),
        (_other_order_of_killing, "host.oom_score_adj"),
    ],
)
def test_what_was_changed_behind_the_engines_back_is_found(cell: Real, deed: object, claim: str) -> None:
    driver, spec, main = cell
    assert callable(deed)
    deed(main)
    with pytest.raises(ProfileDriftError) as drift:
        driver.attest(spec.cell)
    assert claim in str(drift.value)


def test_without_the_reading_from_the_host_it_would_not_be_found(cell: Real, monkeypatch: pytest.MonkeyPatch) -> None:
    """The defence off: the engine's own word is all well, or the tests above prove nothing."""
    driver, spec, main = cell
    for deed in (_no_process_limit, _other_order_of_killing):
        deed(main)
    monkeypatch.setattr("sandbox.provisioning.attestation.findings", lambda _read: [])
    assert driver.attest(spec.cell).isolates

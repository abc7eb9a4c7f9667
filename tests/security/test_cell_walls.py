"""What a fully taken-over cell can do: nearly nothing. Probes run in a container of the real profile and image.

Where a wall could be lifted alone, the probe runs once more without it and must then get through.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.adapters.drivers import profile
from sandbox.adapters.drivers.dockerd import DockerDriver
from sandbox.errors import ProfileDriftError
from tests import engines

pytestmark = pytest.mark.docker

PROBES = Path(__file__).parent / "probes"
EPERM, EACCES, EROFS, ENOSYS = 1, 13, 30, 38
MIB = 1 << 20


@pytest.fixture
def driver() -> Iterator[DockerDriver]:
    with engines.docker_driver() as made:
        yield made


def _probe(driver: DockerDriver, name: str, **changes: Any) -> Any:
    """Run a probe inside a cell and return what it printed; `changes` go into the host options."""
    status, printed = engines.run_inside(driver, (PROBES / f"{name}.py").read_text(), changes)
    assert status == 0, printed
    return json.loads(printed)


def test_no_socket_but_unix_can_be_made(driver: DockerDriver) -> None:
    assert set(_probe(driver, "families").values()) == {EPERM}


def test_without_our_list_other_families_open(driver: DockerDriver) -> None:
    found = _probe(driver, "families", SecurityOpt=["no-new-privileges:true"])
    assert found["netlink"] == found["inet"] == 0


def test_dangerous_calls_are_refused(driver: DockerDriver) -> None:
    answers = _probe(driver, "calls")
    assert answers.pop("clone3") == ENOSYS
    assert set(answers.values()) == {EPERM}, answers


def test_the_kernel_confirms_the_walls(driver: DockerDriver) -> None:
    facts = _probe(driver, "status")
    assert facts == {
        "Seccomp": "2",
        "NoNewPrivs": "1",
        "CapEff": "0" * 16,
        "CapBnd": "0" * 16,
        "interfaces": ["lo"],
        "setuid": [],
    }


def test_nothing_can_be_made_beside_the_cells_own_files(driver: DockerDriver) -> None:
    assert _probe(driver, "places") == {
        "/new": EROFS,
        "/etc/passwd": EROFS,
        "/opt/his/app/new": EROFS,
        "/data/new": EACCES,
        "/run/his/new": EACCES,
        "link to a socket": EPERM,
        "rename of the data": EACCES,
        "program in /tmp": EACCES,
    }


def test_every_writable_place_has_an_end(driver: DockerDriver) -> None:
    filled = _probe(driver, "fill")
    assert filled["/tmp"] <= 8 * MIB
    assert filled["/run/his/h"] <= 256 * 1024
    assert filled["/data"] <= 96 * MIB
    assert filled["files in /run/his/h"] <= 16
    assert sum(filled.values()) <= 105 * MIB


def test_a_fork_bomb_stops_at_the_limit(driver: DockerDriver) -> None:
    assert _probe(driver, "forks") <= 64


def test_without_the_limit_a_fork_bomb_goes_on(driver: DockerDriver) -> None:
    assert _probe(driver, "forks", PidsLimit=0) > 64


def test_a_memory_hog_ends_alone(driver: DockerDriver) -> None:
    status, _printed = engines.run_inside(driver, "x = bytearray(200 << 20)", {})
    assert status == 137


def test_a_log_flood_stays_small(driver: DockerDriver) -> None:
    flood = "import sys\nfor _ in range(200): sys.stdout.write(('x' * 1023 + '\\n') * 100)"
    _status, printed = engines.run_inside(driver, flood, {})
    assert len(printed) <= 2 * MIB


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("Privileged", True),
        ("CapAdd", ["NET_ADMIN"]),
        ("CapDrop", []),
        ("NetworkMode", "host"),
        ("PidMode", "host"),
        ("IpcMode", "host"),
        ("Binds", ["/etc:/host:ro"]),
        ("Memory", 2 * profile.MEMORY_BYTES),
        ("PidsLimit", 0),
        ("ReadonlyRootfs", False),
        ("SecurityOpt", ["seccomp=unconfined"]),
        ("CpuQuota", 0),
        ("Sysctls", {"kernel.msgmax": "65536"}),
        ("RestartPolicy", {"Name": "always"}),
    ],
)
def test_a_container_with_another_option_is_found(driver: DockerDriver, field: str, value: Any) -> None:
    spec = engines.spec(driver)
    engines.make_inside(driver, spec, None, {field: value, **({"MemorySwap": -1} if field == "Memory" else {})})
    with pytest.raises(ProfileDriftError) as drift:
        driver.attest(spec.cell)
    assert f"HostConfig.{field}" in str(drift.value)


def test_a_container_with_a_command_of_its_own_is_found(driver: DockerDriver) -> None:
    spec = engines.spec(driver)
    engines.make_inside(driver, spec, "pass", {})
    with pytest.raises(ProfileDriftError, match=r"Config\.Entrypoint"):
        driver.attest(spec.cell)

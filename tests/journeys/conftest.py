"""A house with a door: site, gateway, nginx, for one test."""

from __future__ import annotations

import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes import FrozenClock
from tests.front import READERS, Front, front
from tests.gateway_site import make_site


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def house(database_path: Path, clock: FrozenClock) -> Iterator[Front]:
    # Not tmp_path: nginx's workers are not root and must get through to the sockets; and socket paths are short.
    folder = Path(tempfile.mkdtemp(prefix="hs-"))
    folder.chmod(0o755)
    site = make_site(folder, database_path, clock, run_group=READERS, ports=(free_port(), free_port()))
    try:
        with front(site) as made:
            yield made
    finally:
        site.services.database.close()
        shutil.rmtree(folder)

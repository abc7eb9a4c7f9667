from __future__ import annotations

import pytest

from sandbox.adapters.db.bundle import DbStores
from sandbox.adapters.db.engine import Database
from tests.fakes import FrozenClock
from tests.graded import Archive
from tests.sandbox.attempts.actors import World


@pytest.fixture
def world(peopled: Database[DbStores], clock: FrozenClock) -> World:
    made = World(peopled, clock)
    made.release()
    return made


@pytest.fixture
def archive(peopled: Database[DbStores], clock: FrozenClock) -> Archive:
    return Archive(peopled, clock)

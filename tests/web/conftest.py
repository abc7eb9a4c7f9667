"""A panel of its own for every test."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.adapters.db.bundle import DbStores
from sandbox.adapters.db.engine import Database
from tests.web import site as sites
from tests.web.site import PanelSite


@pytest.fixture
def site(tmp_path: Path, peopled: Database[DbStores]) -> PanelSite:
    """Alice, Bob, Charlie and Dana, and the released exercise X05."""
    made = sites.make_site(tmp_path, peopled)
    sites.release_x05(made)
    return made


@pytest.fixture
def no_waiting_for_a_flip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.practice.pages.FLIP_HOLD_S", 0.0)

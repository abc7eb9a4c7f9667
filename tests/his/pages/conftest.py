"""The workstation of the hospital that the other fixtures set up."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium

from his.app import create_app
from tests.his.pages import workstation
from tests.his.pages.browser import Browser
from tests.his.stage import Stage


@pytest.fixture
def app(stage: Stage) -> Flask:
    return create_app(stage.hospital)


@pytest.fixture
def browser(app: Flask, stage: Stage) -> Browser:
    return Browser(app, stage)


@pytest.fixture
def at(app: Flask, stage: Stage) -> Callable[[str], Browser]:
    """A browser of its own for each seat."""
    return lambda seat: Browser(app, stage).sits_at(seat)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with workstation.chromium() as browser:
        yield browser

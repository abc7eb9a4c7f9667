"""The button in the title line that leads on to the next stretch of an exercise."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from his.app import create_app
from sandbox.contract.exercise_pack import Skip, Words
from tests.his.pages.browser import Browser
from tests.his.stage import Stage

MORNING = Skip(step="s1", to="+1d 08:00", label=Words(zh="次日早晨", en="Next morning"))


@pytest.fixture
def waiting(golden: sqlite3.Connection) -> Iterator[Stage]:
    with Stage.set_up(golden, skips=(MORNING,)) as stage:
        yield stage


def test_pressing_it_moves_the_clock_and_takes_the_button_away(waiting: Stage) -> None:
    browser = Browser(create_app(waiting.hospital), waiting).sits_at("doc")
    browser.opens("/clinic/")
    assert "次日早晨 »" in browser.page.text
    assert "推进院内时间至 2026-11-23 08:00:00,不能退回" in browser.page.text
    browser.submits("clock.step")
    assert "2026-11-23 08:00:00" in browser.page.text
    assert "次日早晨" not in browser.page.text
    assert [row.data["skip"] for row in waiting.rows() if row.action == "clock.step"] == ["s1"]


def test_a_second_press_is_refused_with_its_code(waiting: Stage) -> None:
    first, second = (Browser(create_app(waiting.hospital), waiting).sits_at(seat) for seat in ("doc", "nur"))
    first.opens("/clinic/")
    second.opens("/clinic/")
    first.submits("clock.step")
    second.submits("clock.step")
    assert "E-GEN-03" in second.page.text

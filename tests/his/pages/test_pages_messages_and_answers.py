"""Messages of the exercise and its questions, on the pages."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from his.app import create_app
from sandbox.contract.exercise_pack import Question
from tests.his import packs
from tests.his.pages.browser import Browser
from tests.his.stage import Stage

QUESTIONS = (
    Question(
        check="which",
        ask=packs.make_words("哪些药要避免？"),
        type="choices",
        choices={
            "PEN": packs.make_words("青霉素"),
            "CEPH": packs.make_words("头孢"),
            "NSAID": packs.make_words("止痛药"),
        },
    ),
    Question(check="how-many", ask=packs.make_words("几天？"), type="number"),
    Question(check="why", ask=packs.make_words("为什么？"), type="text"),
)


@pytest.fixture
def asked(golden: sqlite3.Connection) -> Iterator[Browser]:
    injects = (packs.say("early", at="0s"), packs.say("late", at="10m"))
    with Stage.set_up(golden, questions=QUESTIONS, injects=injects) as stage:
        yield Browser(create_app(stage.hospital), stage).sits_at("doc")


def test_a_message_stands_on_every_page_until_it_is_confirmed(asked: Browser) -> None:
    asked.opens("/clinic/find")
    assert "message of early" in asked.page.text
    asked.submits("message.read")
    assert asked.page.url == "/clinic/find"
    assert not asked.page.marked("message")
    assert asked.stage.told()[-1] == ("doc", "message.read")
    assert "message of early" in asked.opens("/messages").text


def test_the_pulse_brings_what_has_fallen_due(asked: Browser) -> None:
    before = asked.client.get("/_pulse").get_json()
    asked.stage.at(11)
    after = asked.client.get("/_pulse").get_json()
    assert before["notes"] != after["notes"]
    assert after["time"].endswith("T08:11:00")
    assert "message of late" in asked.client.get("/_notes").text


def test_answers_are_journaled_and_the_last_one_is_shown(asked: Browser) -> None:
    asked.opens("/answers")
    asked.submits("answer.give", {"value": ["PEN", "NSAID"]}, check="which")
    asked.submits("answer.give", {"value": ["PEN"]}, check="which")
    asked.submits("answer.give", {"value": "３ "}, check="how-many")
    asked.submits("answer.give", {"value": "过敏"}, check="why")
    given = [each.data for each in asked.stage.rows() if each.action == "answer.give"]
    assert [each["value"] for each in given] == [["NSAID", "PEN"], ["PEN"], "3", "过敏"]
    assert ("value", "PEN") in asked.form("answer.give", check="which").fields
    assert ("value", "NSAID") not in asked.form("answer.give", check="which").fields


@pytest.mark.parametrize(
    ("check", "value"), [("which", []), ("which", ["NONSENSE"]), ("how-many", "三天"), ("why", "  ")]
)
def test_an_impossible_answer_is_not_taken(asked: Browser, check: str, value: str | list[str]) -> None:
    asked.opens("/answers")
    asked.submits("answer.give", {"value": value}, check=check)
    assert asked.page.status == 409
    assert "answer.give" not in {each.action for each in asked.stage.rows()}
    assert 'role="alert"' in asked.page.text

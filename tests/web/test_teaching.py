"""The trainer's pages: assigning with a sentence that reads it back, the table of results."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from tests.builders import NOON
from tests.personas import ALICE, BOB, CHARLIE, DANA
from tests.web import papers
from tests.web import site as sites
from tests.web.site import X05, PanelSite


def assign(site: PanelSite, **said: Any) -> str:
    values = {"exercise_version": X05, "person": [ALICE.id, CHARLIE.id], "due": "", "max_attempts": "", **said}
    bob = site.logged_in(BOB)
    reply = bob.post("/teaching/assignments", values)
    return reply.text if reply.status_code != 303 else bob.get("/teaching/assignments").text


def standing(site: PanelSite) -> list[tuple[str, int | None]]:
    with site.database.reading() as stores:
        return sorted((one.person, one.max_attempts) for one in stores.assignments.all() if one.withdrawn_at is None)


def test_assigning_reads_back_who_what_when_and_how_often(site: PanelSite) -> None:
    page = assign(site, due="2030-03-08T18:00", max_attempts="3")
    assert "爱丽丝、查理（共 2 人）：门诊接诊上呼吸道感染(青霉素过敏)，课堂，星期五 18:00前完成，" in page
    assert "可练 3 次，取最好成绩，80 分合格，报告由您公布。" in page
    assert standing(site) == [("alice", 3), ("charlie", 3)]
    with site.database.reading() as stores:
        due = stores.assignments.all()[0].due
    assert due is not None
    assert due.isoformat() == "2030-03-08T10:00:00+00:00"


def test_the_sentence_is_read_back_before_sending(site: PanelSite) -> None:
    bob = site.logged_in(BOB)
    asked = bob.get(f"/teaching/assignments/sentence?exercise_version={X05}&person=alice")
    assert asked.get_json()["sentence"].startswith("爱丽丝（共 1 人）：")
    assert bob.get("/teaching/assignments/sentence").get_json()["sentence"] == "请至少选择一人。"
    assert standing(site) == []


def test_full_width_digits_and_blanks_are_understood(site: PanelSite) -> None:
    assign(site, max_attempts=" ３ ")
    assert standing(site) == [("alice", 3), ("charlie", 3)]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"person": []}, "请至少选择一人"),
        ({"max_attempts": "0"}, "次数应为 1 到 99"),
        ({"max_attempts": "many"}, "次数应为 1 到 99"),
        ({"due": "Friday"}, "截止时间格式不正确"),
        ({"due": "2020-01-01T00:00"}, "截止时间已过"),
    ],
)
def test_a_wrong_form_keeps_what_was_typed(site: PanelSite, said: dict[str, Any], words: str) -> None:
    page = assign(site, **said)
    assert words in page
    assert standing(site) == []
    if "due" in said:
        assert f'value="{said["due"]}"' in page


def test_who_cannot_practise_is_not_offered_nor_assigned(site: PanelSite) -> None:
    page = assign(site, person=[DANA.id])
    assert "请至少选择一人" in page
    assert f'value="{DANA.id}"' not in page


def test_assigning_again_tells_that_they_have_it(site: PanelSite) -> None:
    assign(site)
    assert "已指派给 0 人" in assign(site)


def test_withdrawing_keeps_the_attempts(site: PanelSite) -> None:
    key = sites.assigned(site, ALICE)
    sites.graded(site, ALICE, papers.CAREFUL, assignment=key)
    bob = site.logged_in(BOB)
    for _twice in range(2):
        assert bob.post(f"/teaching/assignments/{key}/withdraw").status_code == 303
    assert standing(site) == []
    assert "100.0" in bob.get("/teaching/results").text


def test_results_show_where_everybody_stands(site: PanelSite) -> None:
    sites.graded(site, ALICE, papers.HASTY, assignment=sites.assigned(site, ALICE, max_attempts=3))
    sites.assigned(site, CHARLIE, due=NOON - timedelta(days=1))
    page = site.logged_in(BOB).get("/teaching/results").text
    assert "尚未合格" in page
    assert "1 / 3" in page
    assert "已逾期" in page


def names(page: str) -> list[str]:
    return re.findall(r"<tr><td><b>([^<]+)</b>", page)


def test_results_filter_and_sort_by_the_address(site: PanelSite) -> None:
    sites.graded(site, ALICE, papers.CAREFUL, assignment=sites.assigned(site, ALICE))
    sites.graded(site, CHARLIE, papers.HASTY, assignment=sites.assigned(site, CHARLIE))
    bob = site.logged_in(BOB)
    assert names(bob.get("/teaching/results?sort=best&down=1").text) == ["爱丽丝", "查理"]
    assert names(bob.get("/teaching/results?sort=best&down=0").text) == ["查理", "爱丽丝"]
    assert names(bob.get("/teaching/results?q=心内").text) == ["查理"]
    assert names(bob.get("/teaching/results?state=passed").text) == ["爱丽丝"]
    assert names(bob.get("/teaching/results?exercise=nothing").text) == []
    assert names(bob.get("/teaching/results?sort='; drop table&down=x").text) == ["查理", "爱丽丝"]


def test_a_report_leads_to_the_other_attempts(site: PanelSite) -> None:
    first = sites.graded(site, ALICE, papers.HASTY, assignment=None)
    second = sites.graded(site, ALICE, papers.CAREFUL, assignment=None)
    page = site.logged_in(BOB).get(f"/teaching/reports/{first}").text
    assert f'href="/teaching/reports/{second}"' in page

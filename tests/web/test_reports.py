"""The report page: what was expected, what was found, with evidence, critical mistakes first."""

from __future__ import annotations

import re

import pytest

from sandbox.attempts.model import AttemptId, AttemptState
from sandbox.people.model import Person
from tests.builders import NOON, make_attempt
from tests.personas import ALICE, BOB, CHARLIE, DANA
from tests.web import papers
from tests.web import site as sites
from tests.web.site import X05, PanelSite


def test_a_full_score_is_seen_at_a_glance(site: PanelSite) -> None:
    attempt = sites.graded(site, ALICE, papers.CAREFUL, assignment=None)
    page = site.logged_in(ALICE).get(f"/reports/{attempt}").text
    assert 'data-verdict="pass" data-score="100.0"' in page
    assert "8 项中 8 项全对" in page
    assert "未看提示" in page


def test_critical_mistakes_come_first_then_what_can_be_learnt(site: PanelSite) -> None:
    attempt = sites.graded(site, ALICE, papers.HASTY, assignment=None)
    page = site.logged_in(ALICE).get(f"/reports/{attempt}").text
    assert re.findall(r'data-loss="([a-z-]+)"', page)[0] == "penicillin"
    outcomes = re.findall(r'data-outcome="([a-z_]+)"', page)
    assert outcomes == sorted(outcomes, key=("none", "part", "not_reached", "error", "full").index)
    assert page.index("data-loss") < page.index("data-line")


def test_a_line_says_expected_found_evidence_and_advice(site: PanelSite) -> None:
    attempt = sites.graded(site, ALICE, papers.HASTY, assignment=None)
    page = site.logged_in(ALICE).get(f"/reports/{attempt}").text
    line = page[page.index('data-line="allergy-row"') :]
    line = line[: line.index("</article>")]
    assert "轻度或中度" in line
    assert "重度/过敏性休克" in line
    assert "皮疹、无呼吸困难" in line
    assert "#9" in line
    assert "院内时间 2030-03-04 08:36:40" in line


def test_the_english_report_is_english(site: PanelSite) -> None:
    attempt = sites.graded(site, CHARLIE, papers.HASTY, assignment=None)
    page = site.logged_in(CHARLIE).get(f"/reports/{attempt}").text
    assert "Allergy recorded before the prescription is signed" in page
    assert "something that must be right" in page or "a critical mistake was made" in page


def test_lists_show_every_attempt_with_its_state(site: PanelSite) -> None:
    sites.graded(site, ALICE, papers.CAREFUL, assignment=None)
    with site.database.transaction() as stores:
        gone = make_attempt(exercise_version=X05, state=AttemptState.INTERRUPTED, closed_at=NOON)
        stores.attempts.add(gone)
    page = site.logged_in(ALICE).get("/reports").text
    assert "已中断" in page
    assert "合格" in page
    assert f"/reports/{gone.id}" not in page


def test_an_attempt_without_a_report_says_why(site: PanelSite) -> None:
    with site.database.transaction() as stores:
        gone = make_attempt(exercise_version=X05, state=AttemptState.INTERRUPTED, closed_at=NOON)
        stores.attempts.add(gone)
    page = site.logged_in(ALICE).get(f"/reports/{gone.id}").text
    assert "已中断" in page
    assert "data-grading" not in page


@pytest.mark.parametrize(
    ("reader", "status"), [(BOB, 200), (CHARLIE, 403), (DANA, 403)], ids=["trainer", "stranger", "it"]
)
def test_who_may_read_somebodys_report(site: PanelSite, reader: Person, status: int) -> None:
    attempt = sites.graded(site, ALICE, papers.CAREFUL, assignment=None)
    path = "/teaching/reports/" if reader is BOB else "/reports/"
    assert site.logged_in(reader).get(path + attempt).status_code == status


def test_a_changed_report_file_is_refused_with_a_reference(site: PanelSite) -> None:
    attempt = sites.graded(site, ALICE, papers.CAREFUL, assignment=None)
    with site.database.reading() as stores:
        name = stores.results.of(AttemptId(attempt))[0].report_sha256
    file = next(site.services.settings.site.state.rglob(name))
    file.chmod(0o644)
    file.write_bytes(file.read_bytes().replace(b'"100.0"', b'"100.1"'))
    page = site.logged_in(ALICE).get(f"/reports/{attempt}")
    assert page.status_code == 500
    assert "SBX-405" in page.text

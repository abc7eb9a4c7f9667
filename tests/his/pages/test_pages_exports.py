"""Reports and the audit as files: approved by another person, for a purpose, nothing that a spreadsheet computes."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Callable, Iterator

import pytest

from his.shell import exporting
from sandbox.contract.exercise_pack import FREE_PRACTICE, Seat
from sandbox.contract.seats import initial_password
from tests.his import packs
from tests.his.pages.browser import Browser
from tests.his.stage import Stage

At = Callable[[str], Browser]

MORE = (Seat(name="fin2", role="FIN", dept="D0908", ward=None, title=packs.make_words("财务二")),)
WORKLOAD = "/reports/?report=workload"


@pytest.fixture
def stage(golden: sqlite3.Connection) -> Iterator[Stage]:
    with Stage.set_up(golden, seats=(*FREE_PRACTICE.seats, *MORE)) as made:
        yield made


def last(stage: Stage) -> tuple[str, str, str | None]:
    found = stage.rows()[-1]
    return found.action, found.outcome, found.code


def lines(browser: Browser) -> list[list[str]]:
    assert browser.page.headers["Content-Type"].startswith("text/csv")
    assert browser.page.headers["Content-Disposition"].startswith("attachment; ")
    text = browser.replies[-1].data.decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def test_a_report_leaves_with_another_persons_approval_only(at: At, stage: Stage) -> None:
    clerk = at("fin")
    shown = [each.data("line") for each in clerk.opens(WORKLOAD).marked("line")]
    clerk.follows("export", "workload")
    clerk.submits("export.request", {"purpose": "十一月院务会"})
    assert (clerk.page.status, clerk.page.refusal) == (409, "E-PRV-02")
    assert last(stage) == ("export.request", "refused", "E-PRV-02")
    assert stage.rows()[-1].data == {"what": "STATS", "list": "workload", "purpose": "十一月院务会"}
    assert clerk.value("purpose") == "十一月院务会"
    clerk.submits("export.request", {"purpose": " ", "second": "colleague"})
    assert clerk.page.refusal == "E-GEN-06"
    clerk.submits("export.request", {"purpose": "工作需要", "second": "colleague"})
    assert clerk.page.refusal == "E-PRV-02"
    assert [each.action for each in stage.rows()[-3:]] == ["colleague.ask", "colleague.answer", "export.request"]
    form = clerk.form("export.request")
    clerk.sends(form, {"purpose": "十一月院务会", "second": "colleague"})
    band, head, *rows = lines(clerk)
    assert "培训环境" in band[0]
    assert [each[0] for each in rows] == shown
    assert {len(each) for each in rows} == {len(head)}
    row = stage.rows()[-1]
    assert (row.action, row.outcome, row.actor) == ("export.request", "ok", "fin")
    assert row.data == {
        "what": "STATS", "list": "workload 2026-08-25/2026-11-22", "purpose": "十一月院务会", "second": "colleague",
        "rows": len(rows),
    }  # fmt: skip
    known = len(stage.rows())
    clerk.sends(form, {"purpose": "十一月院务会", "second": "colleague"})
    assert [band, head, *rows] == lines(clerk)
    assert len(stage.rows()) == known, "a second press gives the same file"


def test_a_player_approves_with_his_own_password(at: At, stage: Stage) -> None:
    clerk = at("fin")
    other = stage.rows()[0].data["seats"]["fin2"]
    stage.run("UPDATE his_account SET status = 'active' WHERE name = 'PX-FIN2'")
    clerk.opens(WORKLOAD)
    clerk.follows("export", "workload")
    given = {"purpose": "十一月院务会", "second": other}
    clerk.submits("export.request", {**given, "second_password": "guess"})
    assert (clerk.page.refusal, last(stage)[2]) == ("E-GEN-07", "E-GEN-07")
    clerk.submits("export.request", {**given, "second_password": initial_password(packs.NONCE, "fin2")})
    assert stage.rows()[-1].data["second"] == "fin2"
    assert lines(clerk)


def test_who_may_not_see_a_list_does_not_export_it(at: At, stage: Stage) -> None:
    clerk, other = at("mrc"), at("cas")
    clerk.opens(WORKLOAD)
    clerk.follows("export", "workload")
    action = clerk.form("export.request").action
    given = {"report": "workload", "purpose": "院务会", "second": "colleague"}
    other.posts(action, given)
    assert (other.page.refusal, last(stage)) == ("E-GEN-02", ("export.request", "refused", "E-GEN-02"))
    assert other.opens("/reports/export?report=workload").refusal == "E-GEN-02"
    clerk.posts(action, {**given, "report": "drugs_by_doctor"})
    assert clerk.page.refusal == "E-PRV-03"
    head = at("hod")
    head.opens(WORKLOAD)
    head.posts(action, {**given, "report": "stock"})
    assert head.page.refusal == "E-GEN-02"


def test_the_audit_is_exported_as_it_was_filtered(at: At, stage: Stage) -> None:
    stage.does("doc", "allergy.record", patient="$li", **{"class": "PEN", "severity": "1", "reaction": "=1+1"})
    clerk = at("ita")
    clerk.opens("/admin/audit?actor=doc&outcome=ok")
    clerk.follows("export", "audit")
    clerk.submits("export.request", {"purpose": "季度审计"})
    assert clerk.page.refusal == "E-PRV-02"
    clerk.submits("export.request", {"purpose": "季度审计", "second": "colleague"})
    _, head, *rows = lines(clerk)
    found = [each for each in stage.rows() if (each.actor, each.outcome) == ("doc", "ok")]
    assert [each[0] for each in rows] == [str(each.seq) for each in reversed(found)]
    assert len(head) == 7
    told = stage.rows()[-1].data
    assert (told["what"], told["list"], told["rows"]) == ("AUDIT", "actor=doc;outcome=ok", len(rows))
    assert at("doc").opens("/admin/audit/export").refusal == "E-GEN-02"


def test_the_safety_page_leads_reports_to_their_own_page(at: At, stage: Stage) -> None:
    clerk = at("fin")
    clerk.opens("/safety/export")
    clerk.submits("export.request", {"what": "STATS", "purpose": "院务会"})
    assert clerk.page.refusal == "E-PRV-02"
    assert "统计报表" in clerk.page.text
    assert stage.refused("fin", "export.request", what="RECORD", purpose="院务会") == "E-PRV-02"


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", "－1+1", "＋1", "＠a"]
)
def test_no_cell_is_computed(cell: str) -> None:
    assert exporting.harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "-12.50", "12.5%", "呼吸内科", "a=1", "3-4"])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert exporting.harmless(cell) == cell

"""Reports through their page: what they count, who may run which, the days, paper, and the one that nobody gets."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from his.reports import running
from sandbox.robot.pages import Page
from tests.his import packs
from tests.his.pages.browser import Browser
from tests.his.stage import Stage

At = Callable[[str], Browser]

TODAY = f"since={packs.ANCHOR}&until={packs.ANCHOR}"


def figures(page: Page, about: str) -> list[str]:
    """Return the figures of one line of the table."""
    row = re.search(rf'<tr data-line="{about}">(.*?)</tr>', page.text, re.DOTALL)
    assert row is not None, page.text
    return re.findall(r'<td class="num">([^<]*)</td>', row.group(1))


def last(stage: Stage) -> tuple[str, str, str | None]:
    found = stage.rows()[-1]
    return found.action, found.outcome, found.code


def sum_of(stage: Stage, sql: str) -> Decimal:
    found = stage.hospital.database.connection().execute(sql)
    return sum((Decimal(each[0]) for each in found), Decimal(0))


def test_every_report_counts_and_is_recorded(at: At, stage: Stage) -> None:
    clerk = at("mrc")
    for name in running.REPORTS:
        page = clerk.opens(f"/reports/?report={name}")
        assert (page.status, last(stage)) == (200, ("report.run", "ok", None)), name
        assert stage.rows()[-1].data == {"report": name, "range": "2026-08-25/2026-11-22"}
        lines = page.marked("line")
        assert lines, name
        assert page.text.count('class="bar-of"') == len(lines)


def test_a_new_visit_shows_in_todays_workload(at: At, stage: Stage) -> None:
    clerk = at("fin")
    before = figures(clerk.opens(f"/reports/?report=workload&{TODAY}"), "呼吸内科")
    stage.does("reg", "registration.create", patient="$stranger", dept="D0101", doctor="doc", level="GEN")
    after = figures(clerk.opens(f"/reports/?report=workload&{TODAY}"), "呼吸内科")
    assert int(after[3]) == int(before[3]) + 1
    assert sum(map(int, after[:3])) == int(after[3])


def test_money_adds_up_to_the_cent(at: At, stage: Stage) -> None:
    clerk = at("fin")
    clerk.opens("/reports/?report=income_channel&since=2025-01-01")
    wanted = sum_of(
        stage,
        'SELECT "total" FROM "invoice" WHERE "status" != \'reversed\' AND "issued_at" >= -690 * 86400',
    )
    cells = re.findall(r'<td class="num">(-?\d+\.\d\d)</td></tr>', clerk.page.text)
    assert sum(map(Decimal, cells)) == wanted
    page = clerk.opens("/reports/?report=stock")
    value = sum_of(
        stage,
        'SELECT b."quantity" * 1.0 * CAST(REPLACE(d."price_cny", \'.\', \'\') AS INTEGER) FROM "stock_batch" b '
        'JOIN "drugs" d ON d."drug_code" = b."drug"',
    )
    assert sum(Decimal(figures(page, each.data("line") or "")[3]) for each in page.marked("line")) == value / 100


def test_a_paid_prescription_shows_in_income_and_prescriptions(at: At, stage: Stage) -> None:
    clerk = at("fin")
    before = figures(clerk.opens(f"/reports/?report=income_class&{TODAY}"), "药品费")
    stage.charge("M008")
    after = figures(clerk.opens(f"/reports/?report=income_class&{TODAY}"), "药品费")
    newest = max(stage.table("prescription"), key=lambda each: (len(each["id"]), each["id"]))
    amount = Decimal(newest["amount"])
    assert Decimal(after[3]) - Decimal(before[3]) == amount
    share = figures(clerk.opens(f"/reports/?report=prescriptions&{TODAY}"), "呼吸内科")[4]
    assert share.endswith("%")


def test_a_head_counts_his_own_department_only(at: At, stage: Stage) -> None:
    head = at("hod")
    page = head.opens("/reports/?report=workload")
    assert [each.data("line") for each in page.marked("line")] == ["呼吸内科"]
    assert page.link("report", "stock") is None
    for whole in ("income_channel", "stock"):
        assert head.opens(f"/reports/?report={whole}").refusal == "E-GEN-02"
        assert last(stage) == ("report.run", "refused", "E-GEN-02")
    for name in ("income_class", "waiting", "prescriptions", "refunds"):
        assert head.opens(f"/reports/?report={name}").refusal is None


def test_nobody_counts_drugs_per_doctor(at: At, stage: Stage) -> None:
    for seat in ("hod", "fin", "mrc"):
        clerk = at(seat)
        clerk.opens("/reports/")
        clerk.follows("report", running.DRUGS_BY_DOCTOR)
        assert (clerk.page.status, clerk.page.refusal) == (409, "E-PRV-03")
        assert last(stage) == ("report.run", "refused", "E-PRV-03")
        assert not clerk.page.marked("line")


def test_other_roles_run_nothing(at: At, stage: Stage) -> None:
    for seat in ("ita", "doc", "pha", "cas"):
        clerk = at(seat)
        assert clerk.opens("/reports/?report=workload").refusal == "E-GEN-02"
        clerk.submits("auth.logout")
        assert stage.refused(seat, "report.run", report="workload") == "E-GEN-02"
    assert stage.refused("ita", "report.run", report=running.DRUGS_BY_DOCTOR) == "E-PRV-03"


def test_days_that_are_none_are_refused(at: At, stage: Stage) -> None:
    clerk = at("fin")
    for days in (
        "since=yesterday", "since=2026-11-21&until=2026-11-20", "until=2027-01-01", "since=2020-01-01", "since=%00",
    ):  # fmt: skip
        page = clerk.opens(f"/reports/?report=workload&{days}")
        assert (page.status, page.refusal) == (409, "E-GEN-06"), days
        assert last(stage) == ("report.run", "refused", "E-GEN-06")
    assert clerk.opens("/reports/?report=nonsense").refusal == "E-GEN-06"
    assert "该时段没有数据" in clerk.opens("/reports/?report=workload&since=2024-11-01&until=2024-11-02").text


def test_printing_a_report_is_recorded(at: At, stage: Stage) -> None:
    clerk = at("fin")
    clerk.opens("/reports/?report=refunds")
    clerk.submits("print.document", {"purpose": "meeting"})
    printed = next(each for each in reversed(stage.rows()) if each.action == "print.document")
    assert printed.data == {"document": "report:refunds", "purpose": "meeting"}
    assert "data-print-now" in clerk.page.text

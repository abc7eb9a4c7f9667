"""Prices of drugs through finance's page: the notice, its paper, what the store sees, and who may not."""

from __future__ import annotations

from collections.abc import Callable

from tests.his.pages.browser import Browser
from tests.his.stage import Stage

Seat = Callable[[str], Browser]

NOTICE = {"new": "88.80", "notice": "tj-2026-015", "reason": "SUPPLY", "note": "供货价通知"}


def last(stage: Stage) -> tuple[str, str, str | None]:
    found = stage.rows()[-1]
    return found.action, found.outcome, found.code


def test_finance_finds_a_drug_issues_its_notice_and_prints_it(at: Seat, stage: Stage) -> None:
    finance = at("fin")
    finance.opens("/finance")
    finance.follows("tab", "prices")
    finance.submits("stock.view", {"q": "M008"})
    form = finance.form("stock.price_change", drug="M008")
    assert dict(form.fields)["effective_at"] == "2026-11-23 00:00"
    finance.submits("stock.price_change", {**NOTICE, "effective_at": ""})
    assert (finance.page.refusal, last(stage)) == ("E-GEN-04", ("stock.price_change", "refused", "E-GEN-04"))
    assert dict(finance.form("stock.price_change").fields)["new"] == "88.80"
    finance.submits("stock.price_change", {"second": "colleague", "new": ""})
    assert finance.page.refusal == "E-GEN-06"
    finance.submits("stock.price_change", {**NOTICE, "effective_at": "", "second": "colleague"})
    assert finance.page.refusal is None
    change = stage.one("price_change", notice="TJ-2026-015")
    assert change["status"] == "in_force"
    assert finance.page.marked("notice", change["id"])
    finance.opens(f"/finance/prices/{change['id']}/notice")
    assert "TJ-2026-015" in finance.page.text
    assert "88.80" in finance.page.text
    finance.submits("print.document", {"purpose": "file"})
    assert stage.rows()[-1].data["document"] == "price_notice:TJ-2026-015"


def test_a_notice_to_come_is_listed_and_the_store_sees_it(at: Seat, stage: Stage) -> None:
    finance = at("fin")
    finance.opens("/finance/prices?drug=M008")
    finance.submits("stock.price_change", {**NOTICE, "effective_at": "２０２６-11-22 09:30", "second": "colleague"})
    change = stage.one("price_change", notice="TJ-2026-015")
    assert (change["status"], change["effective_at"]) == ("pending", "2026-11-22T09:30:00")
    assert [each.data("price-change") for each in finance.page.marked("price-change")] == [change["id"]]
    pharmacist = at("pha")
    pharmacist.opens("/store/ledger?q=M008")
    assert pharmacist.page.marked("price-notice", "TJ-2026-015")
    stage.at(91)
    batch = next(each for each in stage.table("stock_batch") if each["drug"] == "M008" and each["quantity"])
    pharmacist.opens(f"/store/ledger?q=M008&batch={batch['id']}")
    assert "TJ-2026-015 " in pharmacist.page.text
    assert stage.one("price_change", id=change["id"])["status"] == "in_force"


def test_the_page_is_finances_and_so_is_the_form(at: Seat, stage: Stage) -> None:
    finance, clerk = at("fin"), at("cas")
    finance.opens("/finance/prices?drug=M008")
    clerk.opens("/finance/prices?drug=M008")
    assert (clerk.page.status, clerk.page.refusal) == (409, "E-GEN-02")
    clerk.opens("/cashier/")
    clerk.posts("/finance/prices/M008", {**NOTICE, "second": "colleague"})
    assert (clerk.page.refusal, last(stage)) == ("E-GEN-02", ("stock.price_change", "refused", "E-GEN-02"))
    assert stage.table("price_change") == []


def test_a_drug_that_nobody_knows_is_no_drug(at: Seat, stage: Stage) -> None:
    finance = at("fin")
    finance.opens("/finance/prices?q=zzzz")
    assert finance.page.form("stock.price_change") is None
    finance.posts("/finance/prices/M999", {**NOTICE, "second": "colleague"})
    assert finance.page.refusal == "E-GEN-06"
    finance.opens("/finance/prices?q=a")
    assert len(finance.page.marked("drug")) > 1

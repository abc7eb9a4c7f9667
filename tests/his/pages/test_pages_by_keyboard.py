"""The doctor's main flow in a real browser, without a mouse; and pages that fit their window."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium

from sandbox.contract.exercise_pack import StartRow
from sandbox.contract.seats import initial_password
from tests.his import packs
from tests.his.pages.browser import NEW_PASSWORD
from tests.his.pages.workstation import SIZES, Desk, served

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(golden_file: Path, tmp_path: Path, chromium: Chromium, request: pytest.FixtureRequest) -> Iterator[Desk]:
    """A desk of the usual pack; a parameter is start rows beside the usual ones."""
    usual = packs.make_pack()
    pack = replace(usual, add=(*usual.add, *getattr(request, "param", ())))
    with served(golden_file, tmp_path, packs.make_arm(clock="real", pack=pack)) as (hospital, address):
        context = chromium.new_context(locale="zh-CN", viewport=SIZES[0])
        yield Desk(hospital=hospital, page=context.new_page(), address=address)
        context.close()


def test_the_doctor_needs_no_mouse(desk: Desk) -> None:
    password = initial_password(packs.NONCE, "doc")
    desk.page.goto(f"{desk.address}/")
    desk.types("PX-DOC")
    desk.press("Enter")
    desk.types(password)
    desk.goes("Enter")
    desk.types(password)
    desk.press("Enter")
    desk.types(NEW_PASSWORD)
    desk.press("Enter")
    desk.types(NEW_PASSWORD)
    desk.goes("Enter")

    desk.fits()
    desk.goes("Enter")
    desk.goes("F9")
    desk.press("Space", "Tab", "Space")
    desk.fits()
    desk.goes("F9")

    desk.goes("Alt+3")
    desk.picks("j06")
    desk.goes("F2")

    desk.goes("Alt+4")
    for text in ("咽痛2天", "受凉后咽痛", "既往体健", "咽部充血", "对症治疗"):
        desk.types(text)
        desk.press("Tab")
    desk.fits()
    desk.goes("F9")

    desk.goes("Alt+5")
    desk.picks("amxl")
    desk.goes("F9")
    assert "返回修改" in str(desk.page.evaluate("document.activeElement.textContent"))
    desk.fits()
    desk.goes("Escape")
    assert desk.page.input_value("[name=drug]") == "M001"

    desk.press("Control+a")
    desk.picks("blf")
    desk.press(*["Enter"] * 5)
    assert desk.page.locator("tr.entry").count() == 2
    assert desk.page.locator("tbody [data-fill=amount]").first.inner_text()
    desk.goes("F9")
    desk.goes("Alt+1")
    desk.goes("F9")

    acts = desk.told()
    for act in (
        "registration.call",
        "registration.start",
        "diagnosis.add",
        "medical_record.sign",
        "alert.heeded",
        "registration.finish",
    ):
        assert act in acts
    assert desk.complaints() == []


def test_the_clerk_finds_while_typing_and_the_change_is_computed(desk: Desk) -> None:
    _enter(desk, "reg")
    desk.types("秦望")
    desk.page.wait_for_selector("#hits tr[data-patient]")
    desk.press("ArrowDown")
    desk.goes("Enter")
    desk.goes("Enter")
    desk.goes("F9")
    desk.types("100")
    assert desk.page.inner_text("[data-change]") == "80.00"
    desk.fits()
    desk.goes("F9")
    assert "registration.pay" in desk.told()
    assert desk.complaints() == []


def test_the_nurse_posts_a_treatment_without_a_mouse(desk: Desk) -> None:
    _enter(desk, "nur")
    desk.goes("Alt+3")
    desk.goes("Enter")
    desk.chooses("item", "F017")
    desk.fits()
    desk.goes("F9")
    assert "charge_item.post" in desk.told()
    assert desk.complaints() == []


def test_the_records_desk_corrects_a_person_without_a_mouse(desk: Desk) -> None:
    _enter(desk, "mrc")
    desk.goes("Alt+2")
    desk.types("秦望")
    desk.page.wait_for_selector("#hits tr[data-patient]")
    desk.press("ArrowDown")
    desk.goes("Enter")
    desk.fits()
    desk.goes("F9")
    desk.refused("F2", "E-GEN-04")
    desk.fills("phone", "15400000035")
    desk.chooses("second", "colleague")
    desk.fits()
    desk.goes("F2")
    assert "patient_index.update" in desk.told()
    assert desk.complaints() == []


def test_the_emergency_nurse_creates_an_unknown_without_a_mouse(desk: Desk) -> None:
    _enter(desk, "nure")
    desk.goes("Alt+4")
    desk.goes("F4")
    desk.types("无名氏甲")
    desk.chooses("sex", "1")
    desk.fills("birth_date", "1980-01-01")
    desk.fits()
    desk.goes("F2")
    assert "patient_index.create" in desk.told()
    assert desk.complaints() == []


PHARMACY = tuple(
    StartRow(table=table, alias=alias, row=columns)
    for table, alias, columns in (
        ("stock_batch", "b1", {"drug": "M008", "batch_no": "AZ1", "expiry": "+90d", "quantity": 20}),
        ("stock_batch", "b2", {"drug": "M054", "batch_no": "IN1", "expiry": "-4d", "quantity": 3}),
        ("prescription", "paid", {"patient": "$zhang", "status": "charged"}),
        ("prescription", "asked", {"patient": "$li", "status": "return_requested", "return_reason": "ADR"}),
        ("rx_item", None, {"prescription": "$paid", "drug": "M008", "quantity": 1}),
        ("rx_item", None, {"prescription": "$asked", "drug": "M008", "quantity": 2, "return_qty": 1}),
        ("stock_movement", None, {"batch": "$b1", "type": "DISPENSE", "quantity": -2, "prescription": "$asked"}),
    )
)


@pytest.mark.parametrize("desk", [PHARMACY], indirect=True)
def test_the_pharmacist_needs_no_mouse(desk: Desk) -> None:
    _enter(desk, "pha")
    desk.goes("Alt+2")
    desk.press("F3")
    desk.types("zht")
    desk.goes("Enter")
    desk.fits()
    desk.goes("F9")

    desk.goes("Alt+5")
    desk.press("F3")
    desk.types("lqy")
    desk.goes("Enter")
    desk.fits()
    for text in ("AZ1", "1"):
        desk.types(text)
        desk.press("Enter")
    desk.press("Space")
    desk.goes("F9")

    desk.goes("Alt+6")
    desk.fits()
    desk.press("F3")
    desk.types("mdyds")
    desk.goes("Enter")
    desk.goes("Enter")
    desk.fits()
    desk.press("ArrowDown", "ArrowDown", "Enter")
    desk.types("3")
    desk.press("Enter", "End", "Enter")
    desk.goes("F9")

    acts = desk.told()
    for act in ("prescription.pick", "prescription.accept_return", "colleague.answer", "stock_batch.scrap"):
        assert act in acts
    assert desk.complaints() == []


def test_mail_and_reports_need_no_mouse(desk: Desk) -> None:
    with desk.hospital.database.transaction() as connection:
        for key in ("ml1", "ml2"):
            connection.execute(
                'INSERT INTO "mail" ("id", "subject_zh", "body_zh", "link", "lure", "delivered_at", "status") '
                "VALUES (?, ?, '请点击链接', 'http://bad.invalid/', 'phishing', 28000, 'new')",
                (key, f"主题{key}"),
            )
    _enter(desk, "doc")
    desk.goes("Alt+0")
    desk.fits()
    desk.press("ArrowDown")
    desk.goes("Enter")
    assert "主题ml1" in desk.page.inner_text("[data-open-mail=ml1]")
    desk.fits()
    desk.page.focus(".as-link")
    desk.goes("Enter")
    assert desk.page.locator("[data-landing=phishing]").count() == 1
    assert desk.page.locator(".done-line").count() == 0, "no tick praises the mistake"
    desk.fits()
    desk.goes("Escape")

    desk.page.focus("[data-tab=safety]")
    desk.goes("Enter")
    desk.press("ArrowDown", "Tab")
    desk.types("收到可疑邮件")
    desk.goes("F2")
    desk.fits()
    assert desk.page.locator("[data-incident]").count() == 1
    desk.page.focus("[data-safety=export]")
    desk.goes("Enter")
    desk.fits()
    desk.goes("F2")
    assert desk.page.get_attribute("[data-refusal]", "data-refusal") == "E-PRV-02"
    assert [each for each in desk.told() if each.startswith(("mail", "incident", "export"))] == [
        "mail.open",
        "mail.link_follow",
        "incident.report",
        "export.request",
    ]
    assert desk.complaints() == []


def test_a_screen_that_nobody_touches_locks_itself(desk: Desk) -> None:
    _enter(desk, "doc")
    with desk.hospital.database.transaction() as connection:
        connection.execute('UPDATE "limits" SET "value" = \'0\' WHERE "key" = \'screen_lock_minutes\'')
    desk.press("Alt+7")
    desk.page.wait_for_selector("#password")
    assert desk.page.url.split("?")[0].endswith("/locked")
    assert "auth.lock_screen" in desk.told()


def _enter(desk: Desk, seat: str) -> None:
    with desk.hospital.database.transaction() as connection:
        connection.execute("UPDATE his_account SET status = 'active' WHERE name = ?", (f"PX-{seat.upper()}",))
    desk.page.goto(f"{desk.address}/login")
    desk.types(f"px-{seat}")
    desk.press("Enter")
    desk.types(initial_password(packs.NONCE, seat))
    desk.goes("Enter")

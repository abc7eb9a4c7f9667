"""The IT desk and the head's requests through their pages: accounts, role templates, dictionaries, the audit."""

from __future__ import annotations

import re
from collections.abc import Callable

from sandbox.contract.seats import initial_password
from sandbox.robot.pages import Page
from tests.his import packs
from tests.his.pages.browser import NEW_PASSWORD, Browser
from tests.his.stage import Stage

Seat = Callable[[str], Browser]

NEWCOMER, LEAVER, WAITS = "staff-D0101-nurse2", "staff-D0903-reg6", "staff-D0504-nurse2"


def person(stage: Stage, label: str) -> str:
    found = stage.hospital.database.connection().execute('SELECT "id" FROM "staff" WHERE "label" = ?', (label,))
    return str(found.fetchone()["id"])


def account(stage: Stage, label: str) -> str:
    return str(stage.one("his_account", staff=person(stage, label))["id"])


def of_seat(stage: Stage, seat: str) -> str:
    return str(stage.one("his_account", name=f"PX-{seat.upper()}")["id"])


def shown_password(browser: Browser) -> str:
    found = re.search(r'data-initial-password.*?class="money">([^<]+)<', browser.page.text, re.DOTALL)
    assert found is not None
    return found.group(1)


def listed(page: Page, name: str) -> list[str]:
    """Return what the rows of a list are about."""
    return [str(each.data(name)) for each in page.marked(name) if each.tag == "tr"]


def last(stage: Stage) -> tuple[str, str, str | None]:
    found = stage.rows()[-1]
    return found.action, found.outcome, found.code


def test_an_account_goes_from_the_head_to_it_to_its_owner(at: Seat, browser: Browser, stage: Stage) -> None:
    head, clerk = at("hod"), at("ita")
    head.opens("/admin/requests")
    head.submits("his_account.request", {"staff": person(stage, NEWCOMER), "role": "NUR"})
    assert head.page.refusal is None
    key = account(stage, NEWCOMER)
    clerk.opens(f"/admin/accounts?account={key}")
    clerk.submits("his_account.provision")
    assert (clerk.page.status, clerk.page.refusal) == (409, "E-ACC-01")
    stage.at(151)
    clerk.opens(f"/admin/accounts?account={key}")
    form = clerk.form("his_account.provision")
    clerk.sends(form, {"name": "liu01"})
    password = shown_password(clerk)
    clerk.sends(form, {"name": "liu01"})
    assert shown_password(clerk) == password, "a second press shows the same one"
    assert password not in clerk.opens(f"/admin/accounts?account={key}").text
    assert password not in repr(stage.rows())
    browser.opens("/login")
    browser.submits("auth.login", {"account": "LIU01", "password": password})
    browser.submits("auth.password_change", {"old": password, "new": NEW_PASSWORD, "again": NEW_PASSWORD})
    browser.submits("auth.agreement_sign", {"agreed": "yes"})
    assert browser.page.refusal is None
    assert stage.one("his_account", id=key)["status"] == "active"


def test_a_request_that_lacks_something_keeps_what_was_chosen(at: Seat, stage: Stage) -> None:
    head = at("hod")
    head.opens("/admin/requests")
    head.submits("his_account.request", {"staff": person(stage, NEWCOMER), "role": ""})
    assert (head.page.refusal, head.value("staff")) == ("E-GEN-06", person(stage, NEWCOMER))


def test_a_head_stops_a_person_of_his_own_with_a_second_head(at: Seat, stage: Stage) -> None:
    head, key = at("hod"), account(stage, "staff-D0101-att")
    head.opens(f"/admin/requests?account={key}")
    head.submits("his_account.suspend", {"reason": "VIOLATION"})
    assert head.page.refusal == "E-GEN-04"
    head.submits("his_account.suspend", {"reason": "VIOLATION", "second": "colleague"})
    assert head.page.refusal is None
    assert stage.one("his_account", id=key)["status"] == "suspended"


def test_each_state_offers_what_may_be_done(at: Seat, stage: Stage) -> None:
    clerk = at("ita")
    for label, wanted in (
        (WAITS, {"his_account.provision"}),
        ("staff-D0902-cas6", {"his_account.unlock", "his_account.reset_password", "account.grant", "account.revoke"}),
        ("staff-D0103-nurse2", {"his_account.resume", "his_account.disable"}),
        (LEAVER, {"his_account.disable", "account.grant", "account.revoke"}),
        ("staff-D0904-mrc3", set()),
    ):
        clerk.opens(f"/admin/accounts?account={account(stage, label)}")
        deeds = {form.deed for form in clerk.page.forms if form.method == "post" and "account" in (form.deed or "")}
        assert deeds == wanted, label


def test_a_locked_account_is_opened_for_who_proves_himself(at: Seat, stage: Stage) -> None:
    clerk, key = at("ita"), of_seat(stage, "doc")
    stage.run('UPDATE "his_account" SET "status" = \'locked\' WHERE "id" = ?', key)
    clerk.opens(f"/admin/accounts?account={key}")
    clerk.submits("his_account.unlock", {"proof": "PHONE", "staff_no": "PXDOC"})
    assert (clerk.page.refusal, clerk.value("staff_no")) == ("E-GEN-07", "PXDOC")
    clerk.submits("his_account.unlock", {"proof": "BADGE", "staff_no": "PXDOC"})
    assert stage.one("his_account", id=key)["status"] == "active"
    clerk.submits("his_account.reset_password", {"proof": "CALLBACK", "staff_no": "PXDOC"})
    assert shown_password(clerk) != initial_password(packs.NONCE, "doc")


def test_a_leaver_is_closed_and_a_right_is_taken_by_two(at: Seat, stage: Stage) -> None:
    clerk, key = at("ita"), account(stage, LEAVER)
    clerk.opens("/admin/accounts?state=left")
    assert clerk.page.link("account-of", "10184")
    clerk.follows("account-of", "10184")
    clerk.submits("his_account.disable", {"reason": "LEFT"})
    assert clerk.page.refusal == "E-GEN-04"
    clerk.submits("his_account.disable", {"reason": "LEFT", "second": "colleague"})
    assert stage.one("his_account", id=key)["status"] == "disabled"
    doctor = of_seat(stage, "doc")
    stage.run('UPDATE "his_account" SET "status" = \'active\' WHERE "id" = ?', doctor)
    clerk.opens(f"/admin/accounts?account={doctor}")
    clerk.submits("account.grant", {"role": "HOD", "basis": "代理主任", "second": "colleague"})
    assert (clerk.page.refusal, clerk.value("basis")) == ("E-GEN-04", "代理主任")
    clerk.submits("account.revoke", {"role": "OPD", "basis": "离科", "second": "colleague"})
    assert stage.one("his_account", id=doctor)["roles"] == ""
    clerk.submits("account.grant", {"role": "OPD", "basis": "返科", "second": "colleague"})
    assert stage.one("his_account", id=doctor)["roles"] == "OPD"


def test_a_suspended_account_comes_back(at: Seat, stage: Stage) -> None:
    clerk, key = at("ita"), account(stage, "staff-D0103-nurse2")
    clerk.opens(f"/admin/accounts?account={key}&state=suspended")
    clerk.submits("his_account.resume", {"second": "colleague"})
    assert clerk.page.refusal == "E-GEN-06"
    clerk.submits("his_account.resume", {"basis": "复训考核合格", "second": "colleague"})
    assert stage.one("his_account", id=key)["status"] == "active"
    clerk.submits("his_account.suspend", {"reason": "LEAVE", "second": "colleague"})
    assert stage.one("his_account", id=key)["status"] == "suspended"


def test_the_list_is_searched_and_paged(at: Seat, stage: Stage) -> None:
    clerk = at("ita")
    first = listed(clerk.opens("/admin/accounts"), "account")
    second = listed(clerk.opens("/admin/accounts?page=2"), "account")
    assert len(first) == 21
    assert not set(first) & set(second)
    assert listed(clerk.opens("/admin/accounts?q=px-doc"), "account") == [of_seat(stage, "doc")]
    assert "没有符合条件的账号" in clerk.opens("/admin/accounts?q=nobody").text


def test_others_are_kept_out(at: Seat, stage: Stage) -> None:
    for seat in ("doc", "fin", "reg"):
        stranger = at(seat)
        for address in ("/admin/accounts", "/admin/roles", "/admin/dictionaries", "/admin/audit"):
            assert stranger.opens(address).refusal == "E-GEN-02"
        stranger.submits("auth.logout")
    doctor, clerk = at("doc"), at("ita")
    form = clerk.opens(f"/admin/accounts?account={account(stage, WAITS)}").form("his_account.provision")
    assert form is not None
    reply = doctor.client.post(form.action, data={**dict(form.filled({})), "form_token": doctor.value("form_token")})
    assert 'data-refusal="E-GEN-02"' in reply.text
    assert last(stage)[1:] == ("refused", "E-GEN-02")


def test_role_templates_say_what_a_role_may_do(at: Seat) -> None:
    clerk = at("ita")
    page = clerk.opens("/admin/roles?role=PHA")
    assert "rx.review" in page.text
    assert "stats.drug_by_doctor" not in page.text
    clerk.follows("template", "ITA")
    assert "audit.view" in clerk.page.text


def test_a_dictionary_is_changed_and_every_page_speaks_the_new_word(at: Seat, stage: Stage) -> None:
    clerk = at("ita")
    assert "呼吸内科" in clerk.opens("/admin/accounts").text
    clerk.opens("/admin/dictionaries?table=departments&row=D0101")
    clerk.submits("dictionary.edit", {"name_zh": "呼吸与危重症医学科"})
    assert clerk.page.refusal is None
    told = {"table": "departments", "key": "D0101", "column": "name_zh"}
    assert stage.rows()[-1].data == {**told, "before": "呼吸内科", "after": "呼吸与危重症医学科"}
    assert "呼吸与危重症医学科" in clerk.opens("/admin/accounts").text
    assert "hxywz" in clerk.opens("/admin/dictionaries?table=departments&row=D0101").text


def test_a_dictionary_takes_only_what_fits(at: Seat, stage: Stage) -> None:
    clerk = at("ita")
    clerk.opens("/admin/dictionaries?row=M008")
    for column, value in (
        ("max_daily_dose", "-1"), ("max_daily_dose", "much"), ("usual_dose", ""), ("high_alert", "2"),
        ("route_code", "nose"), ("freq_code", "never"), ("insurance_class", "丁"), ("generic_zh", ""),
    ):  # fmt: skip
        clerk.submits("dictionary.edit", {column: value})
        assert (clerk.page.refusal, last(stage)) == ("E-GEN-06", ("dictionary.edit", "refused", "E-GEN-06")), column
        clerk.opens("/admin/dictionaries?row=M008")
    clerk.submits("dictionary.edit", {"max_daily_dose": "1", "note_zh": ""})
    assert [each.data["column"] for each in stage.rows()[-2:]] == ["max_daily_dose", "note_zh"]
    clerk.submits("dictionary.edit")
    assert clerk.page.refusal == "E-GEN-06", "nothing was changed"
    form = clerk.form("dictionary.edit", entry="M008")
    stage.run('UPDATE "drugs" SET "max_daily_dose" = \'3\' WHERE "drug_code" = \'M008\'')
    clerk.sends(form, {"max_daily_dose": "2"})
    assert clerk.page.refusal == "E-GEN-05"


def test_a_price_of_a_drug_is_not_its_to_change(at: Seat, stage: Stage) -> None:
    clerk = at("ita")
    clerk.opens("/admin/dictionaries?row=M008")
    assert "price_cny" not in clerk.form("dictionary.edit", entry="M008").names
    fields = {"table": "drugs", "key": "M008", "column": "price_cny", "after": "1.00"}
    assert stage.refused("ita", "dictionary.edit", **fields) == "E-GEN-06"
    assert stage.refused("hod", "dictionary.edit", **{**fields, "column": "note_zh"}) == "E-GEN-02"
    assert stage.refused("ita", "dictionary.edit", **{**fields, "table": "journal"}) == "E-GEN-06"
    assert stage.refused("ita", "dictionary.edit", **{**fields, "key": "M999"}) == "E-GEN-06"


def test_a_new_fee_counts_at_the_window(at: Seat, stage: Stage) -> None:
    clerk = at("ita")
    clerk.opens("/admin/dictionaries?table=fee_items&row=F001")
    clerk.submits("dictionary.edit", {"price_cny": "7"})
    assert clerk.page.refusal == "E-GEN-06"
    clerk.submits("dictionary.edit", {"price_cny": "17.50"})
    stage.does("reg", "registration.create", patient="$stranger", dept="D0101", doctor="doc", level="GEN")
    assert stage.table("registration")[-1]["fee"] is not None
    assert "17.50" in {each["fee"] for each in stage.table("registration")}


def test_a_code_is_added_to_a_list_once(at: Seat, stage: Stage) -> None:
    clerk = at("ita")
    clerk.opens("/admin/dictionaries?table=code_lists&group=pay_channel")
    new = {"code": "union", "name_zh": "云闪付(模拟)", "name_en": "UnionPay (simulated)"}
    clerk.submits("dictionary.edit", {**new, "code": "银联"}, adds="pay_channel")
    assert (clerk.page.refusal, clerk.value("name_zh")) == ("E-GEN-06", "云闪付(模拟)")
    clerk.submits("dictionary.edit", new, adds="pay_channel")
    assert clerk.page.refusal is None
    told = {"table": "code_lists", "key": "pay_channel/UNION", "column": "name_zh", "after": "云闪付(模拟)"}
    assert told in [each.data for each in stage.rows()]
    clerk.submits("dictionary.edit", new, adds="pay_channel")
    assert clerk.page.refusal == "E-GEN-03"
    clerk.opens("/admin/dictionaries?table=limits&row=rx_max_days")
    clerk.submits("dictionary.edit", {"value": "seven"})
    assert clerk.page.refusal == "E-GEN-06"
    clerk.submits("dictionary.edit", {"value": "5"})
    assert clerk.page.refusal is None


def test_the_audit_tells_who_opened_what_and_no_content(at: Seat, stage: Stage) -> None:
    stage.diagnose()
    stage.write_record()
    stage.does("doc", "allergy.record", patient="$zhang", **{"class": "CEPH", "reaction": "皮疹", "severity": "1"})
    clerk = at("ita")
    page = clerk.opens("/admin/audit")
    assert last(stage) == ("audit.query", "ok", None)
    mrn = stage.one("patient", id=stage.bound("zhang"))["mrn"]
    assert mrn in page.text
    for secret in ("咳嗽", "皮疹", "J06.9", "CEPH", "张海涛"):
        assert secret not in page.text
    page = clerk.submits("audit.query", {"actor": "doc", "kind": "change", "mrn": mrn})
    assert stage.rows()[-1].data == {"filter": f"actor=doc;kind=change;mrn={mrn}"}
    assert "查询审计" not in page.text
    assert "登记过敏" in page.text
    page = clerk.submits("audit.query", {"actor": "pha", "mrn": ""})
    assert "没有符合条件的记录" in page.text


def test_a_head_sees_what_his_department_did(at: Seat, stage: Stage) -> None:
    at("doc").opens("/clinic/")
    at("reg").opens("/registration/today")
    head = at("hod")
    page = head.opens("/admin/audit")
    told = " ".join(re.findall(r'<td title="(PX-[A-Z0-9]+)', page.text))
    assert "PX-DOC" in told
    assert "PX-REG" not in told
    assert stage.refused("nur", "audit.query") == "E-GEN-02"


def test_the_audit_is_paged_and_its_print_recorded(at: Seat, stage: Stage) -> None:
    for _ in range(30):
        stage.does("reg", "patient.search", query="zh")
    clerk = at("ita")
    first = listed(clerk.opens("/admin/audit"), "row")
    older = listed(clerk.opens(f"/admin/audit?before={first[-1]}"), "row")
    assert len(first) == 21
    assert min(map(int, first)) > max(map(int, older))
    clerk.submits("print.document", {"purpose": "audit"})
    printed = next(each for each in reversed(stage.rows()) if each.action == "print.document")
    assert printed.data == {"document": "audit_list", "purpose": "audit"}

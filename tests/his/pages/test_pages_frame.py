"""What stands on every page: band, title, headers, one cookie, nothing inline; the catalogue is complete."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

import his
from his.admin import audit_pages
from his.app import DESKS, create_app
from his.chart.hospital import Hospital
from his.database import MemoryDatabase
from his.hospital_time import Clock
from his.shell import installing, wording
from sandbox.contract import refusals
from sandbox.contract.exercise_pack import FREE_PRACTICE
from tests.his.pages.browser import Browser
from tests.his.stage import Stage

Seat = Callable[[str], Browser]
HERE = Path(str(his.__file__)).parent
FOLDERS = list(dict.fromkeys([installing.HERE, *(each.folder for each in DESKS)]))
HAN = re.compile(r"[\u4e00-\u9fff]")

PAGES = {
    "reg": ["/registration/", "/registration/?q=zh", "/registration/patients/new", "/registration/today"],
    "doc": ["/clinic/", "/clinic/?whose=dept&state=all", "/clinic/find?q=zh"],
    "pha": ["/pharmacy/review", "/pharmacy/pick", "/pharmacy/check", "/pharmacy/dispense"],
    "cas": ["/cashier/", "/cashier/?q=zh"],
    "ita": [
        "/admin/accounts?account=ha1",
        "/admin/roles",
        "/admin/dictionaries?row=M008",
        "/admin/dictionaries?table=code_lists",
        "/admin/audit",
    ],
    "hod": ["/clinic/countersign/", "/admin/requests?account=ha1", "/admin/audit", "/reports/?report=waiting"],
    "mrc": ["/records/duplicates", "/registration/patients?q=zh"],
    "fin": ["/reports/", "/reports/?report=income_class", "/reports/?report=stock"],
    "nur": [
        "/triage/",
        "/triage/?dept=&state=all",
        "/triage/?q=1",
        "/triage/board",
        "/triage/board?dept=",
        "/registration/patients?q=zh",
        "/registration/patients/new",
        "/treatment/fees",
        "/clinic/",
        "/messages",
        "/answers",
        "/mail/",
        "/safety/",
        "/safety/export",
        "/nowhere",
    ],
}


def test_every_role_with_a_desk_has_a_seat_in_free_practice() -> None:
    served = frozenset().union(*(each.roles for each in DESKS))
    # The ward's doctor books follow-up visits; his own desk comes with the wards.
    assert served - {each.role for each in FREE_PRACTICE.seats} == {"IPD"}


@pytest.mark.parametrize("seat", [each.name for each in FREE_PRACTICE.seats])
def test_no_digit_leads_to_two_tabs(at: Seat, seat: str) -> None:
    tabs = [each for each in at(seat).page.elements if "data-tab" in each.attributes]
    keys = [each.attributes.get("data-key", "") for each in tabs]
    keyed = [each for each in keys if each]
    assert len(keyed) == len(set(keyed))
    # Ten digits for eleven tabs: whoever has a digit left has a key for every tab.
    assert "" not in keys or len(keyed) == 9


def visited(at: Seat, stage: Stage) -> Iterator[Browser]:
    """Every kind of page, with a patient in the middle of everything."""
    stage.charge("M021")
    encounter = stage.one("registration", id=stage.bound("zhang_ticket"))["encounter"]
    rx = stage.one("prescription", encounter=encounter)["id"]
    charts = [
        f"/clinic/charts/{encounter}/{name}" for name in ("allergy", "diagnosis", "record", "prescription", "request")
    ]
    also = {
        "doc": [f"/clinic/charts/{encounter}", *charts, f"/clinic/sheets/prescriptions/{rx}"],
        "pha": [f"/pharmacy/pick?prescription={rx}", f"/pharmacy/prescriptions/{rx}/chart"],
        "reg": [f"/registration/?patient={stage.bound('zhang')}"],
        "nur": [f"/triage/?registration={stage.bound(f'{name}_ticket')}" for name in ("zhang", "li")]
        + [f"/treatment/fees?encounter={encounter}"],
        "mrc": [f"/registration/patients/{stage.bound('zhang')}/edit"],
        "cas": [f"/cashier/?patient={stage.bound('zhang')}"],
    }
    for seat, addresses in PAGES.items():
        browser = at(seat)
        for address in [*addresses, *also.get(seat, [])]:
            browser.opens(address)
            yield browser


def test_every_page_carries_band_title_and_hospital_time(at: Seat, stage: Stage) -> None:
    for browser in visited(at, stage):
        page = browser.page
        assert "培训环境 TRAINING – 数据均为虚构" in page.text, page.url
        assert "<title>【练习】" in page.text, page.url
        assert "院内时间" in page.text or page.status == 404, page.url


def test_no_page_has_inline_script_or_style(at: Seat, stage: Stage) -> None:
    for browser in visited(at, stage):
        for each in browser.page.elements:
            assert "style" not in each.attributes, (browser.page.url, each)
            assert not [name for name in each.attributes if name.startswith("on")], (browser.page.url, each)
            assert each.tag != "style"
            assert each.tag != "script" or (each.attributes["src"].startswith("/static/") and not each.text.strip())


def test_every_reply_has_the_policy_and_at_most_one_cookie(at: Seat, stage: Stage) -> None:
    browsers = {id(browser): browser for browser in visited(at, stage)}
    for browser in browsers.values():
        cookies = 0
        for reply in browser.replies:
            assert len(reply.headers.getlist("Set-Cookie")) <= 1
            policy = reply.headers["Content-Security-Policy"]
            assert "default-src 'self'" in policy
            assert "unsafe" not in policy
            assert "frame-ancestors" not in policy
            cookies += len(reply.headers.getlist("Set-Cookie"))
        assert cookies == 1, "the first page's"


def test_the_cookie_survives_in_a_frame_of_another_origin(browser: Browser) -> None:
    browser.opens("/login")
    cookie = browser.replies[0].headers["Set-Cookie"]
    assert cookie.startswith("his_session=")
    for part in ("Secure", "HttpOnly", "SameSite=None", "Partitioned", "Path=/"):
        assert part in cookie


def test_every_form_that_acts_names_its_deed_and_carries_the_token(at: Seat, stage: Stage) -> None:
    for browser in visited(at, stage):
        for form in browser.page.forms:
            if form.method == "post":
                assert "form_token" in form.names, (browser.page.url, form.deed)
                assert form.deed or form.action == "/language", (browser.page.url, form.action)


def test_english_pages_have_no_chinese_but_data(at: Seat, stage: Stage) -> None:
    known = _chinese_data(stage) | {"测试"}
    for browser in visited(at, stage):
        _in_english(browser)
        text = " ".join(re.sub(r"<[^>]+>", " ", browser.page.text).split())
        left = {part for part in re.findall(r"[\u4e00-\u9fff]+", text) if part not in known}
        assert left <= {"培训环境", "中文"}, (browser.page.url, left)


def test_both_languages_have_every_text() -> None:
    catalogue = wording.load(FOLDERS)
    for key, (zh, en) in catalogue.entries.items():
        assert not HAN.search(en) or key == "frame.band", key
        assert set(re.findall(r"\{\w+\}", zh)) == set(re.findall(r"\{\w+\}", en)), key


def test_every_refusal_says_what_to_do_next() -> None:
    catalogue = wording.load(FOLDERS)
    assert {f"next.{code}" for code in refusals.BY_CODE} <= set(catalogue.entries)


def test_every_text_is_used_and_every_used_text_is_there() -> None:
    keys = set(wording.load(FOLDERS).entries)
    sources = [*HERE.rglob("*.html"), *HERE.rglob("*.py")]
    text = "\n".join(each.read_text("utf-8") for each in sources)
    literal = set(re.findall(r"\bt\('([\w.-]+)'[,)]", text)) | set(re.findall(r"say\(\"([\w.-]+)\"[,)]", text))
    assert literal - keys == set()
    built = re.compile(
        r"(next|status|sex|relation|ident|chart\.tab|alert|record|list|duplicates|patient\.status|tab|key|queue"
        r"|landing|sign|judged|triage\.show|safety\.status|export\.rule|agreement\.article|request|slip\.kind"
        r"|trace\.event|charge|skin|room|booking\.none|booking\.show|compare|merge\.none|merge\.show|admin|scope|dictionary|column|audit|report|chain|finance\.only)\."
    )
    unused = {key for key in keys if f"'{key}'" not in text and f'"{key}"' not in text and not built.match(key)}
    assert unused <= {"password.rule.common", "password.rule.own", "password.rule.new"}


def test_the_hospital_is_closed_before_the_arming_and_after_the_sealing(app: Flask, stage: Stage) -> None:
    empty = create_app(Hospital(MemoryDatabase(stage.hospital.database.connection()), Clock()))
    assert empty.test_client().get("/login").status_code == 503
    stage.hospital.mark_sealed()
    reply = app.test_client().get("/login")
    assert reply.status_code == 503
    assert "培训环境" in reply.text


def test_a_fault_says_that_nothing_was_saved_and_gives_a_reference(
    at: Seat, monkeypatch: pytest.MonkeyPatch, stage: Stage
) -> None:
    browser = at("doc")
    monkeypatch.setattr("his.clinic.operations.visiting.view_queue", _fail)
    page = browser.opens("/clinic/")
    assert page.status == 500
    assert re.search(r"[0-9a-f]{8}", page.text)
    assert "Traceback" not in page.text


def test_no_two_tabs_of_a_role_have_the_same_digit() -> None:
    for role in frozenset().union(*(each.roles for each in DESKS)):
        digits = [tab.key for desk in DESKS for tab in desk.tabs if role in tab.roles and tab.key is not None]
        assert len(digits) == len(set(digits)), (role, digits)
        assert not {0, 8, 9} & set(digits), "mail, messages and questions"


def test_scripts_and_style_stay_small() -> None:
    static = installing.HERE / "static"
    assert (static / "his.css").stat().st_size < 24_000
    assert sum(each.stat().st_size for each in static.glob("*.js")) < 24_000


def test_moving_the_mouse_ends_the_idleness(at: Seat, stage: Stage) -> None:
    browser = at("doc")
    stage.hospital._input_at -= 60
    assert stage.hospital.idle_ms() > 59_000
    assert browser.client.post("/_input").status_code == 204
    assert stage.hospital.idle_ms() < 59_000


def _fail(*_: object, **__: object) -> None:
    raise RuntimeError("broken on purpose")


def _in_english(browser: Browser) -> None:
    form = next((each for each in browser.page.forms if each.action == "/language"), None)
    if form is not None and "zh" not in dict(form.fields).get("language", ""):
        browser.client.set_cookie("his_session", _english(browser), secure=True)
        browser.opens(browser.replies[-1].request.full_path)


def _english(browser: Browser) -> str:
    cookie = browser.client.get_cookie("his_session")
    assert cookie is not None
    return f"{cookie.value.split('.')[0]}.en"


def _chinese_data(stage: Stage) -> set[str]:
    connection = stage.hospital.database.connection()
    found = set()
    for table, columns in {
        "patient": ("name", "address"),
        "staff": ("name",),
        "drugs": (
            "strength",
            "pack_spec",
            "pack_unit_zh",
            "dose_unit",
            "form_zh",
            "control_class",
            "antibacterial_level",
            "storage",
            "note_zh",
        ),
        "rx_item": ("dose_unit",),
        "stock_batch": ("location",),
        "medical_record": ("complaint", "present", "past", "examination", "plan"),
        "allergy": ("reaction",),
    }.items():
        for row in connection.execute(f'SELECT * FROM "{table}"'):
            for column in columns:
                found |= set(re.findall(r"[\u4e00-\u9fff]+", row[column] or ""))
            if table == "patient":
                # What the room board leaves of a name.
                found |= {row["name"][:1], row["name"][-1:]}
    return found | {"甲", "乙", "丙"}


def test_every_list_that_is_looked_at_has_words_in_the_audit(app: Flask) -> None:
    """The audit names which queue was viewed; a page that views another list gives it words, too."""
    written = {
        name for file in HERE.rglob("*.py") for name in re.findall(r"""desk(?:=|": )"([a-z_]+)\"""", file.read_text())
    }
    known = app.extensions["wording"].entries
    assert {f"desk.{name}" for name in written} <= audit_pages.LISTS
    assert set(known) >= audit_pages.LISTS

"""The panel in Chromium: no policy is broken, launching and working go by themselves, the keyboard is enough."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from werkzeug.serving import BaseWSGIServer, make_server

from sandbox.adapters.db.bundle import DbStores
from sandbox.adapters.db.engine import Database
from sandbox.attempts import operations as attempts
from sandbox.attempts import regrading
from sandbox.attempts.printer import Printer
from sandbox.attempts.second_look import Scope
from sandbox.config import Gateway
from sandbox.people.model import Person
from sandbox.provisioning.model import CellState, InstanceId, Observed
from tests import personas
from tests.builders import NOON, make_cell
from tests.graded import Archive
from tests.personas import ALICE, BOB, CHARLIE, DANA
from tests.sandbox.attempts.versions import severity_forgiven
from tests.web import papers
from tests.web import site as sites
from tests.web import test_authoring as authoring
from tests.web.site import PanelSite
from web.app import create_app

pytestmark = pytest.mark.browser

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
WATCH = """addEventListener('securitypolicyviolation', event => {
  (window.broken ??= []).push(event.violatedDirective + ' ' + event.blockedURI)
})"""
FOCUS_SHOWN = """() => {
  const style = getComputedStyle(document.activeElement)
  return style.boxShadow !== 'none' || style.outlineStyle !== 'none'
}"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield started
        started.close()


@dataclass
class Served:
    """The panel on a port, and a hospital that says which ticket it was entered with."""

    site: PanelSite
    address: str


def hospital(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Answer as a cell behind the gateway would, as far as a frame can tell."""
    start_response("200 OK", [("Content-Type", "text/html; charset=utf-8")])
    ticket = "ticket=" in environ.get("QUERY_STRING", "")
    return [f"<!doctype html><title>his</title><h1 id=his>{environ['HTTP_HOST']} {ticket}</h1>".encode()]


@pytest.fixture
def served(tmp_path: Path, peopled: Database[DbStores]) -> Iterator[Served]:
    his = make_server("127.0.0.1", 0, hospital, threaded=True)
    site = sites.make_site(tmp_path, peopled)
    settings = site.services.settings.model_copy(update={"gateway": Gateway(port=his.server_port)})
    site.services = replace(site.services, settings=settings)
    site.app = create_app(site.services)
    sites.release_x05(site)
    panel = make_server("127.0.0.1", 0, site.app, threaded=True)
    threads = [threading.Thread(target=server.serve_forever) for server in (his, panel)]
    for thread in threads:
        thread.start()
    yield Served(site, f"http://localhost:{panel.server_port}")
    servers: tuple[BaseWSGIServer, ...] = (his, panel)
    for server in servers:
        server.shutdown()
        server.server_close()
    for thread in threads:
        thread.join()


def at_desk(chromium: Browser, served: Served, person: Person, *, language: str = "zh-CN") -> Page:
    """Return the page of somebody who has logged in at a small screen."""
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, locale=language)
    context.add_init_script(WATCH)
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.goto(served.address + "/login")
    page.fill("[name=login]", person.login)
    page.fill("[name=password]", personas.PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(re.compile("/(training|teaching|fleet)"))
    return page


def flip(site: PanelSite, key: InstanceId) -> None:
    """Do what the worker does to a queued launch."""
    with site.database.transaction() as stores:
        cell = make_cell(instance=key, epoch=1, state=CellState.ARMED)
        stores.cells.add(cell)
        stores.instances.move(key, Observed.QUEUED, Observed.LAUNCHING)
        stores.instances.flip(key, cell=cell.id, epoch=1, now=NOON)


def queued(site: PanelSite) -> InstanceId:
    with site.database.reading() as stores:
        return stores.instances.live()[0].id


def test_no_page_breaks_the_policy_or_scrolls_sideways(chromium: Browser, served: Served) -> None:
    site = served.site
    given = sites.assigned(site, ALICE)
    attempt = sites.graded(site, ALICE, papers.HASTY, assignment=given)
    sites.furnished(site)
    bench, _attempt = sites.open_instance(site, ALICE)
    asked = {
        ALICE: ["/training", "/reports", f"/reports/{attempt}", f"/practice/{bench}", "/password", "/nowhere"],
        BOB: [
            "/authoring",
            f"/authoring/exercises/{sites.X05.split('@')[0]}",
            f"/authoring/versions/{sites.X05}/retire",
            "/teaching/assignments",
            f"/teaching/assignments/{given}",
            "/teaching/results",
            f"/teaching/reports/{attempt}",
        ],
        DANA: [
            "/fleet",
            "/fleet/instances",
            f"/fleet/instances/{bench}",
            "/fleet/nightly",
            f"/fleet/instances/confirm?deed=destroy&instance={bench}",
        ],
    }
    for person, paths in asked.items():
        page = at_desk(chromium, served, person)
        for path in paths:
            page.goto(served.address + path)
            page.wait_for_load_state("load")
            assert page.evaluate("window.broken ?? []") == [], path
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        page.context.close()


def test_an_uploaded_file_is_watched_until_its_report_is_there(
    chromium: Browser, served: Served, tmp_path: Path
) -> None:
    file = tmp_path / "x05.yaml"
    file.write_bytes(authoring.CONTENT)
    page = at_desk(chromium, served, BOB)
    page.goto(served.address + "/authoring")
    page.set_input_files("[name=file]", file)
    page.wait_for_url("**/authoring/drafts/*")
    expect(page.locator("[data-words]")).to_have_text("等待后台处理…")
    with served.site.database.transaction() as stores:
        stores.gate.note(stores.gate.waiting()[0].id, stage="pages", done=3, total=9)
    expect(page.locator("[data-words]")).to_contain_text("3 / 9")
    assert page.locator("[data-bar]").get_attribute("value") == "3"
    authoring.answered(served.site, authoring.report())
    expect(page.locator("[data-verdict]")).to_contain_text("全部通过")
    page.click("a:has-text('发布…')")
    page.click("button:has-text('发布')")
    expect(page.locator("[role=status]")).to_contain_text("urti-penicillin-allergy@3 已发布")
    assert page.evaluate("window.broken ?? []") == []
    page.context.close()


def test_a_press_becomes_progress_and_then_the_hospital(chromium: Browser, served: Served) -> None:
    key = sites.assigned(served.site, ALICE)
    page = at_desk(chromium, served, ALICE)
    page.click(f"form:has([value='{key}']) button")
    words = page.locator(f"form:has([value='{key}']) [data-launch-words]")
    expect(words).to_contain_text("排队第 1 位")
    flip(served.site, queued(served.site))
    page.wait_for_url("**/practice/*")
    inside = page.frame_locator("[data-frame]").locator("#his")
    expect(inside).to_contain_text(f"{queued(served.site)}.localhost")
    expect(inside).to_contain_text("True")
    expect(page.locator("[data-veil]")).to_be_hidden()
    page.context.close()


def test_reloading_the_workbench_loses_nothing(chromium: Browser, served: Served) -> None:
    bench, _attempt = sites.open_instance(served.site, ALICE)
    page = at_desk(chromium, served, ALICE)
    page.goto(f"{served.address}/practice/{bench}")
    page.focus("[data-splitter]")
    for _press in range(3):
        page.keyboard.press("ArrowRight")
    page.click("[data-hint=h1]")
    # The click leads to the page anew: only then is there something to reload.
    expect(page.locator("[data-hint-text=h1]")).to_be_visible()
    page.reload()
    expect(page.locator("[data-hint-text=h1]")).to_be_visible()
    assert page.get_attribute("[data-splitter]", "aria-valuenow") == "388"
    page.click("[data-toggle]")
    expect(page.locator("#bench-side")).to_be_hidden()
    page.context.close()


def test_submitting_asks_once_and_leads_to_the_report(chromium: Browser, served: Served) -> None:
    bench, attempt = sites.open_instance(served.site, ALICE)
    page = at_desk(chromium, served, ALICE)
    page.goto(f"{served.address}/practice/{bench}")
    page.click("[data-opens=ask-submit]")
    page.keyboard.press("Escape")
    expect(page.locator("#ask-submit")).to_be_hidden()
    page.click("[data-opens=ask-submit]")
    page.click("#ask-submit [data-confirm]")
    page.wait_for_url(f"**/reports/{attempt}")
    expect(page.locator("[role=status]")).to_contain_text("正在评分")
    page.context.close()


def test_a_workbench_whose_hospital_closed_leads_on_by_itself(chromium: Browser, served: Served) -> None:
    bench, attempt = sites.open_instance(served.site, ALICE)
    page = at_desk(chromium, served, ALICE)
    page.goto(f"{served.address}/practice/{bench}")
    with served.site.database.transaction() as stores:
        attempts.submit(stores, personas.alice, stores.attempts.all()[0].id, now=NOON)
    page.wait_for_url(f"**/reports/{attempt}")
    page.context.close()


def test_the_sentence_follows_every_choice(chromium: Browser, served: Served) -> None:
    page = at_desk(chromium, served, BOB)
    page.goto(served.address + "/teaching/assignments")
    expect(page.locator("[data-read-back]")).to_contain_text("请至少选择一人")
    page.check(f"[value={ALICE.id}]")
    page.fill("[name=max_attempts]", "2")
    page.press("[name=max_attempts]", "Tab")
    expect(page.locator("[data-read-back]")).to_contain_text("可练 2 次")
    page.fill("[data-filters=people]", "心内")
    expect(page.locator(f"[value={ALICE.id}]")).to_be_hidden()
    expect(page.locator(f"[value={CHARLIE.id}]")).to_be_visible()
    page.context.close()


def test_a_mode_shows_its_own_rules_only_and_reports_open_for_the_ticked(chromium: Browser, served: Served) -> None:
    closed = [sites.assigned(served.site, one, reports_opened_at=None) for one in (ALICE, CHARLIE)]
    page = at_desk(chromium, served, BOB)
    page.goto(served.address + "/teaching/assignments")
    page.check(f"[name=person][value={ALICE.id}]")
    expect(page.locator("[name=checks]")).to_be_visible()
    page.check("[name=mode][value=exam]")
    expect(page.locator("[name=checks]")).to_be_hidden()
    expect(page.locator("[data-read-back]")).to_contain_text("考核，时间自行安排，每天可练 3 次")
    expect(page.locator("[data-needs-ticks=assignment]").first).to_be_disabled()
    page.check(f"[name=assignment][value='{closed[1]}']")
    page.locator("[data-needs-ticks=assignment]").first.click()
    expect(page.locator(".banner--good")).to_contain_text("已公布 1 项")
    expect(page.locator(f"[data-assignment='{closed[1]}']")).to_contain_text("已公布")
    expect(page.locator(f"[data-assignment='{closed[0]}']")).to_contain_text("未公布")
    page.context.close()


def test_checking_ones_work_waits_for_the_answer_and_then_for_half_a_minute(chromium: Browser, served: Served) -> None:
    bench, _attempt = sites.open_instance(served.site, ALICE)
    page = at_desk(chromium, served, ALICE)
    page.goto(f"{served.address}/practice/{bench}")
    page.click("[data-check-ask]")
    expect(page.locator("[data-check-said]")).to_contain_text("正在查看")
    expect(page.locator("[data-check-ask]")).to_be_disabled()
    with served.site.database.transaction() as stores:
        (asked,) = stores.checks.waiting()
        answer = '[{"full":true,"id":"row","show":"submitted","title":{"en":"Entry right","zh":"记录正确"}}]'
        stores.checks.answer(asked.id, answer=answer, trouble="", at=NOON)
    expect(page.locator(".checked__line--full")).to_contain_text("记录正确")
    expect(page.locator("[data-check-wait]")).to_contain_text(" s")
    page.context.close()


def test_destroying_waits_for_the_typed_number(chromium: Browser, served: Served) -> None:
    bench, _attempt = sites.open_instance(served.site, ALICE)
    page = at_desk(chromium, served, DANA)
    page.goto(served.address + "/fleet/instances")
    expect(page.locator("[value=destroy]")).to_be_disabled()
    page.check(f"[value='{bench}']")
    page.click("[value=destroy]")
    expect(page.locator("[data-needs-typing]")).to_be_disabled()
    page.fill("[name=typed]", "1")
    page.click("[data-needs-typing]")
    page.wait_for_url("**/fleet/instances")
    expect(page.locator(".banner--good")).to_be_visible()
    page.context.close()


def test_the_keyboard_reaches_everything_and_shows_where_it_is(chromium: Browser, served: Served) -> None:
    sites.assigned(served.site, ALICE)
    page = at_desk(chromium, served, ALICE)
    page.goto(served.address + "/training")
    reached = set()
    for _tab in range(8):
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUS_SHOWN)
        reached.add(page.evaluate("document.activeElement.textContent.trim()"))
    assert {"跳到正文", "我的成绩", "开始练习", "打开"} <= reached
    page.context.close()


def test_an_english_browser_is_greeted_in_english(chromium: Browser, served: Served) -> None:
    context = chromium.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(served.address + "/login")
    expect(page.locator("h1")).to_have_text("Log in")
    page.click("form[data-action=language] button")
    expect(page.locator("h1")).to_have_text("登录")
    context.close()


def test_second_looks_break_no_policy_and_scroll_only_down(chromium: Browser, served: Served) -> None:
    archive = Archive(served.site.database, served.site.clock, served.site.services.files)
    key, bad = archive.graded(deeds=papers.HASTY), archive.sealed(journal=b"[]")
    target = severity_forgiven(archive)
    with served.site.database.transaction() as stores:
        asked = regrading.request(
            stores,
            archive.files,
            personas.bob,
            scope=Scope(attempt=key),
            target=target,
            reason="r",
            now=NOON,
        )
    archive.work()
    page = at_desk(chromium, served, BOB)
    paths = [f"/reports/{key}", f"/reports/{key}/timeline", f"/reports/{bad}", "/marking", "/regrades"]
    for path in [*paths, f"/regrades/{asked.id}"]:
        page.goto(f"{served.address}/teaching{path}")
        page.wait_for_load_state("load")
        assert page.evaluate("window.broken ?? []") == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    page.click("[data-opens=accept-all]")
    expect(page.locator("#accept-all")).to_contain_text("采用 1 个新成绩？")
    page.context.close()


def test_an_evidence_number_opens_its_row_and_the_paper_comes_by_itself(chromium: Browser, served: Served) -> None:
    archive = Archive(served.site.database, served.site.clock, served.site.services.files)
    key = archive.graded(deeds=papers.HASTY)
    page = at_desk(chromium, served, ALICE)
    page.goto(f"{served.address}/reports/{key}")
    with page.expect_response(lambda reply: reply.request.method == "POST"):
        page.click("[data-paper] button")
    expect(page.locator("[data-paper-status]")).to_contain_text("正在生成")
    printer = Printer(
        begin=archive.database.transaction,
        reading=archive.database.reading,
        files=archive.files,
        printing=lambda pages: [b"%PDF-1.7 " + one.encode() for one in pages],
        clock=archive.clock,
        zone=served.site.services.zone,
        site="s",
    )
    with page.expect_download() as download:
        assert printer.tick() == 1
    assert download.value.suggested_filename == f"成绩报告-{key}.pdf"
    page.click("[data-line=allergy-row] .evidence__number")
    page.wait_for_url(f"**/reports/{key}/timeline#row-9")
    expect(page.locator("#row-9")).to_be_in_viewport()
    page.context.close()

"""The workbench's frame in a real browser: cookies that arrive, and a hostile cell that tries to reach the panel."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.front import Echo, Front
from tests.personas import ALICE

pytestmark = [pytest.mark.nginx, pytest.mark.browser]

FORM = '<form method="post" action="/save"><input name="a" value="1"><button>save</button></form>'
HOSTILE = """<script>
const note = (name, value) => { document.body.dataset[name] = value; };
document.cookie = "__Host-his-login=tossed; Path=/; Secure";
document.cookie = "his-login=tossed; Path=/; Domain=localhost";
document.cookie = "plain=tossed; Path=/; Domain=localhost; SameSite=None; Secure";
(async () => {
  const panel = "%(panel)s";
  note("read", await fetch(panel, { credentials: "include" }).then(r => r.text(), () => "blocked"));
  note("post", await fetch(panel + "/post", { method: "POST", mode: "no-cors", credentials: "include" })
    .then(r => r.type, () => "blocked"));
  try { note("parent", parent.document.title); } catch (refused) { note("parent", "blocked"); }
  note("done", "yes");
})();
</script>"""


@pytest.fixture
def browser() -> Iterator[Browser]:
    with sync_playwright() as driver:
        launched = driver.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield launched
        launched.close()


def workbench(house: Front, browser: Browser, cell: Echo) -> tuple[Page, str]:
    """Open the panel's page with the instance in a frame, as the workbench has it."""
    instance = house.opens(ALICE, cell)
    address = f"{house.origin(instance)}/_enter?ticket={house.site.ticket(ALICE, instance)}"
    house.panel.html = f'<title>panel</title><iframe name="his" src="{address}"></iframe>'
    page = browser.new_context().new_page()
    page.goto(f"http://localhost:{house.site.services.settings.panel.port}/")
    return page, instance


def test_in_the_frame_pass_and_session_arrive_and_forms_work(house: Front, browser: Browser) -> None:
    cell = Echo(html=FORM, reply_headers=[("Set-Cookie", "his_session=abcdefghijklmnop.zh; Path=/")])
    page, _ = workbench(house, browser, cell)
    frame = page.frame_locator('iframe[name="his"]')
    with page.expect_response(lambda reply: reply.url.endswith("/save")) as saved:
        frame.get_by_role("button", name="save").click()
    assert saved.value.status == 200
    assert cell.seen[-1][":body"] == "a=1"
    assert cell.seen[-1]["Cookie"] == "his_session=abcdefghijklmnop.zh"


def test_a_hostile_cell_neither_reads_nor_writes_at_the_panel(house: Front, browser: Browser) -> None:
    cell = Echo(reply_headers=[("Set-Cookie", "__Host-his-login=tossed; Path=/; Secure")])
    port = house.site.services.settings.panel.port
    cell.html = HOSTILE % {"panel": f"http://localhost:{port}"}
    house.panel.reply_headers = [("Set-Cookie", "__Host-his-login=secret; Path=/; Secure; HttpOnly; SameSite=Strict")]
    page, _ = workbench(house, browser, cell)
    body = page.frame_locator('iframe[name="his"]').locator("body[data-done]")
    body.wait_for(state="attached")
    assert body.get_attribute("data-read") == "blocked"
    assert body.get_attribute("data-parent") == "blocked"
    forged = [each for each in house.panel.seen if each[":method"] == "POST"]
    assert all("secret" not in each.get("Cookie", "") for each in forged), "the log-in stays at home"
    page.reload()
    assert house.panel.seen[-1]["Cookie"] == "__Host-his-login=secret"
    assert all("secret" not in str(each) for each in cell.seen)


def test_another_site_cannot_frame_the_instance(house: Front, browser: Browser) -> None:
    cell = Echo(html=FORM)
    instance = house.opens(ALICE, cell)
    address = f"{house.origin(instance)}/_enter?ticket={house.site.ticket(ALICE, instance)}"
    house.panel.html = f'<iframe name="his" src="{address}"></iframe>'
    page = browser.new_context().new_page()
    # The same server under a name that is not the panel's.
    page.goto(f"http://127.0.0.1:{house.site.services.settings.panel.port}/")
    page.wait_for_load_state("networkidle")
    assert page.frame_locator('iframe[name="his"]').locator("form").count() == 0

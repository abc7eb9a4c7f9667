"""A hospital on a loopback port, and pages of a real Chromium in front of it."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Locator, Page, ViewportSize, sync_playwright
from waitress.server import create_server

from his import arming, journal, rules
from his.app import create_app
from his.chart.hospital import Hospital
from his.database import Database
from his.hospital_time import Clock
from sandbox.contract.control import Arm

SIZES: tuple[ViewportSize, ...] = (
    {"width": 1366, "height": 768},
    {"width": 980, "height": 640},
    {"width": 1920, "height": 1080},
)
OVERFLOW = "(root => [root.scrollHeight - innerHeight, root.scrollWidth - innerWidth])(document.documentElement)"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
FUNCTION_KEY = re.compile(r"F\d+")
MOST_TABS = 60
"""So often Tab is pressed at most on the way to a field."""
UNNAMED = """() => {
  const shown = (one) => one.getClientRects().length > 0;
  const named = new Set([...document.querySelectorAll("kbd")].filter(shown).map((each) => each.textContent));
  const keys = [...document.querySelectorAll("[data-key^=F]")].filter(shown).map((each) => each.dataset.key);
  return keys.filter((key) => key !== "F10" && !named.has(key));
}"""
"""Function keys that do something on the page without being written on it; F10 stands in the list of shortcuts."""
FOCUSED = "(here => here === document.body ? '' : here.name || here.dataset.key || here.textContent.trim())"
CHINESE = """() => {
  const chinese = /[\\u4e00-\\u9fff]/, found = [];
  if (document.documentElement.lang !== "en") return found;
  const shown = (one) => one && one.getClientRects().length && !one.closest(".band, [lang=zh-CN]");
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const holder = texts.currentNode.parentElement;
    if (shown(holder.matches("option") ? holder.closest("select") : holder)) found.push(texts.currentNode.textContent);
  }
  for (const one of document.querySelectorAll("[title], [placeholder], [aria-label]")) {
    if (shown(one)) found.push(one.title, one.placeholder || "", one.getAttribute("aria-label") || "");
  }
  return found.map((each) => each.trim()).filter((each) => chinese.test(each));
}"""
"""What an English page shows in Chinese, the band and the button that leads back to Chinese aside."""
PATIENCE_MS = 120_000
"""So long a page is waited for: a machine that tests on both cores is slow now and then."""
UNREAD_ERRORS = re.compile(r"40[19]")
"""What Chromium says of a refused form: the page is shown all the same."""


@dataclass
class Desk:
    """The hospital, and a page before it that is worked by keys."""

    hospital: Hospital
    page: Page
    address: str
    said: list[str] = field(default_factory=list)
    chinese: set[str] = field(default_factory=set)
    """Chinese texts on the English pages seen so far."""

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("console", lambda message: self.said.append(message.text) if message.type == "error" else None)
        self.page.on("pageerror", lambda error: self.said.append(str(error)))

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def types(self, text: str) -> None:
        self.page.keyboard.type(text)

    def goes(self, key: str) -> None:
        """Press a key that leads to another page, and find the focus somewhere on it."""
        if FUNCTION_KEY.fullmatch(key):
            assert self.shows(key), f"{self.page.url} does not show what {key} is for"
        with self.page.expect_navigation():
            self.page.keyboard.press(key)
        assert self.focus(), f"after {key} nothing has the focus on {self.page.url}"
        assert self.page.evaluate(UNNAMED) == [], self.page.url
        self.chinese |= set(self.page.evaluate(CHINESE))

    def refused(self, key: str, code: str) -> None:
        """Press a key for what the hospital refuses; close its box and be back in the form."""
        self.goes(key)
        assert self.page.get_attribute("[data-refusal]", "data-refusal") == code
        self.press("Enter")
        assert self.page.locator(".veil").first.is_hidden()
        assert self.focus()

    def picks(self, code: str) -> None:
        """Type a short code and take the first candidate."""
        self.types(code)
        self.page.wait_for_selector(".drop tbody tr")
        self.press("Enter")

    def to(self, selector: str) -> Locator:
        """Press Tab until the focus is on a field, as somebody without a mouse does."""
        for _ in range(MOST_TABS):
            if self.page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
                return self.page.locator(selector)
            self.press("Tab")
        raise AssertionError(f"Tab never comes to {selector} on {self.page.url}")

    def fills(self, name: str, text: str) -> None:
        """Go to a field and write over what it holds."""
        self.to(f"[name={name}]")
        self.press("Control+a")
        self.types(text)

    def chooses(self, name: str, value: str, way: str = "ArrowDown") -> None:
        """Go to a list and walk down to an entry."""
        box = self.to(f"select[name={name}]")
        for _ in range(box.locator("option").count()):
            if self.page.evaluate("document.activeElement.value") == value:
                return
            self.press(way)
        raise AssertionError(f"{name} does not offer {value} on {self.page.url}")

    def focus(self) -> str:
        """Say what has the focus; '' if nothing has."""
        return str(self.page.evaluate(f"{FOCUSED}(document.activeElement)"))

    def shows(self, key: str) -> bool:
        """Say whether a key is written on the page."""
        return self.page.locator("kbd", has_text=re.compile(rf"^{key}$")).first.is_visible()

    def fits(self) -> None:
        for size in SIZES:
            self.page.set_viewport_size(size)
            over = self.page.evaluate(OVERFLOW)
            assert over == [0, 0], (self.page.url, size, over)
        self.page.set_viewport_size(SIZES[0])

    def complaints(self) -> list[str]:
        """Return what the browser's console has complained of, refusals aside."""
        return [each for each in self.said if not UNREAD_ERRORS.search(each)]

    def told(self) -> list[str]:
        return [each.action for each in journal.rows(self.hospital.database.connection())]


@contextmanager
def chromium() -> Iterator[Chromium]:
    """Start Debian's Chromium without a window."""
    program = shutil.which("chromium")
    assert program is not None, "Chromium is part of the set-up: apt-get install chromium"
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=list(FLAGS))
        yield browser
        browser.close()


@contextmanager
def served(golden_file: Path, folder: Path, arm: Arm) -> Iterator[tuple[Hospital, str]]:
    """Yield an armed hospital and the address at which it is served."""
    copy = folder / "his.db"
    shutil.copyfile(golden_file, copy)
    hospital = rules.hospital(Database(copy), Clock())
    arming.arm(hospital, arm)
    server = create_server(create_app(hospital), host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield hospital, f"http://localhost:{server.effective_port}"
    finally:
        server.close()
        thread.join(timeout=10)
        hospital.database.close()

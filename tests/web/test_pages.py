"""What holds for every page: both languages complete, nothing inline, nothing from outside, names are only text."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import web
from sandbox.adapters import logs
from sandbox.people.model import Person, Role
from tests import personas
from tests.personas import ALICE, BOB, CHARLIE, DANA
from tests.web import papers
from tests.web import site as sites
from tests.web.site import PanelSite
from web import vendoring, wording

WEB = Path(web.__file__).parent
STATIC = WEB / "static"
METHODS = [("gateway/**", "ignore"), ("node_modules/**", "ignore"), ("**.py", "python"), ("**.html", "jinja2")]
KEYWORDS = {"_": None, "_n": (1, 2)}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
NASTY = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "{{ 7*7 }}",
    "</title><svg/onload=alert(1)>",
    "&lt;b&gt;",
    "%(name)s %s",
    "\u202egnp.exe",
)


class Inline(HTMLParser):
    """Collects what a strict policy would block, and images, of which we have none."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        if tag in ("style", "img") or (tag == "script" and "src" not in names):
            self.found.append(tag)
        self.found += [name for name in names if name == "style" or name.startswith("on")]
        self.found += [value for value in names.values() if value and value.lower().startswith("javascript:")]


def inline(text: str) -> list[str]:
    reader = Inline()
    reader.feed(text)
    return reader.found


def messages() -> set[str]:
    """Return every sentence that code and templates say."""
    found: set[str] = set()
    for _file, _line, message, _comments, _context in extract_from_dir(str(WEB), METHODS, keywords=KEYWORDS):
        found.add(message[0] if isinstance(message, tuple) else message)
    return found


def pages(site: PanelSite) -> dict[str, tuple[Person, str]]:
    """Return (reader, text) of every page in a place with some life in it."""
    sites.furnished(site)
    attempt = sites.graded(site, ALICE, papers.HASTY, assignment=sites.assigned(site, ALICE))
    bench, _attempt = sites.open_instance(site, ALICE)
    free, _none = sites.open_instance(site, CHARLIE, exercise=False)
    with site.database.reading() as stores:
        cell = stores.instances.get(bench).cell
    paths = {
        ALICE: ["/training", "/reports", f"/reports/{attempt}", f"/practice/{bench}", "/password", "/nowhere"],
        CHARLIE: ["/training", "/reports", f"/practice/{free}"],
        BOB: ["/training", "/teaching/assignments", "/teaching/results", f"/teaching/reports/{attempt}"],
        DANA: [
            "/fleet",
            "/fleet/instances",
            f"/fleet/instances/{bench}",
            f"/fleet/instances/confirm?deed=hibernate&instance={bench}",
            f"/fleet/cells/{cell}",
            f"/fleet/instances/confirm?deed=destroy&instance={bench}",
            f"/fleet/instances/confirm?deed=reset&instance={bench}",
            "/fleet/nightly",
            "/training",
        ],
    }
    shown = {"/login": (ALICE, site.browser().get("/login").text)}
    for person, asked in paths.items():
        browser = site.logged_in(person)
        shown |= {f"{person.login} {path}": (person, browser.get(path).text) for path in asked}
    return shown


def test_the_chinese_catalogue_is_complete_and_holds_nothing_else() -> None:
    with wording.CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="zh_CN", abort_invalid=True)
    said = {(one.id[0] if isinstance(one.id, tuple) else one.id): one for one in catalogue if one.id}
    assert set(said) == messages()
    assert [
        key
        for key, one in said.items()
        if one.fuzzy or not all([one.string] if isinstance(one.string, str) else one.string)
    ] == []


def test_translations_keep_every_placeholder() -> None:
    with wording.CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="zh_CN")
    wrong = []
    for one in catalogue:
        if not one.id:
            continue
        english = one.id[-1] if isinstance(one.id, tuple) else one.id
        chinese = one.string if isinstance(one.string, str) else one.string[0]
        if set(re.findall(r"%\((\w+)\)s", str(english))) != set(re.findall(r"%\((\w+)\)s", str(chinese))):
            wrong.append(english)
    assert wrong == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_speaks_one_language(site: PanelSite, language: str) -> None:
    with site.database.transaction() as stores:
        for person in personas.EVERYBODY:
            stores.people.set_language(person.id, "zh" if language == "zh" else "en")
    english = {one for one in messages() if len(one.split()) > 2 and "%" not in one}
    for path, (_reader, text) in pages(site).items():
        if path == "/login":
            continue
        assert f'<html lang="{"zh-CN" if language == "zh" else "en"}">' in text, path
        body = text.replace("&#39;", "'")
        found = [one for one in english if f">{one}<" in body or f'"{one}"' in body]
        assert bool(found) == (language == "en"), (path, found)


def test_nothing_is_inline_on_any_page(site: PanelSite) -> None:
    found = {path: inline(text) for path, (_reader, text) in pages(site).items()}
    assert {path: hits for path, hits in found.items() if hits} == {}


def test_every_page_has_one_title_one_main_and_labelled_fields(site: PanelSite) -> None:
    for path, (_reader, text) in pages(site).items():
        assert len(re.findall(r"<h1[ >]", text)) == 1, path
        assert len(re.findall(r"<main[ >]", text)) == 1, path
        assert 'href="#main"' in text, path
        for button in re.findall(r"<button[^>]*>(.*?)</button>", text, re.DOTALL):
            assert re.sub(r"<[^>]+>", "", button).strip(), (path, button)


def test_every_form_that_changes_something_carries_the_token(site: PanelSite) -> None:
    for path, (_reader, text) in pages(site).items():
        for form in re.findall(r'<form[^>]*method="post".*?</form>', text, re.DOTALL):
            assert 'name="csrf_token"' in form, path
            assert 'data-action="' in form, path


def test_headers_allow_nothing_but_ourselves_and_the_hospitals(site: PanelSite) -> None:
    for path in ("/login", "/nowhere", "/static/panel.css"):
        headers = site.browser().get(path).headers
        assert headers["Content-Security-Policy"] == (
            "default-src 'self'; script-src 'self'; style-src 'self'; object-src 'none'; base-uri 'none'; "
            "frame-ancestors 'none'; frame-src http://*.localhost:8421"
        )
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "Access-Control-Allow-Origin" not in headers
    assert site.browser().get("/login").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("nasty", NASTY)
def test_a_name_is_never_more_than_text(site: PanelSite, nasty: str) -> None:
    villain = replace(
        ALICE, id="villain", login="P0666", name=nasty, department=nasty, roles=frozenset(Role), language="en"
    )
    with site.database.transaction() as stores:
        stores.people.add(villain, site.services.passwords.hash(personas.PASSWORD))
    sites.assigned(site, villain)
    sites.open_instance(site, villain)
    attempt = sites.graded(site, villain, papers.CAREFUL, assignment=None)
    browser = site.logged_in(villain)
    query = {"q": nasty, "state": nasty, "sort": nasty}
    for path in ("/training", "/teaching/assignments", f"/teaching/reports/{attempt}", "/fleet/instances"):
        text = browser.get(path, query_string=query).text
        assert inline(text) == []
        assert "49" not in re.findall(r"<h1>([^<]*)", text)
    assert browser.get("/fleet/instances", query_string={"q": nasty}).status_code == 200


HARMLESS_ADDRESSES = {
    "http://www.w3.org/2000/svg",
    # In the banners of chart.js and of the colours inside it: comments.
    "https://www.chartjs.org",
    "https://github.com/kurkle/color#readme",
}


def test_vendored_files_are_what_the_manifest_says() -> None:
    manifest = json.loads(vendoring.MANIFEST.read_text())
    lock = json.loads((WEB / "package-lock.json").read_text())["packages"]
    for entry in manifest:
        content = (vendoring.VENDOR / entry["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry["sha256"]
        assert lock[f"node_modules/{entry['package']}"]["version"] == entry["version"]
    assert {one["file"] for one in manifest} | {"icons.LICENSE", "chart.LICENSE", "manifest.json"} == {
        path.name for path in vendoring.VENDOR.iterdir()
    }
    assert '"resolved"' not in (WEB / "package-lock.json").read_text()


def test_every_icon_that_is_named_is_in_the_sprite() -> None:
    drawn = set(re.findall(r'id="([a-z0-9-]+)"', (vendoring.VENDOR / "icons.svg").read_text()))
    named: set[str] = set()
    for path in [*WEB.rglob("*.html"), *WEB.rglob("*.py")]:
        if "gateway" in path.parts or "node_modules" in path.parts:
            continue
        text = path.read_text()
        named |= set(re.findall(r'(?:icon|empty)\("([a-z0-9-]+)"', text))
        named |= set(re.findall(r'Fact\("([a-z0-9-]+)"', text))
    assert named <= drawn


def test_nothing_that_is_served_names_another_address() -> None:
    for path in STATIC.rglob("*"):
        if path.suffix in (".css", ".js", ".svg"):
            found = re.findall(r"https?://[^\s\"')]+", path.read_text())
            assert [one for one in found if one not in HARMLESS_ADDRESSES] == [], path


def test_every_block_of_a_stylesheet_is_closed() -> None:
    # A browser drops everything behind an open one without a word.
    for path in STATIC.glob("*.css"):
        text = path.read_text()
        assert text.count("{") == text.count("}"), path.name


def test_colours_live_in_the_tokens_alone() -> None:
    for path in STATIC.glob("*.css"):
        if path.name in ("tokens.css", "entrance.css"):
            continue
        screen = path.read_text().split("@media print")[0]
        assert re.findall(r"#[0-9a-fA-F]{3,8}\b", screen) in ([], ["#ffffff"]), path.name


def test_errors_show_a_reference_that_the_log_has(site: PanelSite, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    caplog.handler.setFormatter(logs.formatter("panel"))
    page = site.logged_in(CHARLIE).get("/nowhere").text
    reference = re.findall(r'<span class="mono">([0-9a-f]{12})</span>', page)[0]
    told = [json.loads(line) for line in caplog.text.splitlines()]
    assert [one["event"][:9] for one in told if one["cause"] == reference] == ["misrouted"]


def test_a_click_is_one_line_with_its_id_and_nothing_that_was_typed(
    site: PanelSite, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    caplog.handler.setFormatter(logs.formatter("panel"))
    browser = site.browser()
    browser.headers["X-Request-Id"] = "0123456789abcdef0123456789abcdef"
    browser.post("/login?next=/secret", {"login": "秘密" * 400_000, "password": "passw0rd"})
    clicks = [one for one in map(json.loads, caplog.text.splitlines()) if one["event"] == "click"]
    assert [(one["cause"], one["page"], one["status"]) for one in clicks] == [("0123456789ab", "home.log_in", 413)]
    assert "秘密" not in caplog.text
    assert "secret" not in caplog.text
    assert "passw0rd" not in caplog.text


def test_what_nobody_foresaw_tells_the_reference_only(site: PanelSite, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_said: object, **_more: object) -> str:
        raise RuntimeError("secret detail of the inside")

    monkeypatch.setattr("web.practice.pages.cards.training", broken)
    reply = site.logged_in(CHARLIE).get("/training")
    assert reply.status_code == 500
    assert "secret detail" not in reply.text
    assert "SBX-000" in reply.text

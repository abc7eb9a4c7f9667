"""Whatever is typed, pressed twice, sent from an old tab or after "back": an answer, never a fault, never two deeds."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote_from_bytes, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.robot.pages import Form
from tests.his.pages import walking
from tests.his.pages.browser import Browser
from tests.his.stage import Stage

pytestmark = pytest.mark.timeout(600)
"""Every page of every desk is opened and sent: minutes on a busy machine."""

SEATS = [each.name for each in walking.SEATS]
HIDDEN = frozenset({"form_token", "form_id"})

NASTY = (
    "１２３",
    "－５",
    "０．５",
    "张 ǎ😀ﬀ𠮷\u200f\u202e",
    "<script>alert(1)</script>",
    "'; DROP TABLE patient; --",
    "%s{{7*7}}",
    "9" * 400,
    "9" * 10_000,
    "²",
    "-1",
    "1e309",
    "NaN",
    "٣٤",
    "½",
    "0000-00-00",
    "http://[",
    "2026-02-30",
    "\x00\x01\x1f",
    "\r\n\r\n",
    "字" * 10_000,
    "",
    "   ",
)
SURROGATE = b"\xed\xa0\x80"
"""Half a character pair, as bytes that no browser sends and anybody else may."""

Offered = dict[tuple[str, str], list[tuple[str, Form]]]
"""(deed, number of fields) -> the forms within reach, each with its page."""

wild = st.one_of(st.sampled_from(NASTY), st.text(max_size=60), st.integers().map(str), st.decimals().map(str))


@pytest.fixture(scope="session")
def known() -> dict[tuple[str, str], Offered]:
    """What was walked to, by situation and seat: the same morning has the same forms."""
    return {}


@contextmanager
def before(golden: sqlite3.Connection, situation: str, seat: str) -> Iterator[tuple[Stage, Browser]]:
    """Yield a hospital in a situation and somebody who sits there."""
    with Stage.set_up(golden, seats=walking.SEATS) as stage:
        walking.SITUATIONS[situation](stage)
        yield stage, walking.sit_down(stage, seat)


def forms(browser: Browser, seat: str) -> Offered:
    """Return the forms within reach."""
    found: Offered = {}
    for stop in walking.walk(browser, seat):
        for form in stop.deeds():
            found.setdefault((form.deed or "", str(len(form.names))), []).append((stop.page.url, form))
    return found


def send(browser: Browser, page: str, form: Form, pairs: list[tuple[str, str]]) -> int:
    """Send the form as a browser would, half characters included, and return the status of what it leads to."""
    body = urlencode(pairs, errors="surrogatepass")
    reply = browser.client.post(
        form.action or page, data=body, content_type="application/x-www-form-urlencoded", follow_redirects=True
    )
    return reply.status_code


@pytest.mark.parametrize("seat", SEATS)
@pytest.mark.parametrize("situation", walking.SITUATIONS)
def test_every_link_leads_to_a_page(golden: sqlite3.Connection, situation: str, seat: str) -> None:
    with before(golden, situation, seat) as (_stage, browser):
        stops = [(stop.page.url, stop.page.status) for stop in walking.walk(browser, seat)]
    assert len(stops) > 3
    assert [stop for stop in stops if stop[1] not in (200, 403)] == []


@pytest.mark.parametrize("seat", SEATS)
@pytest.mark.parametrize("situation", walking.SITUATIONS)
def test_pressing_twice_does_it_once(golden: sqlite3.Connection, situation: str, seat: str) -> None:
    with before(golden, situation, seat) as (stage, browser):
        for offered in forms(browser, seat).values():
            page, form = offered[0]
            assert send(browser, page, form, form.filled({})) < 500, (page, form.deed)
            first, known = stage.versions(), len(stage.rows())
            assert send(browser, page, form, form.filled({})) < 500, (page, form.deed)
            assert stage.versions() == first, (page, form.deed)
            # The page that a press leads to is looked at again; a refused press is refused again.
            again = [row.action for row in stage.rows()[known:] if row.outcome == "ok" and row.changes]
            assert again == [], (page, form.deed)


def _as_new(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return what the form sends as if the page had been drawn anew: it does not count as pressed before."""
    return [(name, secrets.token_hex(8) if name == "form_id" else value) for name, value in pairs]


@pytest.mark.parametrize("seat", SEATS)
def test_an_old_tab_is_answered_and_changes_what_it_may(golden: sqlite3.Connection, seat: str) -> None:
    """Two tabs and "back": all forms of the morning are sent although each has changed what the next one shows."""
    with before(golden, "in_consult", seat) as (stage, browser):
        offered = [each for several in forms(browser, seat).values() for each in several]
        for page, form in [*offered, *reversed(offered)]:
            assert send(browser, page, form, _as_new(form.filled({}))) < 500, (page, form.deed)
        assert [row.seq for row in stage.rows()] == list(range(1, len(stage.rows()) + 1))


@pytest.mark.parametrize("seat", SEATS)
@pytest.mark.parametrize("situation", walking.SITUATIONS)
def test_the_same_nonsense_in_every_field(golden: sqlite3.Connection, situation: str, seat: str) -> None:
    with before(golden, situation, seat) as (_stage, browser):
        for page, form in [offered[0] for offered in forms(browser, seat).values()]:
            for text in NASTY:
                filled = form.filled(dict.fromkeys(form.names - HIDDEN, text))
                assert send(browser, page, form, _as_new(filled)) < 500, (page, form.deed, text[:20])


@given(data=st.data())
@settings(max_examples=30, deadline=None, derandomize=True)
def test_whatever_is_typed_is_answered(
    golden: sqlite3.Connection, known: dict[tuple[str, str], Offered], data: st.DataObject
) -> None:
    type_anything(golden, known, data)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@given(data=st.data())
@settings(max_examples=500, deadline=None)
def test_whatever_is_typed_on_any_day_is_answered(
    golden: sqlite3.Connection, known: dict[tuple[str, str], Offered], data: st.DataObject
) -> None:
    type_anything(golden, known, data)


def type_anything(golden: sqlite3.Connection, known: dict[tuple[str, str], Offered], data: st.DataObject) -> None:
    situation = data.draw(st.sampled_from(sorted(walking.SITUATIONS)), label="situation")
    seat = data.draw(st.sampled_from(SEATS), label="seat")
    with before(golden, situation, seat) as (_stage, browser):
        # Walked to once, and sent with this browser's own token.
        if (situation, seat) not in known:
            known[situation, seat] = forms(browser, seat)
        offered = known[situation, seat]
        if not offered:
            return
        page, form = offered[data.draw(st.sampled_from(sorted(offered)), label="form")][0]
        names = sorted(form.names - HIDDEN)
        chosen = data.draw(st.lists(st.sampled_from(names), unique=True) if names else st.just([]), label="fields")
        typed = {name: data.draw(wild, label=name) for name in chosen}
        own = [(name, browser.value(name) if name == "form_token" else value) for name, value in form.filled(typed)]
        assert send(browser, page, form, own) < 500, (page, form.deed)


@pytest.mark.parametrize("seat", SEATS)
def test_half_characters_are_answered(golden: sqlite3.Connection, seat: str) -> None:
    with before(golden, "in_consult", seat) as (_stage, browser):
        for offered in forms(browser, seat).values():
            page, form = offered[0]
            kept = [(name, value) for name, value in form.filled({}) if name in HIDDEN]
            typed = "&".join(f"{name}={quote_from_bytes(SURROGATE)}" for name in sorted(form.names - HIDDEN))
            reply = browser.client.post(
                form.action or page,
                data=f"{urlencode(kept)}&{typed}",
                content_type="application/x-www-form-urlencoded",
                follow_redirects=True,
            )
            assert reply.status_code < 500, (page, form.deed)


@pytest.mark.parametrize("seat", SEATS)
def test_addresses_with_nonsense_are_answered(golden: sqlite3.Connection, seat: str) -> None:
    """What stands after the question mark is typed by people too: bookmarks, old links, typing errors."""
    with before(golden, "in_consult", seat) as (_stage, browser):
        names = sorted({stop.page.url for stop in walking.walk(browser, seat)})
        for address in names:
            for text in NASTY:
                asked = urlencode(dict.fromkeys(("q", "patient", "state", "page", "prescription", "day", "dept"), text))
                reply = browser.client.get(f"{address}?{asked}")
                assert reply.status_code < 500, (address, text[:20])

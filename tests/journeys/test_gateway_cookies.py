"""What a cell may do with cookies and headers: only its own, and only for itself."""

from __future__ import annotations

import json
import re

import pytest

from tests.front import Echo, Front
from tests.journeys.by_hand import cookies, request, status
from tests.personas import ALICE
from web.gateway.app import PASS_COOKIE

pytestmark = pytest.mark.nginx


def test_the_cell_gets_its_own_cookie_and_no_other(house: Front) -> None:
    cell = Echo()
    instance = house.opens(ALICE, cell)
    client = house.enters(ALICE, instance)
    mine = cookies(client, instance, house)
    request(
        house,
        instance,
        f"__Host-his-login=secret; {mine}; his_session=abcdefghijklmnop.zh; other=1",
        "Authorization: Basic c2VjcmV0",
        "Proxy-Authorization: Basic c2VjcmV0",
        "X-His-Test-Clock: 5",
        "X-Forwarded-For: 203.0.113.9",
        "X-Real-IP: 203.0.113.9",
        "X-Instance: ffffffffffffffff",
        "X-Request-Id: 0123456789abcdef",
        "X-Cell-Socket: /var/run/docker.sock",
    )
    seen = cell.seen[-1]
    assert seen["Cookie"] == "his_session=abcdefghijklmnop.zh"
    assert "secret" not in json.dumps(seen)
    assert not {name for name in seen if name.startswith(("X-", "Authorization", "Proxy"))}


def test_the_id_of_a_click_is_made_by_nginx_and_never_taken_from_outside(house: Front) -> None:
    port = house.site.services.settings.panel.port
    forged = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: 0123456789abcdef\r\nConnection: close\r\n\r\n"
    for _click in range(2):
        house.raw(forged, port=port)
    first, second = (seen["X-Request-Id"] for seen in house.panel.seen[-2:])
    assert re.fullmatch(r"[0-9a-f]{32}", first)
    assert "0123456789abcdef" not in (first, second)
    assert first != second


@pytest.mark.parametrize("cookie", ["xhis_session=evil", "his_session=a b", "his_session=a\\r\\nX: y", "his_session="])
def test_cookies_that_only_look_like_the_cells_stay_outside(house: Front, cookie: str) -> None:
    cell = Echo()
    instance = house.opens(ALICE, cell)
    mine = cookies(house.enters(ALICE, instance), instance, house)
    request(house, instance, f"{mine}; {cookie}")
    assert "Cookie" not in cell.seen[-1]


def test_the_cells_cookie_comes_out_alone_and_rewritten(house: Front) -> None:
    cell = Echo(reply_headers=[("Set-Cookie", "his_session=abcdefghijklmnop.zh; Domain=localhost; Path=/x")])
    instance = house.opens(ALICE, cell)
    mine = cookies(house.enters(ALICE, instance), instance, house)
    reply = request(house, instance, mine)
    lines = [line for line in reply.split(b"\r\n") if line.lower().startswith(b"set-cookie")]
    assert lines == [
        b"Set-Cookie: his_session=abcdefghijklmnop.zh; Path=/; HttpOnly; Secure; SameSite=None; Partitioned"
    ]


@pytest.mark.parametrize(
    "tossed",
    [
        [("Set-Cookie", f"{PASS_COOKIE}=x; Path=/; Secure")],
        [("Set-Cookie", "__Host-his-login=x; Path=/; Secure"), ("Set-Cookie", "his_session=abcdefghijklmnop.zh")],
        [("Set-Cookie", "his_session=abcdefghijklmnop.zh"), ("Set-Cookie", "__Host-his-login=x; Path=/; Secure")],
        [("Set-Cookie", "a=b, __Host-his-login=x")],
    ],
)
def test_a_cell_cannot_toss_cookies(house: Front, tossed: list[tuple[str, str]]) -> None:
    instance = house.opens(ALICE, Echo(reply_headers=tossed))
    mine = cookies(house.enters(ALICE, instance), instance, house)
    reply = request(house, instance, mine)
    assert b"his-login" not in reply.split(b"\r\n\r\n")[0]
    assert PASS_COOKIE.encode() + b"=x" not in reply
    assert reply.lower().count(b"set-cookie") <= 1


def test_a_tossed_pass_locks_nobody_else_in(house: Front) -> None:
    """Two passes are believed neither; the person enters again with a ticket."""
    instance = house.opens(ALICE, Echo())
    mine = cookies(house.enters(ALICE, instance), instance, house)
    assert status(request(house, instance, f"{PASS_COOKIE}=tossed; {mine}")) == 401
    assert status(request(house, instance, mine)) == 200


def test_the_page_may_be_framed_by_the_panel_alone(house: Front) -> None:
    cell = Echo(reply_headers=[("X-Frame-Options", "DENY"), ("Content-Security-Policy", "default-src 'self'")])
    instance = house.opens(ALICE, cell)
    page = house.enters(ALICE, instance).seen()
    reply = request(house, instance, cookies(house.enters(ALICE, instance), instance, house))
    port = house.site.services.settings.panel.port
    assert f"Content-Security-Policy: frame-ancestors http://localhost:{port}\r\n".encode() in reply
    assert b"Content-Security-Policy: default-src 'self'\r\n" in reply, "the cell may be stricter, never laxer"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert "X-Frame-Options" not in page.headers


@pytest.mark.parametrize(
    "header", ["X-Accel-Redirect", "X-Accel-Buffering", "Clear-Site-Data", "Access-Control-Allow-Origin"]
)
def test_a_cell_cannot_steer_nginx_or_speak_for_the_origin(house: Front, header: str) -> None:
    instance = house.opens(ALICE, Echo(reply_headers=[(header, "/_check")]))
    page = house.enters(ALICE, instance).seen()
    assert page.status == 200
    assert header not in page.headers

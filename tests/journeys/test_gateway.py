"""Through the real nginx: who gets in, what gets through, what a hostile cell or client achieves."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.contract import layout
from sandbox.provisioning.model import InstanceId, Observed
from sandbox.robot.client import Client
from tests.fakes import FrozenClock
from tests.front import NGINX, Echo, Front, answering
from tests.personas import ALICE, CHARLIE
from web.gateway.app import PASS_COOKIE

pytestmark = pytest.mark.nginx


def status(reply: bytes) -> int:
    """0 for a reply without a head: none at all, or one in the manner of HTTP 0.9."""
    return int(reply.split(b" ", 2)[1]) if reply.startswith(b"HTTP/") else 0


def request(
    house: Front,
    instance: InstanceId,
    cookie: str,
    *lines: str,
    method: str = "GET",
    path: str = "/",
    body: bytes = b"",
) -> bytes:
    head = [f"{method} {path} HTTP/1.1", f"Host: {instance}.localhost:{house.gateway_port}", "Connection: close"]
    if cookie:
        head.append(f"Cookie: {cookie}")
    return house.raw("\r\n".join([*head, *lines, "", ""]).encode() + body)


def cookies(client: Client, instance: InstanceId, house: Front) -> str:
    jar = client.cookies[f"{instance}.localhost:{house.gateway_port}"]
    return "; ".join(f"{name}={value}" for name, value in jar.items())


def test_a_ticket_leads_into_the_own_cell(house: Front) -> None:
    cell = Echo()
    instance = house.opens(ALICE, cell)
    client = house.enters(ALICE, instance)
    assert client.seen().status == 200
    assert client.seen().url == f"{house.origin(instance)}/"
    assert cell.seen[0][":path"] == "/"
    assert cell.seen[0]["Host"] == f"{instance}.localhost:{house.gateway_port}"


def test_a_ticket_is_good_once(house: Front) -> None:
    instance = house.opens(ALICE, Echo())
    address = f"{house.origin(instance)}/_enter?ticket={house.site.ticket(ALICE, instance)}"
    assert Client().get(address).status == 200
    second = Client().get(address)
    assert second.status == 403
    assert "进入凭证已失效" in second.text


def test_an_expired_ticket_is_refused(house: Front, clock: FrozenClock) -> None:
    instance = house.opens(ALICE, Echo())
    address = f"{house.origin(instance)}/_enter?ticket={house.site.ticket(ALICE, instance)}"
    clock.pass_time(seconds=61)
    assert Client().get(address).status == 403


def test_everybody_reaches_the_own_instance_and_nobody_elses(house: Front) -> None:
    hers, his = Echo(), Echo()
    instances = {ALICE.id: house.opens(ALICE, hers), CHARLIE.id: house.opens(CHARLIE, his)}
    inside = {person.id: house.enters(person, instances[person.id]) for person in (ALICE, CHARLIE)}
    before = len(hers.seen), len(his.seen)
    for person, other in ((ALICE, CHARLIE), (CHARLIE, ALICE)):
        own = cookies(inside[person.id], instances[person.id], house)
        for path in ("/", "/static/x.css", "/_check", "/registration?q=1"):
            reply = request(house, instances[other.id], own, path=path)
            assert status(reply) in (401, 403, 404), path
    assert (len(hers.seen), len(his.seen)) == before


def test_without_a_pass_nothing_reaches_the_cell(house: Front) -> None:
    cell = Echo()
    instance = house.opens(ALICE, cell)
    page = Client().get(house.origin(instance))
    assert page.status == 401
    assert "请从「我的培训」进入" in page.text
    assert cell.seen == []


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


def test_forms_are_sent_from_own_pages_only(house: Front) -> None:
    cell = Echo()
    instance = house.opens(ALICE, cell)
    mine = cookies(house.enters(ALICE, instance), instance, house)
    body = b"a=1"
    length = f"Content-Length: {len(body)}"
    for site, expected in (("same-origin", 200), ("same-site", 403), ("cross-site", 403)):
        reply = request(house, instance, mine, f"Sec-Fetch-Site: {site}", length, method="POST", body=body)
        assert status(reply) == expected
    own = request(house, instance, mine, f"Origin: {house.origin(instance)}", length, method="POST", body=body)
    sibling = request(house, instance, mine, "Origin: http://localhost", length, method="POST", body=body)
    nothing = request(house, instance, mine, length, method="POST", body=body)
    assert [status(each) for each in (own, sibling, nothing)] == [200, 403, 403]
    assert [each[":body"] for each in cell.seen if each[":method"] == "POST"] == ["a=1", "a=1"]


def test_a_reset_moves_the_same_browser_to_the_new_cell(house: Front) -> None:
    old, new = Echo(), Echo()
    instance = house.opens(ALICE, old)
    client = house.enters(ALICE, instance)
    house.site.moves(instance, Observed.OPEN, Observed.REPLACING)
    waiting = client.get(house.origin(instance))
    assert waiting.status == 409
    assert "正在准备" in waiting.text
    house.furnish(house.site.flips(instance), new)
    assert client.get(house.origin(instance)).status == 200
    assert (len(old.seen), len(new.seen)) == (1, 1)


def test_a_cell_that_is_gone_answers_502_and_the_page_waits(house: Front) -> None:
    instance = house.opens(ALICE)
    page = house.enters(ALICE, instance).seen()
    assert page.status == 502
    assert "暂时没有响应" in page.text


def test_a_swapped_socket_reaches_nobody(house: Front) -> None:
    """T1: the cell puts a link to somebody else's socket where its own should be."""
    assert status(swap(house)) == 502
    assert house.panel.seen == []


def test_without_nosymfollow_the_swapped_socket_would_reach_them(house: Front) -> None:
    """The same attack with the defence off succeeds, or the test above proves nothing."""
    house.folders = replace(house.folders, private_mounts=False)
    assert status(swap(house)) == 200
    assert house.panel.seen != []


def swap(house: Front) -> bytes:
    instance = house.opens(ALICE)
    path = house.folders.run_folder(house.site.cell_of(instance)) / layout.HTTP_SOCKET
    os.symlink(house.site.services.settings.site.panel_socket, path)
    return request(house, instance, cookies(house.enters(ALICE, instance), instance, house).split(";")[0])


@pytest.mark.parametrize("what", ["fifo", "file", "folder"])
def test_other_things_in_the_sockets_place_answer_502(house: Front, what: str) -> None:
    instance = house.opens(ALICE)
    path = house.folders.run_folder(house.site.cell_of(instance)) / layout.HTTP_SOCKET
    {"fifo": os.mkfifo, "file": Path.touch, "folder": os.mkdir}[what](path)
    assert house.enters(ALICE, instance).seen().status == 502


def test_only_instances_have_a_name_here(house: Front) -> None:
    for host in ("localhost", "127.0.0.1", "evil.example", "abc.localhost", "A" * 16 + ".localhost.evil.example"):
        reply = house.raw(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        assert status(reply) == 421, host


def test_inner_addresses_are_not_served(house: Front) -> None:
    instance = house.opens(ALICE, Echo())
    mine = cookies(house.enters(ALICE, instance), instance, house)
    assert status(request(house, instance, mine, path="/_check")) == 404


def test_the_panel_sees_the_real_caller_and_no_pass(house: Front) -> None:
    port = house.site.services.settings.panel.port
    house.raw(
        f"GET /x HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n"
        "X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Host: evil\r\nForwarded: for=203.0.113.9\r\n\r\n".encode(),
        port=port,
    )
    (seen,) = house.panel.seen
    assert seen["X-Forwarded-For"] == "127.0.0.1"
    assert "203.0.113.9" not in json.dumps(seen)
    assert "X-Forwarded-Host" not in seen
    assert seen["Host"] == f"localhost:{port}"


def test_absolute_addresses_and_dots_lead_nowhere_else(house: Front) -> None:
    """T9: nothing a client writes becomes an address that nginx connects to."""
    cell = Echo()
    instance = house.opens(ALICE, cell)
    mine = cookies(house.enters(ALICE, instance), instance, house)
    with socket.create_server(("127.0.0.1", 0)) as canary:
        canary.settimeout(0.2)
        host = f"127.0.0.1:{canary.getsockname()[1]}"
        for path in (f"http://{host}/", f"//{host}/", f"/%2e%2e/{host}", f"/..;/{host}", f"/x?u=http://{host}/"):
            request(house, instance, mine, path=path)
        request(house, instance, mine, f"X-Cell-Socket: {host}", f"X-Accel-Redirect: http://{host}/")
        with pytest.raises(TimeoutError):
            canary.accept()


def smuggling(host: str, cookie: str) -> Iterator[tuple[str, bytes]]:
    """Requests that two readers could cut in different places, each carrying a second one inside."""
    inner = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
    head = f"Host: {host}\r\nCookie: {cookie}\r\nOrigin: http://{host}\r\nConnection: close\r\n".encode()
    chunked = b"0\r\n\r\n" + inner
    yield (
        "te-and-cl",
        b"POST / HTTP/1.1\r\n" + head + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n" + chunked,
    )
    yield "two-lengths", b"POST / HTTP/1.1\r\n" + head + b"Content-Length: 0\r\nContent-Length: 40\r\n\r\n" + inner
    yield "length-list", b"POST / HTTP/1.1\r\n" + head + b"Content-Length: 0, 40\r\n\r\n" + inner
    yield "plus-length", b"POST / HTTP/1.1\r\n" + head + b"Content-Length: +5\r\n\r\n" + inner
    yield "minus-length", b"POST / HTTP/1.1\r\n" + head + b"Content-Length: -5\r\n\r\n" + inner
    yield "hex-length", b"POST / HTTP/1.1\r\n" + head + b"Content-Length: 0x10\r\n\r\n" + inner
    yield (
        "te-space",
        b"POST / HTTP/1.1\r\n" + head + b"Transfer-Encoding : chunked\r\nContent-Length: 5\r\n\r\n" + chunked,
    )
    yield "te-unknown", b"POST / HTTP/1.1\r\n" + head + b"Transfer-Encoding: xchunked\r\n\r\n" + chunked
    yield (
        "te-twice",
        b"POST / HTTP/1.1\r\n" + head + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n" + chunked,
    )
    yield "te-tab", b"POST / HTTP/1.1\r\n" + head + b"Transfer-Encoding:\tchunked\r\n\r\n" + chunked
    yield "folded", b"GET / HTTP/1.1\r\n" + head + b"X-A: b\r\n Transfer-Encoding: chunked\r\n\r\n" + chunked
    yield "bad-chunk", b"POST / HTTP/1.1\r\n" + head + b"Transfer-Encoding: chunked\r\n\r\n" + b"zz\r\n" + inner
    yield "chunk-sign", b"POST / HTTP/1.1\r\n" + head + b"Transfer-Encoding: chunked\r\n\r\n" + b"-1\r\n" + inner
    yield "long-chunk", b"POST / HTTP/1.1\r\n" + head + b"Transfer-Encoding: chunked\r\n\r\n" + b"fffffffffffffffff\r\n"
    yield "bare-lf", b"GET / HTTP/1.1\n" + head.replace(b"\r\n", b"\n") + b"Content-Length: 0\n\n"
    yield "null", b"GET / HTTP/1.1\r\n" + head + b"X-A: a\0b\r\n\r\n"
    yield "two-hosts", b"GET / HTTP/1.1\r\n" + head + b"Host: ffffffffffffffff.localhost\r\n\r\n"
    yield "space-in-name", b"GET / HTTP/1.1\r\n" + head + b"X A: b\r\n\r\n"
    yield "body-on-get", b"GET / HTTP/1.1\r\n" + head + b"Content-Length: 34\r\n\r\n" + inner[:34]
    yield "crlf-in-path", b"GET /a%0d%0aHost:%20x HTTP/1.1\r\n" + head + b"\r\n"
    yield "no-version", b"GET /\r\n\r\n"
    yield "http-2-preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def test_no_second_request_is_smuggled_in(house: Front) -> None:
    cell = Echo()
    instance = house.opens(ALICE, cell)
    mine = cookies(house.enters(ALICE, instance), instance, house)
    host = f"{instance}.localhost:{house.gateway_port}"
    vectors = list(smuggling(host, mine))
    assert len(vectors) >= 20
    for name, sent in vectors:
        before = len(cell.seen)
        # A vector whose body never ends is left hanging: nginx waits longer than we need to.
        reply = house.raw(sent, patience_s=0.5)
        passed = cell.seen[before:]
        assert len(passed) <= 1, name
        assert all(each[":path"] != "/smuggled" for each in passed), name
        assert all(each["Host"] == host for each in passed), name
        assert status(reply) in (200, 400, 405, 411, 413, 421, 501, 0), name
    assert status(request(house, instance, mine)) == 200, "the cell still answers"


def test_a_second_answer_is_dropped(house: Front) -> None:
    instance = house.opens(ALICE)
    path = house.folders.run_folder(house.site.cell_of(instance)) / layout.HTTP_SOCKET

    def twice(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok" + b"HTTP/1.0 200 OK\r\n\r\nsecond")

    with answering(twice, path):
        client = house.enters(ALICE, instance)
        assert client.seen().text == "ok"
        assert b"second" not in request(house, instance, cookies(client, instance, house))


def test_headers_and_bodies_have_a_limit(house: Front) -> None:
    cell = Echo()
    instance = house.opens(ALICE, cell)
    mine = cookies(house.enters(ALICE, instance), instance, house)
    before = len(cell.seen)
    huge = request(house, instance, mine, *[f"X-{order}: {'a' * 4000}" for order in range(8)])
    assert status(huge) == 400
    declared = request(
        house, instance, mine, f"Origin: {house.origin(instance)}", "Content-Length: 3000000", method="POST"
    )
    assert status(declared) == 413
    assert len(cell.seen) == before


def test_a_cell_with_endless_headers_gets_502(house: Front) -> None:
    instance = house.opens(ALICE)
    path = house.folders.run_folder(house.site.cell_of(instance)) / layout.HTTP_SOCKET

    def endless(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.0 200 OK\r\nX-A: ")
        while True:
            connection.sendall(b"a" * 65536)

    with answering(endless, path):
        assert house.enters(ALICE, instance).seen().status == 502


@pytest.mark.slow
def test_a_silent_cell_costs_ten_seconds_and_its_neighbour_nothing(house: Front) -> None:
    silent, neighbour = house.opens(ALICE), house.opens(CHARLIE, Echo())
    path = house.folders.run_folder(house.site.cell_of(silent)) / layout.HTTP_SOCKET
    other = house.enters(CHARLIE, neighbour)

    def wait(connection: socket.socket) -> None:
        while connection.recv(65536):
            pass

    with answering(wait, path):
        assert house.enters(ALICE, silent).seen().status == 504
        assert other.get(house.origin(neighbour)).status == 200


def test_a_gateway_that_is_down_says_so(house: Front) -> None:
    instance = house.opens(ALICE, Echo())
    mine = cookies(house.enters(ALICE, instance), instance, house)
    house.site.services.settings.site.gateway_socket.unlink()
    reply = request(house, instance, mine)
    assert status(reply) == 503
    assert "平台正在重新启动".encode() in reply


def test_a_person_cannot_hold_all_connections_of_an_instance(house: Front) -> None:
    instance = house.opens(ALICE)
    path = house.folders.run_folder(house.site.cell_of(instance)) / layout.HTTP_SOCKET
    arrived = threading.Semaphore(0)

    def hold(connection: socket.socket) -> None:
        arrived.release()
        while connection.recv(65536):
            pass

    host = f"Host: {instance}.localhost:{house.gateway_port}\r\n"
    entering = f"GET /_enter?ticket={house.site.ticket(ALICE, instance)} HTTP/1.1\r\n{host}Connection: close\r\n\r\n"
    cookie = house.raw(entering.encode()).split(b"Set-Cookie: ")[1].split(b";")[0].decode()
    with answering(hold, path), ExitStack() as held:
        for _ in range(12):
            connection = held.enter_context(socket.create_connection(("127.0.0.1", house.gateway_port)))
            connection.sendall(f"GET / HTTP/1.1\r\n{host}Cookie: {cookie}\r\n\r\n".encode())
        assert all(arrived.acquire(timeout=20) for _ in range(12))
        assert status(request(house, instance, cookie)) == 503


def test_a_taken_port_is_named(house: Front) -> None:
    """nginx does not start beside somebody else, and says on which port."""
    folder = house.site.services.settings.site.nginx_folder
    again = (folder / "nginx.conf").read_text(encoding="utf-8").replace("nginx.pid", "second.pid")
    (folder / "second.conf").write_text(again, encoding="utf-8")
    tried = subprocess.run(
        [NGINX, "-c", str(folder / "second.conf"), "-e", "stderr"],
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert tried.returncode != 0
    assert f"bind() to 127.0.0.1:{house.gateway_port} failed" in tried.stderr


def test_the_gateways_own_files_are_served_to_its_pages(house: Front) -> None:
    instance = house.opens(ALICE, Echo())
    page = Client().get(house.origin(instance))
    assert 'href="/_gateway/door.css"' in page.text
    style = Client().get(f"{house.origin(instance)}/_gateway/door.css")
    assert style.status == 200
    assert style.headers["Content-Type"].startswith("text/css")


def test_a_checkout_that_only_root_may_enter_loses_no_long_form(house: Front) -> None:
    """As in root's home: what nginx's workers write down meanwhile must lie where they get to."""
    house.site.services.settings.site.state.chmod(0o700)
    port, body = house.site.services.settings.panel.port, b"a=" + b"x" * 300_000
    lines = (f"Host: localhost:{port}", "Connection: close", f"Content-Length: {len(body)}")
    said = house.raw("\r\n".join(["POST /records HTTP/1.1", *lines, "", ""]).encode() + body, port=port)
    assert status(said) == 200
    assert house.panel.seen[-1][":body"] == body.decode()


def test_what_pages_ask_by_themselves_is_no_sign_of_life(house: Front) -> None:
    instance = house.opens(ALICE, Echo())
    client = house.enters(ALICE, instance)
    house.site.clock.pass_time(seconds=10)
    client.get(f"{house.origin(instance)}/desk")
    noted = house.site.last_request(instance)
    assert noted is not None
    for path in ("/_pulse", "/_notes", "/_pulse?x=1"):
        house.site.clock.pass_time(seconds=10)
        client.get(f"{house.origin(instance)}{path}")
    house.site.clock.pass_time(seconds=10)
    assert house.site.last_request(instance) == noted
    client.get(f"{house.origin(instance)}/_pulses")
    assert house.site.last_request(instance) != noted


def test_a_sleeping_hospital_leads_to_the_workbench(house: Front) -> None:
    instance = house.opens(ALICE, Echo())
    client = house.enters(ALICE, instance)
    with house.site.services.database.transaction() as stores:
        stores.instances.move(instance, Observed.OPEN, Observed.HIBERNATED)
    page = client.get(f"{house.origin(instance)}/")
    assert page.status == 409
    assert "练习环境正在休眠" in page.text
    assert f"/practice/{instance}" in page.text

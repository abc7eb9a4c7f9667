"""Through the real nginx: who gets in, what gets through, what a hostile cell or client achieves."""

from __future__ import annotations

import json
import subprocess

import pytest

from sandbox.provisioning.model import Observed
from sandbox.robot.client import Client
from tests.fakes import FrozenClock
from tests.front import NGINX, Echo, Front
from tests.journeys.by_hand import cookies, request, status
from tests.personas import ALICE, CHARLIE

pytestmark = pytest.mark.nginx


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


def test_a_gateway_that_is_down_says_so(house: Front) -> None:
    instance = house.opens(ALICE, Echo())
    mine = cookies(house.enters(ALICE, instance), instance, house)
    house.site.services.settings.site.gateway_socket.unlink()
    reply = request(house, instance, mine)
    assert status(reply) == 503
    assert "平台正在重新启动".encode() in reply


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

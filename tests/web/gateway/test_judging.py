"""The gateway alone, asked as nginx asks it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sandbox.errors import StoreBusyError
from sandbox.people.model import PersonId
from sandbox.provisioning.model import InstanceId, Observed
from tests.fakes import FrozenClock
from tests.gateway_site import GatewaySite, make_site
from tests.personas import ALICE, CHARLIE
from web.gateway import create_gateway, serve
from web.gateway.app import PASS_COOKIE

OWN = "same-origin"


@pytest.fixture
def site(tmp_path: Path, database_path: Path, clock: FrozenClock) -> Iterator[GatewaySite]:
    made = make_site(tmp_path, database_path, clock, run_group="root", ports=(8420, 8421))
    for person in (ALICE, CHARLIE):
        made.logs_in(person)
    yield made
    made.services.database.close()


@pytest.fixture
def gateway(site: GatewaySite) -> Flask:
    return create_gateway(site.services)


@pytest.fixture
def client(gateway: Flask) -> FlaskClient:
    return gateway.test_client(use_cookies=False)


def enters(site: GatewaySite, client: FlaskClient, instance: InstanceId, token: str | None = None) -> TestResponse:
    token = site.ticket(ALICE, instance) if token is None else token
    return client.get(f"/_enter?ticket={token}", headers={"X-Instance": instance, "X-Real-IP": "192.0.2.7"})


def pass_of(reply: TestResponse) -> str:
    value = reply.headers["Set-Cookie"].split(";")[0]
    assert value.startswith(f"{PASS_COOKIE}=")
    return value


def asks(
    client: FlaskClient, instance: str, cookie: str = "", *, path: str = "/_check", **headers: str
) -> TestResponse:
    sent = {
        "X-Instance": instance,
        "Cookie": cookie,
        **{key.replace("_", "-"): value for key, value in headers.items()},
    }
    return client.get(path, headers=sent)


def test_a_ticket_opens_the_door_once_and_disappears_from_the_address(site: GatewaySite, client: FlaskClient) -> None:
    instance = site.opens(ALICE)
    token = site.ticket(ALICE, instance)
    first, second = (enters(site, client, instance, token) for _ in range(2))
    assert (first.status_code, first.headers["Location"]) == (303, "/")
    assert second.status_code == 403
    assert "凭证" in second.text
    assert "Set-Cookie" not in second.headers


def test_the_pass_is_a_host_cookie_that_lives_in_a_frame(site: GatewaySite, client: FlaskClient) -> None:
    reply = enters(site, client, site.opens(ALICE))
    attributes = {each.strip() for each in reply.headers["Set-Cookie"].split(";")[1:]}
    assert attributes == {"Secure", "HttpOnly", "Path=/", "SameSite=None", "Partitioned"}


def test_the_pass_leads_to_the_present_cell(site: GatewaySite, client: FlaskClient) -> None:
    instance = site.opens(ALICE)
    reply = asks(client, instance, pass_of(enters(site, client, instance)))
    assert reply.status_code == 204
    expected = site.services.settings.site.run / site.cell_of(instance) / "h" / "http.sock"
    assert reply.headers["X-Cell-Socket"] == str(expected)


def test_after_a_reset_the_same_pass_leads_to_the_new_cell_at_once(site: GatewaySite, client: FlaskClient) -> None:
    instance = site.opens(ALICE)
    cookie = pass_of(enters(site, client, instance))
    before = asks(client, instance, cookie).headers["X-Cell-Socket"]
    site.moves(instance, Observed.OPEN, Observed.REPLACING)
    assert asks(client, instance, cookie).status_code == 403
    cell = site.flips(instance)
    after = asks(client, instance, cookie).headers["X-Cell-Socket"]
    assert before != after
    assert cell in after


def test_an_expired_ticket_is_refused(site: GatewaySite, client: FlaskClient, clock: FrozenClock) -> None:
    instance = site.opens(ALICE)
    token = site.ticket(ALICE, instance)
    clock.pass_time(seconds=61)
    assert enters(site, client, instance, token).status_code == 403


def test_a_ticket_for_one_instance_opens_no_other(site: GatewaySite, client: FlaskClient) -> None:
    hers, his = site.opens(ALICE), site.opens(CHARLIE)
    assert enters(site, client, his, site.ticket(ALICE, hers)).status_code == 403


def test_asking_with_head_does_not_use_the_ticket_up(site: GatewaySite, client: FlaskClient) -> None:
    instance = site.opens(ALICE)
    token = site.ticket(ALICE, instance)
    assert client.head(f"/_enter?ticket={token}", headers={"X-Instance": instance}).status_code == 405
    assert enters(site, client, instance, token).status_code == 303


def test_a_pass_for_one_instance_opens_no_other(site: GatewaySite, client: FlaskClient) -> None:
    hers, his = site.opens(ALICE), site.opens(CHARLIE)
    cookie = pass_of(enters(site, client, hers))
    assert asks(client, his, cookie).status_code == 403
    page = asks(client, his, cookie, path="/_explain")
    assert page.status_code == 403
    assert "这不是您的练习环境" in page.text


def test_a_cookie_of_broken_bytes_beside_the_pass_breaks_nothing(site: GatewaySite, client: FlaskClient) -> None:
    instance = site.opens(ALICE)
    cookie = pass_of(enters(site, client, instance))
    raw = {"HTTP_X_INSTANCE": instance, "HTTP_COOKIE": f"theme=\xff\xfe; {cookie}"}
    assert client.get("/_check", environ_base=raw).status_code == 204
    raw["HTTP_COOKIE"] = f"{PASS_COOKIE}=\xe4\xff"
    assert client.get("/_check", environ_base=raw).status_code == 403


@pytest.mark.parametrize("change", ["cut", "other-instance", "empty", "garbage", "unsigned"])
def test_a_forged_pass_is_no_pass(site: GatewaySite, client: FlaskClient, change: str) -> None:
    hers, his = site.opens(ALICE), site.opens(CHARLIE)
    good = pass_of(enters(site, client, hers))
    forged = {
        "cut": good[:-1],
        "other-instance": good.replace(hers, his),
        "empty": f"{PASS_COOKIE}=",
        "garbage": f"{PASS_COOKIE}=...............",
        "unsigned": good.rpartition(".")[0],
    }[change]
    target = his if change == "other-instance" else hers
    assert asks(client, target, forged).status_code == 403
    assert asks(client, target, forged, path="/_explain").status_code == 401


def test_two_passes_are_believed_neither(site: GatewaySite, client: FlaskClient) -> None:
    instance = site.opens(ALICE)
    cookie = pass_of(enters(site, client, instance))
    assert asks(client, instance, f"{cookie}; {PASS_COOKIE}=tossed").status_code == 403


def test_a_pass_ends_with_the_log_in_behind_it(site: GatewaySite, client: FlaskClient) -> None:
    instance = site.opens(ALICE)
    cookie = pass_of(enters(site, client, instance))
    site.logs_out(ALICE)
    assert asks(client, instance, cookie).status_code == 403
    site.logs_in(ALICE, "second")
    assert asks(client, instance, cookie).status_code == 403
    assert asks(client, instance, pass_of(enters(site, client, instance))).status_code == 204


def test_a_disabled_person_is_out_at_once(site: GatewaySite, client: FlaskClient) -> None:
    instance = site.opens(ALICE)
    cookie = pass_of(enters(site, client, instance))
    with site.services.database.transaction() as stores:
        stores.people.disable(PersonId(ALICE.id))
    assert asks(client, instance, cookie).status_code == 403


def test_a_pass_does_not_outlive_a_working_day(site: GatewaySite, client: FlaskClient, clock: FrozenClock) -> None:
    instance = site.opens(ALICE)
    cookie = pass_of(enters(site, client, instance))
    clock.pass_time(hours=11)
    assert asks(client, instance, cookie).status_code == 204
    clock.pass_time(hours=2)
    assert asks(client, instance, cookie).status_code == 403


@pytest.mark.parametrize(
    ("states", "status", "waits", "words"),
    [
        ((Observed.OPEN, Observed.REPLACING), 409, True, "正在准备"),
        ((Observed.OPEN, Observed.CLOSED), 404, False, "已关闭"),
        ((Observed.OPEN, Observed.FAILED), 409, False, "出现故障"),
    ],
)
def test_a_closed_door_says_what_is_the_matter(
    site: GatewaySite, client: FlaskClient, states: tuple[Observed, Observed], status: int, waits: bool, words: str
) -> None:
    instance = site.opens(ALICE)
    cookie = pass_of(enters(site, client, instance))
    site.moves(instance, *states)
    page = asks(client, instance, cookie, path="/_explain")
    assert (page.status_code, "http-equiv" in page.text) == (status, waits)
    assert words in page.text
    assert 'href="http://localhost:8420/"' in page.text


def test_pages_speak_english_too(site: GatewaySite, client: FlaskClient) -> None:
    page = asks(client, "0" * 16, path="/_explain", Accept_Language="en-GB,en;q=0.8")
    assert page.status_code == 401
    assert "Please enter from My training" in page.text
    assert '<html lang="en">' in page.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec_Fetch_Site": "same-origin"}, 204),
        ({"Sec_Fetch_Site": "same-site"}, 403),
        ({"Sec_Fetch_Site": "cross-site"}, 403),
        ({"Sec_Fetch_Site": "none"}, 403),
        ({"Sec_Fetch_Site": "cross-site", "Origin": "own"}, 403),
        ({"Origin": "own"}, 204),
        ({"Origin": "http://localhost:8420"}, 403),
        ({"Origin": "http://ffffffffffffffff.localhost:8421"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 403),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_unsafe_requests_come_from_the_instances_own_pages(
    site: GatewaySite, client: FlaskClient, method: str, headers: dict[str, str], status: int
) -> None:
    instance = site.opens(ALICE)
    cookie = pass_of(enters(site, client, instance))
    sent = {name: f"http://{instance}.localhost:8421" if v == "own" else v for name, v in headers.items()}
    assert asks(client, instance, cookie, X_Method=method, **sent).status_code == status


def test_entering_leaves_a_trace(site: GatewaySite, client: FlaskClient) -> None:
    instance = site.opens(ALICE)
    enters(site, client, instance)
    with site.services.database.reading() as stores:
        newest = stores.audit.newest()
    assert newest is not None
    assert (newest.actor, newest.verb, newest.subject) == (ALICE.id, "instance.enter", instance)
    assert newest.address == "192.0.2.7"


def test_requests_are_counted_together_and_not_one_by_one(
    site: GatewaySite, client: FlaskClient, clock: FrozenClock
) -> None:
    instance = site.opens(ALICE)
    cookie = pass_of(enters(site, client, instance))

    def last_request() -> object:
        with site.services.database.reading() as stores:
            return stores.instances.get(instance).last_request_at

    for _ in range(5):
        assert asks(client, instance, cookie).status_code == 204
    assert last_request() is None
    now = clock.pass_time(seconds=3)
    asks(client, instance, cookie)
    assert last_request() == now


def test_gunicorn_is_given_a_gateway_of_the_site_in_the_settings(
    site: GatewaySite, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = site.services.settings
    written = tmp_path / "settings.toml"
    written.write_text(
        f'[site]\nid = "{settings.site.id}"\nstate = "{settings.site.state}"\nrun = "{settings.site.run}"\n'
        f'[database]\nurl = "{settings.database.url}"\n'
    )
    monkeypatch.setenv("HIS_SANDBOX_SETTINGS", str(written))
    served = serve()
    reply = served.test_client().get("/_check", headers={"X-Instance": "0" * 16})
    assert reply.status_code == 403
    served.extensions["his-services"].database.close()


def test_a_busy_database_is_a_no_and_a_page_that_waits(
    site: GatewaySite, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance = site.opens(ALICE)
    cookie = pass_of(enters(site, client, instance))

    def busy() -> None:
        raise StoreBusyError("write lock held")

    monkeypatch.setattr(site.services.database, "reading", busy)
    assert asks(client, instance, cookie).status_code == 403
    page = asks(client, instance, cookie, path="/_explain")
    assert page.status_code == 502
    assert "http-equiv" in page.text

"""Who gets in: log-in, cookies, CSRF, verbs. Walks every route that exists, so a new one cannot be forgotten."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from werkzeug.routing import Rule

from sandbox.people import policy
from sandbox.people.model import Person, Role
from tests import personas
from tests.personas import ALICE, BOB, CHARLIE, DANA
from tests.web import site as sites
from tests.web.site import HOST, Browser, PanelSite
from web import access

VALUES = {
    "instance": "0" * 16,
    "cell": "0" * 12,
    "attempt": "0" * 16,
    "assignment": "0" * 16,
    "hint": "h1",
    "filename": "panel.css",
    "key": "nothing",
    "night": "2030-03-03",
    "sha256": "0" * 64,
    "exercise": "urti-penicillin-allergy",
    "version": "urti-penicillin-allergy@2",
}
REDIRECTS = (
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https://evil.example",
    "http:evil.example",
    "HTTP://evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "/\tevil.example/",
    "/\nevil.example",
    "/%0d%0aSet-Cookie:x=1",
    "//localhost:8420@evil.example",
    "/login/../../evil",
    "evil.example",
    ".evil.example",
    "@evil.example",
    "?next=//evil.example",
    "#//evil.example",
    "/logout",
    "/language",
    "/training/launch",
    "/teaching/assignments/1/withdraw",
    "/static/../../etc/passwd",
    "/nowhere",
    "／／evil.example",
    "//evil.example",
    "/.//evil.example",
    "ftp://evil.example",
    "http://localhost:8420.evil.example/",
    "http:///training",
    " //evil.example",
)


def routes(site: PanelSite) -> list[tuple[str, str, str]]:
    """Return (method, path, verb) of every route."""
    adapter = site.app.url_map.bind(HOST)
    found = []
    for rule in site.app.url_map.iter_rules():
        methods: set[str] = set(rule.methods or ()) & {"GET", "POST"}
        found += [(method, _path(adapter, rule, method), _verb(site, rule)) for method in sorted(methods)]
    return found


def _path(adapter: Any, rule: Rule, method: str) -> str:
    values = {name: VALUES[name] for name in rule.arguments}
    return str(adapter.build(rule.endpoint, values, method=method))


def _verb(site: PanelSite, rule: Rule) -> str:
    return str(getattr(site.app.view_functions[rule.endpoint], "needs", ""))


def ask(browser: Browser, method: str, path: str) -> int:
    return (browser.get(path) if method == "GET" else browser.post(path)).status_code


def test_every_route_declares_a_verb(site: PanelSite) -> None:
    assert [path for _method, path, verb in routes(site) if verb != access.ANYONE and verb not in policy.RULES] == []


def test_a_verb_without_a_rule_does_not_start() -> None:
    with pytest.raises(KeyError):
        access.needs("world.rule")


def test_nobody_gets_in_without_logging_in(site: PanelSite) -> None:
    answers = {path: ask(site.browser(), method, path) for method, path, verb in routes(site) if verb != access.ANYONE}
    assert set(answers.values()) == {401}


@pytest.mark.parametrize("person", [ALICE, BOB, DANA], ids=lambda one: next(iter(one.roles)).value)
def test_a_role_reaches_what_its_verbs_allow_and_nothing_else(site: PanelSite, person: Person) -> None:
    browser = site.logged_in(person)
    allowed = {verb for verb, rule in policy.RULES.items() if person.roles & (rule.own | rule.others)}
    wrong = []
    for method, path, verb in routes(site):
        if verb == access.ANYONE or path == "/logout":
            continue
        status = ask(browser, method, path)
        if (status == 403) != (verb not in allowed) or status in (401, 500):
            wrong.append((method, path, verb, status))
    assert wrong == []


def test_another_persons_things_are_refused(site: PanelSite) -> None:
    instance, attempt = sites.open_instance(site, ALICE)
    charlie = site.logged_in(CHARLIE)
    deeds = ("enter", "submit", "reset", "end", "hints/h1", "again")
    assert charlie.get(f"/practice/{instance}").status_code == 403
    assert charlie.get(f"/practice/{instance}/status").status_code == 403
    assert charlie.get(f"/reports/{attempt}").status_code == 403
    assert {charlie.post(f"/practice/{instance}/{deed}").status_code for deed in deeds} == {403}


def test_unsafe_requests_need_our_origin_and_the_token(site: PanelSite) -> None:
    alice = site.logged_in(ALICE)
    token = {"csrf_token": alice.token()}
    same = {"Sec-Fetch-Site": "same-origin"}
    for _method, path, verb in [one for one in routes(site) if one[0] == "POST"]:
        if verb not in ("instance.launch", "home.view", access.ANYONE):
            continue
        assert alice.bare_post(path, {}, same).status_code == 403
        assert alice.bare_post(path, {"csrf_token": "0" * 32}, same).status_code == 403
        for site_header in ("cross-site", "same-site", "none"):
            assert alice.bare_post(path, token, {"Sec-Fetch-Site": site_header}).status_code == 403
        for origin in ("http://evil.example", "http://x.localhost:8421", "null", f"https://{HOST}"):
            assert alice.bare_post(path, token, {"Origin": origin}).status_code == 403
        assert alice.bare_post(path, token, {}).status_code == 403
    with site.database.reading() as stores:
        assert stores.instances.live() == []


def test_an_exact_origin_is_enough_for_a_browser_without_fetch_headers(site: PanelSite) -> None:
    alice = site.logged_in(ALICE)
    reply = alice.bare_post("/training/launch", {"csrf_token": alice.token()}, {"Origin": f"http://{HOST}"})
    assert reply.status_code == 303


def test_pages_leave_the_database_as_it_was(site: PanelSite) -> None:
    instance, attempt = sites.open_instance(site, ALICE)
    sites.assigned(site, ALICE)
    sites.furnished(site)
    here = {**VALUES, "instance": instance, "attempt": attempt}
    browsers = [site.logged_in(person) for person in (ALICE, BOB, DANA)]
    before = _dump(site)
    adapter = site.app.url_map.bind(HOST)
    for rule in site.app.url_map.iter_rules():
        if "GET" in (rule.methods or ()):
            path = adapter.build(rule.endpoint, {name: here[name] for name in rule.arguments}, method="GET")
            for browser in browsers:
                browser.get(str(path))
    assert _dump(site) == before


def _dump(site: PanelSite) -> list[str]:
    with site.database.reading() as stores:
        raw = stores.connection.connection.driver_connection
        assert raw is not None
        return list(raw.iterdump())


def test_the_login_cookie_is_strict_and_bound_to_the_host(site: PanelSite) -> None:
    reply = site.browser().log_in(ALICE.login, personas.PASSWORD)
    cookie = next(line for line in reply.headers.getlist("Set-Cookie") if line.startswith(access.LOGIN_COOKIE))
    assert cookie.startswith("__Host-")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Strict"} <= {part.strip() for part in cookie.split(";")}
    assert "Domain" not in cookie


def test_two_login_cookies_are_refused(site: PanelSite) -> None:
    cookies = f"{access.LOGIN_COOKIE}=a; {access.LOGIN_COOKIE}=b"
    reply = site.app.test_client(use_cookies=False).get(
        "/training", base_url=f"http://{HOST}", headers={"Cookie": cookies}
    )
    assert reply.status_code == 400


def test_a_wrong_password_and_an_unknown_name_look_the_same(site: PanelSite) -> None:
    wrong, unknown = (site.browser().log_in(login, "Wrong-password-1") for login in (ALICE.login, "NOBODY"))
    assert (wrong.status_code, unknown.status_code) == (401, 401)
    assert "工号或密码不正确" in wrong.text
    assert "工号或密码不正确" in unknown.text


def test_the_fifth_failure_locks_and_says_until_when(site: PanelSite) -> None:
    browser = site.browser()
    for _try in range(5):
        reply = browser.log_in(ALICE.login, "Wrong-password-1")
    assert "失败次数过多" in reply.text
    assert browser.log_in(ALICE.login, personas.PASSWORD).status_code == 401


def test_a_stolen_cookie_is_worth_nothing_after_logging_out(site: PanelSite) -> None:
    alice = site.logged_in(ALICE)
    stolen = alice.client.get_cookie(access.LOGIN_COOKIE, "localhost")
    assert stolen is not None
    alice.post("/logout")
    assert alice.get("/training").status_code == 401
    thief = site.browser()
    thief.client.set_cookie(access.LOGIN_COOKIE, stolen.value, domain="localhost", secure=True)
    assert thief.get("/training").status_code == 401


def test_a_login_ends_after_half_an_hour_of_silence_and_lives_on_with_use(site: PanelSite) -> None:
    alice = site.logged_in(ALICE)
    for _minutes in range(3):
        site.clock.pass_time(minutes=20)
        assert alice.get("/training").status_code == 200
    site.clock.pass_time(minutes=31)
    assert alice.get("/training").status_code == 401


def test_a_login_ends_after_twelve_hours_whatever_happens(site: PanelSite) -> None:
    alice = site.logged_in(ALICE)
    for _minutes in range(36):
        site.clock.pass_time(minutes=20)
        alice.get("/training")
    site.clock.pass_time(minutes=1)
    assert alice.get("/training").status_code == 401


def test_somebody_disabled_is_out_at_once(site: PanelSite) -> None:
    alice = site.logged_in(ALICE)
    with site.database.transaction() as stores:
        stores.people.disable(ALICE.id)
    assert alice.get("/training").status_code == 401


def test_an_initial_password_leads_to_choosing_ones_own(site: PanelSite) -> None:
    newcomer = replace(ALICE, id="new", login="P0100", must_change_password=True)
    with site.database.transaction() as stores:
        stores.people.add(newcomer, site.services.passwords.hash(personas.PASSWORD))
    browser = site.logged_in(newcomer)
    assert browser.get("/training").headers["Location"] == "/password"
    assert browser.post("/training/launch").status_code == 403
    token = browser.client.get_cookie(access.LOGIN_COOKIE, "localhost")
    own = {"old": personas.PASSWORD, "new": "Heron-lake-42", "again": "Heron-lake-42"}
    assert browser.post("/password", {**own, "again": "Heron-lake-43"}).status_code == 422
    assert browser.post("/password", {**own, "old": "no"}).status_code == 422
    assert "至少 10 个字符" in browser.post("/password", {**own, "new": "short", "again": "short"}).text
    assert browser.post("/password", own).status_code == 303
    assert browser.get("/training").status_code == 200
    assert browser.client.get_cookie(access.LOGIN_COOKIE, "localhost") != token


@pytest.mark.parametrize("target", REDIRECTS)
def test_logging_in_never_leads_to_another_site(site: PanelSite, target: str) -> None:
    browser = site.browser()
    reply = browser.post("/login", {"login": ALICE.login, "password": personas.PASSWORD, "next": target})
    assert reply.headers["Location"] == "/"


def test_logging_in_leads_to_the_page_one_came_for(site: PanelSite) -> None:
    browser = site.browser()
    page = browser.get("/teaching/results?state=passed")
    assert page.status_code == 401
    assert 'name="next" value="/teaching/results?state=passed"' in page.text
    values = {"login": BOB.login, "password": personas.PASSWORD, "next": "/teaching/results?state=passed"}
    assert browser.post("/login", values).headers["Location"] == "/teaching/results?state=passed"


def test_an_address_that_loses_cookies_is_explained_and_never_loops(site: PanelSite) -> None:
    client = site.app.test_client()
    page = client.get("/login", base_url="http://his.hospital.example")
    assert "data-insecure" in page.text
    lost = site.app.test_client(use_cookies=False).post(
        "/login",
        base_url="http://his.hospital.example",
        data={"login": ALICE.login, "password": personas.PASSWORD, "csrf_token": "x"},
        headers={"Origin": "http://his.hospital.example"},
    )
    assert lost.status_code == 400
    assert "data-insecure" in lost.text


def test_each_role_has_its_own_first_page(site: PanelSite) -> None:
    firsts = {person.login: site.logged_in(person).get("/").headers["Location"] for person in (ALICE, BOB, DANA)}
    assert firsts == {"P0001": "/training", "P0002": "/teaching/results", "P0004": "/fleet"}


def test_navigation_is_the_union_of_the_roles(site: PanelSite) -> None:
    everything = replace(ALICE, id="all", login="P0200", roles=frozenset(Role))
    with site.database.transaction() as stores:
        stores.people.add(everything, site.services.passwords.hash(personas.PASSWORD))
    page = site.logged_in(everything).get("/training").text
    assert all(f'href="{path}"' in page for path in ("/training", "/teaching/results", "/fleet/nightly"))
    assert 'href="/fleet"' not in site.logged_in(ALICE).get("/training").text

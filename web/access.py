"""Who is at the door: log-in cookie, origin and CSRF token, verbs. Every view declares its verb with `needs`."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from flask import Flask, current_app, g, redirect, request, session, url_for
from werkzeug.exceptions import BadRequest, Forbidden, MethodNotAllowed, NotFound, Unauthorized
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response

from sandbox.bootstrap import Services
from sandbox.errors import Language, NotFoundError
from sandbox.people import operations as people
from sandbox.people import policy
from sandbox.people.model import Actor, Login, Person
from web import tracing

LOGIN_COOKIE = "__Host-his-login"
VISIT_COOKIE = "__Host-his-visit"
"""Signed, holds nothing but the CSRF token of somebody not logged in, notices for the next page, and a language."""

EXTENSION = "his-services"
ANYONE = "anyone"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
TOUCH_EVERY = timedelta(seconds=60)
"""A log-in's last use is written this often; noting every click would make every page a write."""

BEFORE_OWN_PASSWORD = frozenset({"home.password_page", "home.change_password", "home.log_out"})

View = TypeVar("View", bound=Callable[..., Any])


def needs(verb: str) -> Callable[[View], View]:
    """Let a view be reached only by people whose roles may do `verb`; whose thing it is, the operation checks."""
    policy.RULES[verb]

    def declare(view: View) -> View:
        cast(Any, view).needs = verb
        return view

    return declare


def open_to_all(view: View) -> View:
    """Declare that a view needs no log-in."""
    cast(Any, view).needs = ANYONE
    return view


def services() -> Services:
    """Return what bootstrap wired for this process."""
    return cast(Services, current_app.extensions[EXTENSION])


def now() -> datetime:
    """Return the moment of this request: asked once, the same for everything it does."""
    return cast(datetime, g.now)


def person() -> Person:
    """Return who is logged in. Only behind `needs`."""
    return cast(Person, g.person)


def actor() -> Actor:
    """Return who is logged in, as operations know them."""
    one = person()
    return Actor(id=one.id, roles=one.roles, address=request.remote_addr or "", cause=tracing.cause())


def may(verb: str) -> bool:
    """Say whether the person's roles may do this at all."""
    return g.get("person") is not None and policy.may(actor(), verb)


def csrf_token() -> str:
    """Return the token that forms of this page carry."""
    login: Login | None = g.get("login")
    if login is not None:
        return login.csrf
    return cast(str, session.setdefault("csrf", secrets.token_hex(16)))


def remember(reply: Response, token: str) -> Response:
    """Give the browser its log-in cookie."""
    limit = services().settings.security.login_absolute_s
    reply.set_cookie(LOGIN_COOKIE, token, max_age=limit, secure=True, httponly=True, samesite="Strict", path="/")
    return reply


def forget(reply: Response) -> Response:
    """Take the log-in cookie away."""
    reply.set_cookie(LOGIN_COOKIE, "", max_age=0, secure=True, httponly=True, samesite="Strict", path="/")
    return reply


def wants_json() -> bool:
    """Say whether a page's own script asks, not a person."""
    return request.accept_mimetypes.best == "application/json"


def register(app: Flask) -> None:
    """Check every request before its view runs."""
    tracing.register(app)
    app.before_request(check)
    app.jinja_env.globals["csrf_token"] = csrf_token


class CookiesLostError(BadRequest):
    """A form came back without the cookie its page set: the browser does not keep Secure cookies of this address."""


def check() -> Response | None:
    """Identify the person, refuse forged requests, refuse what the person's roles may not do."""
    g.now = services().clock.now()
    g.login, g.person = None, None
    g.language = _language()
    if request.endpoint == "static":
        return None
    _identify()
    unsafe = request.method not in SAFE_METHODS
    if unsafe and not _same_origin():
        raise Forbidden("not sent from a page of ours")
    verb = _verb()
    if verb != ANYONE and g.person is None:
        raise Unauthorized
    if unsafe and g.person is None and VISIT_COOKIE not in request.cookies:
        raise CookiesLostError
    if unsafe and not _token_fits():
        raise Forbidden("the form's token is missing or old")
    if verb == ANYONE:
        return None
    if not policy.may(actor(), verb):
        raise Forbidden(f"{g.person.login} may not {verb}")
    return _password_first(unsafe)


def _password_first(unsafe: bool) -> Response | None:
    """Lead somebody with an initial password to choose their own, whatever page they asked for."""
    if not person().must_change_password or request.endpoint in BEFORE_OWN_PASSWORD:
        return None
    if unsafe:
        raise Forbidden("the initial password comes first")
    return redirect(url_for("home.password_page"), 303)


def _verb() -> str:
    if request.routing_exception is not None:
        raise request.routing_exception
    view = current_app.view_functions[request.endpoint or ""]
    return cast(str, cast(Any, view).needs)


def _identify() -> None:
    tokens = request.cookies.getlist(LOGIN_COOKIE)
    if len(tokens) > 1:
        # Only a sibling host that tosses cookies at us makes two: believe neither.
        raise BadRequest("two log-in cookies")
    if not tokens:
        return
    limits = services().settings.security
    with services().database.reading() as stores:
        try:
            g.login, g.person = people.live_login(
                stores, tokens[0], now=now(), idle_s=limits.login_idle_s, absolute_s=limits.login_absolute_s
            )
        except NotFoundError:
            return
    g.language = g.person.language
    if now() - g.login.seen_at > TOUCH_EVERY:
        with services().database.transaction() as stores:
            stores.logins.touch(g.login.token_hash, seen_at=now())


def _language() -> Language:
    chosen = session.get("language")
    if chosen in ("zh", "en"):
        return cast(Language, chosen)
    return "en" if request.accept_languages.best_match(["zh", "en"], default="zh") == "en" else "zh"


def _same_origin() -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("Origin") == request.host_url.rstrip("/")


def _token_fits() -> bool:
    sent = request.headers.get("X-CSRF-Token") or request.form.get("csrf_token", "")
    login: Login | None = g.login
    expected = login.csrf if login is not None else str(session.get("csrf", ""))
    return bool(expected) and hmac.compare_digest(sent.encode(), expected.encode())


def keeps_cookies() -> bool:
    """Say whether a browser will return Secure cookies to the address it used."""
    host = request.host.rpartition(":")[0] if request.host.rpartition(":")[2].isdigit() else request.host
    return request.is_secure or host == "localhost" or host.endswith(".localhost")


def local_path(target: str, otherwise: str) -> str:
    """Return `target` if it is a path of a page of ours, else `otherwise`: never leads to another site."""
    parts = urlsplit(target)
    clean = target.isprintable() and "\\" not in target and target.startswith("/") and not target.startswith("//")
    if not clean or parts.scheme or parts.netloc:
        return otherwise
    try:
        endpoint, _values = current_app.url_map.bind("localhost").match(parts.path, method="GET")
    except (NotFound, MethodNotAllowed, RequestRedirect):
        return otherwise
    return otherwise if endpoint == "static" else target

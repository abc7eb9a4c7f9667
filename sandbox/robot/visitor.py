"""One of a crowd: presses launch and follows the page's own script into the hospital, noting when each thing was there.

Does what launch.js and workbench.js do, in their order and at their pace; parses no page while it is timed.
"""

from __future__ import annotations

import html
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from sandbox.robot.client import RobotError
from sandbox.robot.pages import Page
from sandbox.robot.wire import Reply, Wire, WireError

POLL_S = 1.0
"""As launch.js and waiting.js."""
PATIENCE_S = 180.0
FIRST_PAGE = b'data-action="auth.login"'
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_WAY_IN = re.compile(rb'data-way-in="([^"]+)"')


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One way from a press to the hospital's first page. Seconds after the press; None = did not come so far."""

    pressed_at: float
    """Seconds since 1970: to be compared with the rows of this machine's database."""
    instance: str = ""
    answered: float | None = None
    """The panel's answer to the press."""
    opened: float | None = None
    """The page knew that the hospital is open."""
    ticket: float | None = None
    """The workbench had its ticket."""
    inside: float | None = None
    """The hospital's first page was there."""
    polls: int = 0
    failure: str = ""
    """'' or what went wrong, in a few words."""


@dataclass
class Visitor:
    """One browser profile of a crowd."""

    panel: str
    """Origin of the panel."""
    pause: Callable[[float], object] = time.sleep
    poll_s: float = POLL_S
    wires: dict[int, Wire] = field(default_factory=dict)
    cookies: dict[str, dict[str, str]] = field(default_factory=dict)
    csrf: str = ""
    instance: str = ""
    inside: bool = False
    """Has been in a hospital that it has not left."""

    def log_in(self, login: str, password: str) -> None:
        """Log in and look at My training. Raises RobotError if not let in."""
        page = self._page(self.panel + "/")
        form = page.form("login")
        if form is None:
            raise RobotError(f"no log-in on {page.url}: {page.status}")
        self._follow("POST", urljoin(page.url, form.action), dict(form.filled({"login": login, "password": password})))
        page = self._page(self.panel + "/training")
        token = next((value for one in page.forms for name, value in one.fields if name == "csrf_token"), "")
        if page.status != 200 or not token:
            raise RobotError(f"{login} was not let in: {page.status} on {page.url}")
        self.csrf = token

    def launch(self) -> Visit:
        """Press the button of free practice and go in."""
        return self._timed(self._launched)

    def reset(self) -> Visit:
        """Press "begin anew" in the workbench and go in again."""
        return self._timed(self._renewed)

    def wake(self) -> Visit:
        """Press "continue" on the page of a sleeping hospital and go in again."""
        return self._timed(self._woken)

    def look(self, path: str) -> float:
        """Load a page of the panel and return the seconds it took. Raises RobotError unless it is a page."""
        begun = time.perf_counter()
        reply, url = self._follow("GET", self.panel + path)
        if reply.status != 200:
            raise RobotError(f"{url} answers {reply.status}")
        return time.perf_counter() - begun

    def first_page(self) -> float:
        """Load the hospital's page again and return the seconds it took. Raises RobotError without one."""
        begun = time.perf_counter()
        reply, url = self._follow("GET", self._hospital())
        if FIRST_PAGE not in reply.body:
            raise RobotError(f"{url} answers {reply.status}, not the hospital")
        return time.perf_counter() - begun

    def leave(self) -> None:
        """Put the hospital away and hang up."""
        if self.instance:
            self._send("POST", f"{self.panel}/practice/{self.instance}/end", {"csrf_token": self.csrf})
            self.instance, self.inside = "", False
        self.hang_up()

    def hang_up(self) -> None:
        """Close the connections."""
        for wire in self.wires.values():
            wire.close()

    def _timed(self, go: Callable[[_Stopwatch], None]) -> Visit:
        watch = _Stopwatch(pressed_at=time.time(), begun=time.perf_counter())
        try:
            go(watch)
        except (RobotError, WireError, OSError, ValueError, KeyError) as wrong:
            watch.failure = f"{type(wrong).__name__}: {wrong}"[:200]
        return watch.visit(self.instance)

    def _launched(self, watch: _Stopwatch) -> None:
        answer = self._json("POST", f"{self.panel}/training/launch", {"csrf_token": self.csrf})
        self.instance = str(answer["page"]).rpartition("/")[2]
        watch.note("answered")
        while answer["state"] != "open":
            if answer["state"] in ("failed", "closed"):
                raise RobotError(f"the hospital is {answer['state']}: {answer['reference']}")
            self._wait(watch)
            answer = self._json("GET", urljoin(self.panel, answer["poll"]))
        watch.note("opened")
        self._go_in(watch, urljoin(self.panel, answer["page"]))

    def _renewed(self, watch: _Stopwatch) -> None:
        self._pressed("reset", watch)

    def _woken(self, watch: _Stopwatch) -> None:
        self._pressed("wake", watch)

    def _pressed(self, deed: str, watch: _Stopwatch) -> None:
        """Press a button of the workbench or its waiting page, and follow that page's script until one may go in."""
        bench = f"{self.panel}/practice/{self.instance}"
        reply, _ = self._follow("POST", f"{bench}/{deed}", {"csrf_token": self.csrf})
        watch.note("answered")
        while not _WAY_IN.search(reply.body):
            self._wait(watch)
            state = self._json("GET", f"{bench}/status?wait=1")["state"]
            if state in ("failed", "closed"):
                raise RobotError(f"the hospital is {state}")
            if state == "open":
                reply, _ = self._follow("GET", bench)
        watch.note("opened")
        self._with_ticket(watch, reply)

    def _wait(self, watch: _Stopwatch) -> None:
        """Ask each second, counted from question to question: an answer may itself take that long."""
        if watch.passed() > PATIENCE_S:
            raise RobotError(f"not open within {PATIENCE_S:.0f} s")
        self.pause(max(0.0, watch.asks_next - watch.passed()))
        watch.asks_next = watch.passed() + self.poll_s
        watch.polls += 1

    def _go_in(self, watch: _Stopwatch, bench: str) -> None:
        reply, _ = self._follow("GET", bench)
        self._with_ticket(watch, reply)

    def _with_ticket(self, watch: _Stopwatch, bench: Reply) -> None:
        found = _WAY_IN.search(bench.body)
        if found is None:
            raise RobotError(f"no workbench: {bench.status}")
        watch.note("ticket")
        address = html.unescape(found[1].decode())
        reply, url = self._follow("GET", address)
        if FIRST_PAGE not in reply.body:
            raise RobotError(f"{url} answers {reply.status}, not the hospital")
        watch.note("inside")
        self.inside = True

    def _hospital(self) -> str:
        host = next(host for host in self.cookies if host.startswith(f"{self.instance}."))
        return f"http://{host}/"

    def _page(self, url: str) -> Page:
        reply, url = self._follow("GET", url)
        text = reply.body.decode("utf-8", "replace")
        return Page(url=url, status=reply.status, headers=dict(reply.headers), text=text)

    def _json(
        self, method: str, url: str, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        reply = self._send(method, url, form, {"Accept": "application/json", **(headers or {})})
        if reply.status != 200:
            raise RobotError(f"{urlsplit(url).path} answers {reply.status}")
        told: dict[str, Any] = json.loads(reply.body)
        return told

    def _follow(self, method: str, url: str, form: Mapping[str, str] | None = None) -> tuple[Reply, str]:
        reply = self._send(method, url, form)
        while reply.status in _REDIRECTS:
            url = urljoin(url, reply.headers["location"])
            reply = self._send("GET", url)
        return reply, url

    def _send(
        self,
        method: str,
        url: str,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        parts = urlsplit(url)
        jar = self.cookies.setdefault(parts.netloc, {})
        sent = {"Host": parts.netloc, "Accept": "text/html", "Accept-Language": "zh-CN", **(headers or {})}
        if jar:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in jar.items())
        body = b""
        if method == "POST":
            sent |= {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
            body = urlencode(form or {}).encode()
        port = parts.port or 80
        wire = self.wires.get(port) or self.wires.setdefault(port, Wire(port))
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        reply = wire.ask(method, target, sent, body)
        for line in reply.cookies:
            _keep(jar, line)
        return reply


@dataclass
class _Stopwatch:
    pressed_at: float
    begun: float
    polls: int = 0
    failure: str = ""
    asks_next: float = 0.0
    noted: dict[str, float] = field(default_factory=dict)

    def passed(self) -> float:
        return time.perf_counter() - self.begun

    def note(self, what: str) -> None:
        self.noted[what] = self.passed()

    def visit(self, instance: str) -> Visit:
        return Visit(
            pressed_at=self.pressed_at, instance=instance, polls=self.polls, failure=self.failure, **self.noted
        )


def _keep(jar: dict[str, str], line: str) -> None:
    pair, *attributes = line.split(";")
    name, _, value = pair.strip().partition("=")
    if not value or any(each.strip().lower() == "max-age=0" for each in attributes):
        jar.pop(name, None)
    else:
        jar[name] = value

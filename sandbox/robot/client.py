"""A small browser without a screen: cookies, redirects, forms. Connects to one place and names the host it means."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urljoin, urlsplit

from sandbox.robot.pages import Form, Page

MAX_REDIRECTS = 10
TIMEOUT_S = 15.0


class RobotError(Exception):
    """The robot did not see what a person would need to see to go on. Says where and what was there instead."""


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path: Path, timeout: float = TIMEOUT_S) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        try:
            self.sock.connect(str(self._path))
        except OSError:
            self.sock.close()
            raise


@dataclass
class Client:
    """One browser profile. `unix` sends everything to one socket; else the URL's port on 127.0.0.1 is used."""

    unix: Path | None = None
    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, dict[str, str]] = field(default_factory=dict)
    """Host (with port, as browsers keep partitions apart for us) -> name -> value."""
    page: Page | None = None

    def get(self, url: str) -> Page:
        """Open an address as if typed; follow redirects. Any status below 500 is a page."""
        return self._open("GET", self._absolute(url), None)

    def submit(
        self,
        form: Form,
        values: Mapping[str, str | Sequence[str]] | None = None,
        *,
        to: str | None = None,
        follow: bool = True,
    ) -> Page:
        """Fill `values` into the form on the present page and send it, `to` where another of its buttons leads.

        With `follow` off the page stays and the reply, a redirect, is looked at no further.

        Raises KeyError for a field that the form does not have.
        """
        fields = form.filled(values or {})
        url = self._absolute(to or form.action or self._here())
        if form.method == "get":
            return self._open("GET", f"{url.split('?')[0]}?{urlencode(fields)}", None)
        body = urlencode(fields).encode()
        return self._open("POST", url, body) if follow else self._send("POST", url, body)

    def post(self, url: str, values: Mapping[str, str]) -> Page:
        """Send a bare POST, as a page's own script would."""
        return self._open("POST", self._absolute(url), urlencode(values).encode())

    def seen(self) -> Page:
        """Return the page in front of the robot."""
        if self.page is None:
            raise RobotError("no page has been opened yet")
        return self.page

    def form(self, deed: str, **data: str) -> Form:
        """Return the present page's form for this deed. Raises RobotError, with what the page shows, without one."""
        page = self.seen()
        found = page.form(deed, **data)
        if found is None:
            shown = page.refusal or f"status {page.status}"
            raise RobotError(f"no form for {deed} on {page.url} ({shown})")
        return found

    def _here(self) -> str:
        return self.seen().url

    def _absolute(self, url: str) -> str:
        return url if "://" in url else urljoin(self._here(), url)

    def _open(self, method: str, url: str, body: bytes | None) -> Page:
        for _ in range(MAX_REDIRECTS):
            reply = self._send(method, url, body)
            where = reply.headers.get("Location")
            if reply.status not in {301, 302, 303, 307, 308} or where is None:
                self.page = reply
                return reply
            url = urljoin(url, where)
            if reply.status not in {307, 308}:
                method, body = "GET", None
        raise RobotError(f"{url} redirects in a circle")

    def _send(self, method: str, url: str, body: bytes | None) -> Page:
        parts = urlsplit(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection = self._connection(parts.port)
        try:
            connection.request(method, path, body, self._request_headers(parts.netloc, method, url))
            reply = connection.getresponse()
            text = reply.read().decode("utf-8", "replace")
            self._remember(parts.netloc, reply.headers.get_all("Set-Cookie") or [])
            return Page(url=url, status=reply.status, headers=dict(reply.headers.items()), text=text)
        finally:
            connection.close()

    def _connection(self, port: int | None) -> http.client.HTTPConnection:
        if self.unix is not None:
            return UnixConnection(self.unix)
        return http.client.HTTPConnection("127.0.0.1", port or 80, timeout=TIMEOUT_S)

    def _request_headers(self, host: str, method: str, url: str) -> dict[str, str]:
        parts = urlsplit(url)
        headers = {"Host": host, "Accept": "text/html", "Accept-Language": "zh-CN", **self.headers}
        kept = self.cookies.get(host)
        if kept:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in kept.items())
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["Origin"] = f"{parts.scheme}://{parts.netloc}"
            headers["Sec-Fetch-Site"] = "same-origin"
        return headers

    def _remember(self, host: str, set_cookies: list[str]) -> None:
        jar = self.cookies.setdefault(host, {})
        for line in set_cookies:
            pair, *attributes = line.split(";")
            name, _, value = pair.strip().partition("=")
            gone = any(each.strip().lower() == "max-age=0" for each in attributes)
            if gone or not value:
                jar.pop(name, None)
            else:
                jar[name] = value

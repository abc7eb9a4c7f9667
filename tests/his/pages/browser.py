"""A person before the hospital's pages: reads them, fills in forms, presses buttons. No script runs here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Flask
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from sandbox.contract.seats import account_name, initial_password
from sandbox.robot.pages import Form, Page
from tests.his import packs
from tests.his.stage import Stage

NEW_PASSWORD = "Lianxi-2026"


def password(seat: str) -> str:
    """Return the password a seat has at first."""
    return initial_password(packs.NONCE, seat)


class Browser:
    """One browser. `page` is what it shows; every reply on the way to it is in `replies`."""

    def __init__(self, app: Flask, stage: Stage) -> None:
        self.client = app.test_client()
        self.stage = stage
        self.page = Page(url="about:blank", status=0, headers={}, text="")
        self.replies: list[TestResponse] = []

    def opens(self, address: str) -> Page:
        return self._show(self.client.get(address, follow_redirects=True))

    def follows(self, name: str, value: str | None = None) -> Page:
        """Open the link marked data-<name>."""
        address = self.page.link(name, value)
        assert address is not None, f"no link data-{name}={value} on {self.page.url}"
        return self.opens(address)

    def form(self, deed: str, **marks: str) -> Form:
        found = self.page.form(deed, **marks)
        assert found is not None, f"no form for {deed} on {self.page.url}: {[each.deed for each in self.page.forms]}"
        return found

    def submits(self, deed: str, values: Mapping[str, str | Sequence[str]] | None = None, **marks: str) -> Page:
        return self.sends(self.form(deed, **marks), values)

    def sends(self, form: Form, values: Mapping[str, str | Sequence[str]] | None = None) -> Page:
        fields = MultiDict(form.filled(values or {}))
        address = form.action or self.page.url
        if form.method == "get":
            return self._show(self.client.get(address, query_string=fields, follow_redirects=True))
        return self._show(self.client.post(address, data=fields, follow_redirects=True))

    def posts(self, address: str, values: Mapping[str, str]) -> Page:
        """Send what no form of the page in front would, as somebody with a tampered page."""
        fields = {"form_token": self.value("form_token"), **values}
        return self._show(self.client.post(address, data=fields, follow_redirects=True))

    def sits_at(self, seat: str) -> Browser:
        """Log in to a seat whose initial password was changed before."""
        self.stage.run("UPDATE his_account SET status = 'active' WHERE name = ?", account_name(seat))
        self.opens("/login")
        self.submits("auth.login", {"account": account_name(seat), "password": password(seat)})
        assert self.page.marked("tab"), self.page.text
        return self

    def value(self, name: str) -> str:
        """Return what a field of the page's forms holds."""
        found = [value for form in self.page.forms for key, value in form.fields if key == name and value]
        return found[0] if found else ""

    def _show(self, reply: TestResponse) -> Page:
        self.replies += [*reply.history, reply]
        self.page = Page(
            url=reply.request.path, status=reply.status_code, headers=dict(reply.headers.items()), text=reply.text
        )
        return self.page

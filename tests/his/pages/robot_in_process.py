"""The robot's browser before the hospital's application itself: no socket, no cell, the same pages."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Flask

from sandbox.contract.seats import account_name, initial_password
from sandbox.robot.client import Client
from sandbox.robot.hospital import Hospital
from sandbox.robot.pages import Page
from sandbox.robot.trainee import SeatCard
from tests.his import packs
from tests.his.stage import Stage

HOME = "http://hospital.localhost/"


@dataclass
class InProcess(Client):
    app: Flask | None = None

    def _send(self, method: str, url: str, body: bytes | None) -> Page:
        assert self.app is not None
        parts = urlsplit(url)
        reply = self.app.test_client(use_cookies=False).open(
            parts.path or "/",
            method=method,
            query_string=parts.query,
            data=body,
            headers=self._request_headers(parts.netloc, method, url),
        )
        self._remember(parts.netloc, reply.headers.getlist("Set-Cookie"))
        return Page(url=url, status=reply.status_code, headers=dict(reply.headers.items()), text=reply.text)


def robot(app: Flask, stage: Stage) -> Hospital:
    """Return a robot with a card for every seat, who knows the cast by name."""
    armed = stage.hospital.arming
    assert armed is not None
    seats = {
        each.name: SeatCard(
            name=each.name, account=account_name(each.name), password=initial_password(packs.NONCE, each.name)
        )
        for each in armed.pack.seats
    }
    people = {each.name: str(each.columns["name"]) for each in armed.pack.cast}
    return Hospital(window=InProcess(app=app), home=HOME, seats=seats, people=people)

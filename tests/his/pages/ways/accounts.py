"""Accounts: asked for by the head, opened by IT after the training, locked, stopped, closed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from his.app import create_app
from sandbox.contract.seats import account_name
from tests.his.pages.browser import NEW_PASSWORD, Browser, password
from tests.his.pages.ways.walking_on import Lapse, Way
from tests.his.stage import Stage

_NEWCOMER, _ELIGIBLE = "staff-D0101-nurse2", "staff-D0504-nurse2"
_LOCKED, _SUSPENDED, _LEAVER, _COLLEAGUE = (
    "staff-D0902-cas6", "staff-D0103-nurse2", "staff-D0903-reg6", "staff-D0101-att",
)  # fmt: skip
_TOGETHER = {"second": "colleague"}
_OTHER_HEAD = {"hod2": "E-GEN-02"}
_FAILURES_BEFORE_THE_LOCK = 4
_ENROLLED, _PASSED = 31, 151
"""Minutes after the request."""


def _person(stage: Stage, label: str) -> dict[str, Any]:
    found = stage.hospital.database.connection().execute('SELECT * FROM "staff" WHERE "label" = ?', (label,))
    return dict(found.fetchone())


def _of(label: str) -> Callable[[Stage], str]:
    return lambda stage: str(stage.one("his_account", staff=_person(stage, label)["id"])["id"])


def _of_doc(stage: Stage) -> str:
    return str(stage.one("his_account", name=account_name("doc"))["id"])


def _ask(stage: Stage) -> None:
    stage.does("hod", "his_account.request", staff=_person(stage, _NEWCOMER)["id"], role="NUR")


def _enrol(stage: Stage) -> None:
    _ask(stage)
    stage.at(_ENROLLED)
    stage.hospital.tick()


def _at_the_door(stage: Stage, _: str = "") -> Browser:
    return Browser(create_app(stage.hospital), stage)


def _guess(stage: Stage) -> None:
    stage.run('UPDATE "his_account" SET "status" = \'active\' WHERE "id" = ?', _of_doc(stage))
    stranger = _at_the_door(stage)
    for _ in range(_FAILURES_BEFORE_THE_LOCK):
        stranger.opens("/login")
        stranger.submits("auth.login", {"account": account_name("doc"), "password": "guessed"})


def _log_in_first(stage: Stage, seat: str) -> Browser:
    person = _at_the_door(stage)
    person.opens("/login")
    person.submits("auth.login", {"account": account_name(seat), "password": password(seat)})
    return person


def _it(deed: str, source: str, label: str, **fields: str) -> Way:
    record = _of(label)
    return Way(
        action=f"his_account.{deed}",
        source=source,
        seat="ita",
        page=lambda stage: f"/admin/accounts?account={record(stage)}",
        record=record,
        fields=fields,
    )


def _proven(deed: str, source: str, label: str) -> Way:
    record = _of(label)
    return Way(
        action=f"his_account.{deed}",
        source=source,
        seat="ita",
        page=lambda stage: f"/admin/accounts?account={record(stage)}",
        record=record,
        fields=lambda stage: {"proof": "BADGE", "staff_no": _person(stage, label)["staff_no"]},
    )


WAYS = (
    Way(
        action="his_account.request",
        source="-",
        seat="hod",
        page=lambda _: "/admin/requests",
        fields=lambda stage: {"staff": _person(stage, _NEWCOMER)["id"], "role": "NUR"},
        wrong=_OTHER_HEAD,
    ),
    _it("provision", "eligible", _ELIGIBLE, name="liu01"),
    Way(
        action="his_account.first_login",
        source="initial_password",
        seat="doc",
        arrives=_log_in_first,
        page=lambda _: "/password",
        record=_of_doc,
        deed="auth.password_change",
        fields={"old": password("doc"), "new": NEW_PASSWORD, "again": NEW_PASSWORD},
    ),
    Way(
        action="his_account.lock",
        source="active",
        seat="doc",
        before=_guess,
        arrives=_at_the_door,
        page=lambda _: "/login",
        record=_of_doc,
        deed="auth.login",
        fields={"account": account_name("doc"), "password": "guessed"},
        refused=True,
    ),
    _proven("unlock", "locked", _LOCKED),
    _proven("reset_password", "locked", _LOCKED),
    _proven("reset_password", "active", _COLLEAGUE),
    _it("suspend", "active", _COLLEAGUE, reason="LEAVE", **_TOGETHER),
    Way(
        action="his_account.suspend",
        source="active",
        seat="hod",
        page=lambda stage: f"/admin/requests?account={_of(_COLLEAGUE)(stage)}",
        record=_of(_COLLEAGUE),
        fields={"reason": "VIOLATION", **_TOGETHER},
        wrong=_OTHER_HEAD,
    ),
    _it("resume", "suspended", _SUSPENDED, basis="复训考核合格", **_TOGETHER),
    _it("disable", "suspended", _SUSPENDED, reason="MOVED", **_TOGETHER),
    _it("disable", "active", _LEAVER, reason="LEFT", **_TOGETHER),
)

LAPSES = (
    Lapse(
        action="his_account.enrol_training",
        source="requested",
        before=_ask,
        record=_of(_NEWCOMER),
        minutes=_ENROLLED,
    ),
    Lapse(action="his_account.pass", source="in_training", before=_enrol, record=_of(_NEWCOMER), minutes=_PASSED),
)

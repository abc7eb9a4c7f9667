"""Log-ins in scripted runs: said by the script or taken for granted, at the seat's own terminals."""

from __future__ import annotations

import sqlite3

from his import replaying
from sandbox.contract.replay import Ran, Run, Script, Step
from tests.his import packs

GOOD = "Sunny-day-7"


def step(at_s: int, action: str, **fields: object) -> Step:
    return Step(label=action, at_ms=at_s * 1000, seat="doc", action=action, fields=fields)


def lived(golden: sqlite3.Connection, *steps: Step, agreement: bool = False) -> Ran:
    script = Script(
        anchor=packs.ANCHOR,
        attempt=packs.ATTEMPT,
        nonce=packs.NONCE,
        pack=packs.make_pack(agreement=agreement),
        runs=(Run(name="one", steps=steps),),
    )
    return replaying.replay(golden, script).runs[0]


def told(run: Ran) -> list[tuple[str, str | None]]:
    return [(each.action, each.code) for each in run.rows[1:-1]]


def detail(run: Ran) -> str:
    return "" if run.unfit is None else run.unfit.detail


def test_a_run_that_says_no_log_in_has_none_and_works(golden: sqlite3.Connection) -> None:
    run = lived(golden, step(1, "registration.call", patient="$zhang"))
    assert (told(run), run.unfit) == ([("registration.call", None)], None)


def test_a_run_that_logs_in_does_every_step_of_it(golden: sqlite3.Connection) -> None:
    run = lived(
        golden,
        step(1, "auth.login"),
        step(2, "registration.call", patient="$zhang"),
        step(3, "auth.password_change", new=GOOD),
        step(4, "registration.call", patient="$zhang"),
        step(5, "auth.agreement_sign"),
        step(6, "auth.login", terminal="2", password=GOOD),
        step(7, "registration.call", patient="$zhang"),
        step(8, "auth.logout"),
        step(9, "auth.login", password="wrong"),
        agreement=True,
    )
    assert told(run) == [
        ("auth.login", None),
        ("registration.call", "E-ACC-02"),
        ("auth.password_change", None),
        ("registration.call", "E-GEN-03"),
        ("auth.agreement_sign", None),
        ("his_account.first_login", None),
        ("auth.login", "E-ACC-04"),
        ("registration.call", None),
        ("auth.logout", None),
        ("auth.login_failed", None),
    ]


def test_nobody_works_before_the_log_in_that_the_run_speaks_of(golden: sqlite3.Connection) -> None:
    run = lived(golden, step(1, "registration.call", patient="$zhang"), step(2, "auth.login"))
    assert (told(run), detail(run)) == ([], "doc has not logged in")


def test_the_screen_is_locked_and_opened_without_a_log_in_of_its_own(golden: sqlite3.Connection) -> None:
    run = lived(
        golden,
        step(1, "auth.lock_screen", by="timer"),
        step(2, "registration.call", patient="$zhang"),
        step(3, "auth.unlock_screen"),
        step(4, "registration.call", patient="$zhang"),
    )
    assert told(run) == [
        ("auth.lock_screen", None),
        ("registration.call", "E-GEN-07"),
        ("auth.unlock_screen", None),
        ("registration.call", None),
    ]


def test_what_no_log_in_page_has_a_field_for_is_unfit(golden: sqlite3.Connection) -> None:
    assert detail(lived(golden, step(1, "auth.login", colour="red"))) == "no field colour"
    assert detail(lived(golden, step(1, "auth.lock_screen", colour="red"))) == "no field colour"
    assert detail(lived(golden, step(1, "auth.password_change"))) == "new"

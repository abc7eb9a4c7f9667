"""his-sandbox assignment …: who is to do which exercise, how and by when; extra time; whose reports are open."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import click

from sandbox.cli.people import acting_as
from sandbox.cli.showing import telling_errors, terminal
from sandbox.exercises.model import Keep, Mode, Per
from sandbox.overview import Stores
from sandbox.people.model import CLI, Actor, PersonId
from sandbox.training import operations as training
from sandbox.training.model import Rules

_MOMENT = click.DateTime(["%Y-%m-%d %H:%M"])


@click.group()
def assignment() -> None:
    """Who is to do which exercise, how and by when."""


@assignment.command("add")
@click.argument("exercise_version")
@click.option("--to", "logins", multiple=True, required=True, help="Log-in name; may be repeated.")
@click.option("--mode", type=click.Choice([each.value for each in Mode]), default=Mode.CLASS.value, show_default=True)
@click.option("--opens", type=_MOMENT, default=None, help="In the hospital's time zone; default: at once.")
@click.option("--due", type=_MOMENT, default=None, help="In the hospital's time zone.")
@click.option("--max-attempts", type=int, default=None, help="Class only; an exam follows the exercise.")
@click.option("--per", type=click.Choice([each.value for each in Per]), default=Per.EVER.value, show_default=True)
@click.option("--keep", type=click.Choice([each.value for each in Keep]), default=Keep.BEST.value, show_default=True)
@click.option("--allow-checks", is_flag=True, help='Class only: "check my work" answers.')
@click.option(
    "--open-reports", "reports_open", is_flag=True, help="Class only: reports are seen as soon as they exist."
)
@telling_errors
def assign(
    exercise_version: str,
    logins: tuple[str, ...],
    mode: str,
    opens: datetime | None,
    due: datetime | None,
    max_attempts: int | None,
    per: str,
    keep: str,
    *,
    allow_checks: bool,
    reports_open: bool,
) -> None:
    """Assign a released exercise to people."""
    services = terminal().services()
    people = [PersonId(acting_as(services, login).id) for login in logins]
    rules = Rules(
        mode=Mode(mode),
        opens=opens.replace(tzinfo=services.zone) if opens else None,
        due=due.replace(tzinfo=services.zone) if due else None,
        max_attempts=max_attempts,
        per=Per(per),
        keep=Keep(keep),
        checks_allowed=allow_checks,
        reports_open=reports_open,
    )
    with services.database.transaction() as stores:
        made = training.assign(
            stores, CLI, exercise_version=exercise_version, people=people, rules=rules, now=services.clock.now()
        )
    terminal().show({"assigned": [each.id for each in made]})


@assignment.command("list")
@telling_errors
def assignments() -> None:
    """List all assignments, newest first."""
    with terminal().services().database.reading() as stores:
        rows = [
            {
                "assignment": each.id,
                "person": stores.people.get(PersonId(each.person)).login,
                "exercise": each.exercise_version,
                "mode": each.mode.value,
                "opens": each.opens,
                "due": each.due,
                "max_attempts": each.max_attempts,
                "per": each.per.value,
                "keep": each.keep.value,
                "wait_s": each.wait_ms // 1000,
                "checks": each.checks_allowed,
                "reports_opened": each.reports_opened_at,
                "withdrawn": each.withdrawn_at,
            }
            for each in stores.assignments.all()
        ]
    terminal().table(rows, empty=("还没有分配练习。", "Nothing is assigned yet."))


@assignment.command("withdraw")
@click.argument("key")
@telling_errors
def withdraw(key: str) -> None:
    """Take an assignment back; attempts under way go on."""
    services = terminal().services()
    with services.database.transaction() as stores:
        fresh = training.withdraw(stores, CLI, key, now=services.clock.now())
    terminal().show({"assignment": key, "withdrawn_now": fresh})


@assignment.command("accommodate")
@click.argument("key")
@click.option("--time-factor", type=click.IntRange(1, 4), default=1, show_default=True, help="How many times slower.")
@click.option("--untimed", is_flag=True, help="No time limit at all.")
@telling_errors
def accommodate(key: str, time_factor: int, *, untimed: bool) -> None:
    """Grant extra time for attempts that start from now on; factor 1 takes it back."""
    services = terminal().services()
    with services.database.transaction() as stores:
        granted = training.accommodate(
            stores, CLI, key, time_factor=time_factor, untimed=untimed, now=services.clock.now()
        )
    terminal().show({"assignment": key, "time_factor": granted.time_factor, "untimed": granted.untimed})


@assignment.command("open-reports")
@click.argument("keys", nargs=-1, required=True)
@telling_errors
def open_reports(keys: tuple[str, ...]) -> None:
    """Let trainees see the reports of these assignments."""
    _switch(keys, training.open_reports, "opened_now")


@assignment.command("close-reports")
@click.argument("keys", nargs=-1, required=True)
@telling_errors
def close_reports(keys: tuple[str, ...]) -> None:
    """Hide the reports of these assignments from trainees again."""
    _switch(keys, training.close_reports, "closed_now")


class _Switch(Protocol):
    def __call__(self, stores: Stores, actor: Actor, assignment: str, *, now: datetime) -> bool: ...


def _switch(keys: tuple[str, ...], switch: _Switch, said: str) -> None:
    services = terminal().services()
    with services.database.transaction() as stores:
        changed = [key for key in keys if switch(stores, CLI, key, now=services.clock.now())]
    terminal().show({said: changed})


COMMANDS = (assignment,)

"""his-sandbox attempt …: the work done in practice hospitals."""

from __future__ import annotations

import click

from sandbox.attempts import checking
from sandbox.attempts import operations as attempts
from sandbox.attempts.model import AttemptId
from sandbox.cli.people import acting_as
from sandbox.cli.showing import telling_errors, terminal
from sandbox.errors import NotFoundError
from sandbox.grading import lines
from sandbox.grading import report as reports
from sandbox.people.model import PersonId


@click.group()
def attempt() -> None:
    """Attempts: list, check, submit, report."""


@attempt.command("list")
@telling_errors
def attempt_list() -> None:
    """List all attempts, newest first."""
    with terminal().services().database.reading() as stores:
        newest = stores.results.newest()
        rows = [
            {
                "attempt": each.id,
                "person": stores.people.get(PersonId(each.person)).login,
                "exercise": each.exercise_version,
                "mode": each.mode.value,
                "variant": each.variant,
                "state": each.state.value,
                "requested": each.requested_at,
                "score": newest[each.id].score if each.id in newest else None,
                "verdict": newest[each.id].verdict if each.id in newest else None,
            }
            for each in stores.attempts.all()
        ]
    terminal().table(rows, empty=("还没有练习记录。", "No attempts yet."))


@attempt.command("submit")
@click.argument("key")
@click.option("--as", "login", required=True, help="Whose attempt it is.")
@telling_errors
def submit(key: str, login: str) -> None:
    """Hand in an attempt as it stands."""
    services = terminal().services()
    actor = acting_as(services, login)
    with services.database.transaction() as stores:
        fresh = attempts.submit(stores, actor, AttemptId(key), now=services.clock.now())
    services.poke()
    terminal().show({"attempt": key, "submitted_now": fresh})


@attempt.command("report")
@click.argument("key")
@telling_errors
def report(key: str) -> None:
    """Show the graded report line by line."""
    services = terminal().services()
    with services.database.reading() as stores:
        results = stores.results.of(AttemptId(key))
    if not results:
        raise NotFoundError(f"attempt {key} has no result")
    content = services.files.get(results[0].report_sha256)
    if terminal().as_json:
        click.echo(content.decode())
        return
    for line in lines.render(reports.loads(content), terminal().language):
        click.echo(line)


@attempt.command("check")
@click.argument("key")
@click.option("--as", "login", required=True, help="Whose attempt it is.")
@telling_errors
def check(key: str, login: str) -> None:
    """Ask which state checks are full so far, or show the answer to what was asked."""
    services = terminal().services()
    actor = acting_as(services, login)
    with services.database.transaction() as stores:
        asked = checking.ask(stores, actor, AttemptId(key), now=services.clock.now())
    services.poke()
    terminal().show({"attempt": key, "request": asked.id, "asked": asked.asked_at})


@attempt.command("checked")
@click.argument("key")
@telling_errors
def checked(key: str) -> None:
    """Show the newest answer to "check my work", one line per check."""
    with terminal().services().database.reading() as stores:
        last = stores.checks.newest(AttemptId(key))
    if last is None or last.answered_at is None:
        raise NotFoundError(f"attempt {key} has no answer")
    language = terminal().language
    rows = [
        {"check": one.id, "full": one.full, "title": one.title.zh if language == "zh" else one.title.en}
        for one in (checking.read_answer(last) if not last.trouble else ())
    ]
    terminal().table(rows, empty=(f"没有结果（{last.trouble or '–'}）。", f"No answer ({last.trouble or '–'})."))


COMMANDS = (attempt,)

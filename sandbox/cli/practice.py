"""his-sandbox instance … | cell … | attempt … | assignment …: practice hospitals and the work done in them."""

from __future__ import annotations

from datetime import datetime

import click

from sandbox.attempts import operations as attempts
from sandbox.attempts.model import AttemptId
from sandbox.cli.people import acting_as
from sandbox.cli.showing import telling_errors, terminal
from sandbox.errors import NotFoundError
from sandbox.grading import lines
from sandbox.grading import report as reports
from sandbox.people.model import CLI, PersonId
from sandbox.provisioning import operations as provisioning
from sandbox.provisioning.model import CellId, InstanceId
from sandbox.training import operations as training


@click.group()
def instance() -> None:
    """Practice hospitals: list, launch, reset, destroy."""


@instance.command("list")
@telling_errors
def instances() -> None:
    """List all practice hospitals that are not closed."""
    with terminal().services().database.reading() as stores:
        rows = [
            {
                "instance": each.id,
                "owner": stores.people.get(PersonId(each.owner)).login,
                "exercise": each.exercise_version,
                "wanted": each.desired.value,
                "state": each.observed.value,
                "epoch": each.epoch,
                "cell": each.cell,
                "since": each.opened_at or each.queued_at,
                "trouble": each.trouble,
            }
            for each in stores.instances.live()
        ]
    terminal().table(rows, empty=("现在没有练习环境。", "No practice hospital is open."))


@instance.command("launch")
@click.option("--as", "login", required=True, help="Whose hospital it is to be.")
@click.option("--assignment", default=None, help="Start this assigned exercise; default: free practice.")
@telling_errors
def launch(login: str, assignment: str | None) -> None:
    """Launch a practice hospital for somebody."""
    services = terminal().services()
    actor = acting_as(services, login)
    now = services.clock.now()
    with services.database.transaction() as stores:
        if assignment is None:
            launched = attempts.launch_practice(stores, actor, now=now)
        else:
            version = stores.assignments.get(assignment).exercise_version
            launched = attempts.start(stores, actor, exercise_version=version, assignment=assignment, now=now)
    services.poke()
    terminal().show({"instance": launched.instance, "attempt": launched.attempt, "fresh": launched.fresh})


@instance.command("reset")
@click.argument("key")
@click.confirmation_option(prompt="The present state of this hospital is archived and replaced. Go on?")
@telling_errors
def reset(key: str) -> None:
    """Give an instance a fresh cell."""
    services = terminal().services()
    with services.database.transaction() as stores:
        attempts.reset(stores, CLI, InstanceId(key), now=services.clock.now())
    services.poke()
    terminal().say("已请求重置。", "The reset is under way.")


@instance.command("retry")
@click.argument("key")
@telling_errors
def retry(key: str) -> None:
    """Queue a failed instance for another cell."""
    services = terminal().services()
    with services.database.transaction() as stores:
        attempts.retry(stores, CLI, InstanceId(key), now=services.clock.now())
    services.poke()
    terminal().say("已重新排队。", "It is queued again.")


@instance.command("destroy")
@click.argument("keys", nargs=-1, required=True)
@click.confirmation_option(prompt="These hospitals are archived and removed. Go on?")
@telling_errors
def destroy(keys: tuple[str, ...]) -> None:
    """Close instances; their work is archived first."""
    services = terminal().services()
    with services.database.transaction() as stores:
        for key in keys:
            attempts.close_instance(stores, CLI, InstanceId(key), now=services.clock.now())
    services.poke()
    terminal().say(f"已请求关闭 {len(keys)} 个环境。", f"{len(keys)} are being closed.")


@click.group()
def cell() -> None:
    """Containers behind the instances."""


@cell.command("list")
@telling_errors
def cells() -> None:
    """List all cells that are not gone."""
    with terminal().services().database.reading() as stores:
        present = stores.cells.present()
    terminal().table(
        (
            {
                "cell": each.id,
                "state": each.state.value,
                "instance": each.instance,
                "uid": each.uid,
                "since": each.since,
                "trouble": each.trouble,
            }
            for each in present
        ),
        empty=("现在没有容器。", "There are no cells."),
    )


@cell.command("release")
@click.argument("key")
@telling_errors
def release(key: str) -> None:
    """Try once more to archive a quarantined cell."""
    services = terminal().services()
    with services.database.transaction() as stores:
        provisioning.release(stores, CLI, CellId(key), now=services.clock.now())
    services.poke()
    terminal().say("将再次归档。", "It will be archived once more.")


@cell.command("give-up")
@click.argument("key")
@click.option("--reason", required=True, help="Kept in the audit trail.")
@click.confirmation_option(prompt="The work in this cell is lost for good. Go on?")
@telling_errors
def give_up(key: str, reason: str) -> None:
    """Remove a quarantined cell without an archive."""
    services = terminal().services()
    with services.database.transaction() as stores:
        provisioning.give_up(stores, CLI, CellId(key), reason=reason, now=services.clock.now())
    services.poke()
    terminal().say("已放弃。", "It is given up.")


@click.group()
def attempt() -> None:
    """Attempts: list, submit, report."""


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


@click.group()
def assignment() -> None:
    """Who is to do which exercise by when."""


@assignment.command("add")
@click.argument("exercise_version")
@click.option("--to", "logins", multiple=True, required=True, help="Log-in name; may be repeated.")
@click.option("--due", type=click.DateTime(["%Y-%m-%d %H:%M"]), default=None, help="In this machine's time zone.")
@click.option("--max-attempts", type=int, default=None)
@telling_errors
def assign(exercise_version: str, logins: tuple[str, ...], due: datetime | None, max_attempts: int | None) -> None:
    """Assign a released exercise to people."""
    services = terminal().services()
    people = [PersonId(acting_as(services, login).id) for login in logins]
    with services.database.transaction() as stores:
        made = training.assign(
            stores,
            CLI,
            exercise_version=exercise_version,
            people=people,
            due=due.astimezone() if due else None,
            max_attempts=max_attempts,
            now=services.clock.now(),
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
                "due": each.due,
                "max_attempts": each.max_attempts,
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
        training.withdraw(stores, CLI, key, now=services.clock.now())
    terminal().say("已撤回。", "Withdrawn.")


COMMANDS = (instance, cell, attempt, assignment)

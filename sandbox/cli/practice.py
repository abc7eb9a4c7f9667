"""his-sandbox instance … | cell … | attempt …: practice hospitals and the work done in them."""

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
from sandbox.people.model import CLI, PersonId
from sandbox.provisioning import certificates
from sandbox.provisioning import operations as provisioning
from sandbox.provisioning.model import CellId, InstanceId


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
            launched = attempts.start(
                stores, actor, exercise_version=version, assignment=assignment, now=now, zone=services.zone
            )
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


@cell.command("certificate")
@click.argument("key")
@telling_errors
def certificate(key: str) -> None:
    """Show what a cell could not reach and where that was read; also of a cell that is gone."""
    with terminal().services().database.reading() as stores:
        found = stores.certificates.of_cell(CellId(key))
    if not found:
        raise NotFoundError(f"cell {key} has no certificate")
    if terminal().as_json:
        for one in found:
            certificates.read(one)
            click.echo(one.content)
        return
    said = certificates.read(found[-1])
    terminal().show(
        {
            "cell": said.cell,
            "instance": said.instance,
            "attempt": said.attempt,
            "isolated": said.isolated,
            "issued": said.issued_at,
            "worker": f"{said.worker} (fence {said.fence})",
            "container": said.container,
            "image": said.image,
            "profile": said.profile,
            "engine": said.engine,
            "kernel": said.kernel,
            "sha256": found[-1].sha256,
        }
    )
    terminal().table(
        ({"claim": one.claim, "found": one.found, "read from": one.source} for one in said.readings),
        empty=("没有任何隔离。", "Nothing is isolated."),
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
    terminal().table(rows, empty=(f"没有结果({last.trouble or '–'})。", f"No answer ({last.trouble or '–'})."))


COMMANDS = (instance, cell, attempt)

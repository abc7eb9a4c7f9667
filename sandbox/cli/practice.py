"""his-sandbox instance … | cell …: practice hospitals and the containers behind them."""

from __future__ import annotations

import click

from sandbox.attempts import operations as attempts
from sandbox.attempts import staying
from sandbox.cli.people import acting_as
from sandbox.cli.showing import telling_errors, terminal
from sandbox.errors import NotFoundError
from sandbox.people.model import CLI, PersonId
from sandbox.provisioning import certificates
from sandbox.provisioning import operations as provisioning
from sandbox.provisioning.model import CellId, InstanceId


@click.group()
def instance() -> None:
    """Practice hospitals: list, launch, reset, hibernate, wake, extend, destroy."""


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
            launched = attempts.launch_practice(
                stores, actor, now=now, quota=services.settings.quota, lifetime=services.settings.lifetime
            )
        else:
            version = stores.assignments.get(assignment).exercise_version
            launched = attempts.start(
                stores,
                actor,
                exercise_version=version,
                assignment=assignment,
                now=now,
                zone=services.zone,
                quota=services.settings.quota,
                lifetime=services.settings.lifetime,
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


@instance.command("hibernate")
@click.argument("key")
@telling_errors
def hibernate(key: str) -> None:
    """Put a hospital to sleep: archived, stopped, its work kept."""
    services = terminal().services()
    with services.database.transaction() as stores:
        fresh = staying.hibernate(stores, CLI, InstanceId(key), now=services.clock.now())
    services.poke()
    terminal().show({"instance": key, "wanted": "hibernated", "fresh": fresh})


@instance.command("wake")
@click.argument("key")
@telling_errors
def wake(key: str) -> None:
    """Start a sleeping hospital again where its work stood."""
    services = terminal().services()
    with services.database.transaction() as stores:
        fresh = staying.wake(stores, CLI, InstanceId(key), now=services.clock.now())
    services.poke()
    terminal().show({"instance": key, "wanted": "open", "fresh": fresh})


@instance.command("extend")
@click.argument("key")
@telling_errors
def extend(key: str) -> None:
    """Keep a hospital longer before it is closed."""
    services = terminal().services()
    with services.database.transaction() as stores:
        until = staying.extend(
            stores, CLI, InstanceId(key), now=services.clock.now(), lifetime=services.settings.lifetime
        )
    terminal().show({"instance": key, "until": until})


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


COMMANDS = (instance, cell)

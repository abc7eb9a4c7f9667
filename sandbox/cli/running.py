"""his-sandbox worker | panel | gateway | nightly | demo | clean: processes and jobs."""

from __future__ import annotations

import os
import sys

import click

from sandbox import installing, stages
from sandbox import worker as working
from sandbox.bootstrap import worker_services
from sandbox.cli.showing import telling_errors, terminal
from sandbox.demo import cleaning
from sandbox.demo import commands as demonstration
from sandbox.demo.processes import gunicorn
from sandbox.people.model import CLI
from sandbox.scheduling import operations as scheduling
from sandbox.scheduling.jobs import NIGHTLY_RESET


@click.command()
@telling_errors
def worker() -> None:
    """Run the worker: the only process that touches the engine. One at a time."""
    services = worker_services(terminal().settings())
    raise SystemExit(working.run(services, source=installing.records("base"), gate_of=stages.gate_of))


@click.command()
@telling_errors
def panel() -> None:
    """Serve the panel on its socket, behind nginx."""
    settings = terminal().settings()
    command = gunicorn("panel", "web.app:serve()", settings.site.panel_socket, threads=settings.panel.threads)
    os.execv(sys.executable, command)  # noqa: S606  (no shell is meant)


@click.command()
@telling_errors
def gateway() -> None:
    """Serve the gateway on its socket, behind nginx."""
    command = gunicorn("gateway", "web.gateway:serve()", terminal().settings().site.gateway_socket, threads=8)
    os.execv(sys.executable, command)  # noqa: S606  (no shell is meant)


@click.group()
def nightly() -> None:
    """The nightly reset: what happened, when it runs, run it now."""


@nightly.command("show")
@telling_errors
def show() -> None:
    """List what the last nights did, newest first."""
    services = terminal().services()
    with services.database.reading() as stores:
        rows = [
            {"date": date.isoformat(), "instance": subject, "outcome": outcome, "begun": begun, "finished": finished}
            for date, subject, outcome, begun, finished in stores.ledger.entries(NIGHTLY_RESET.name, newest=200)
        ]
    terminal().table(rows, empty=("还没有夜间重置记录。", "No night has been recorded yet."))


@nightly.command("set")
@click.argument("local_time")
@telling_errors
def set_time(local_time: str) -> None:
    """Set the local time of the nightly reset, HH:MM."""
    services = terminal().services()
    with services.database.transaction() as stores:
        scheduling.set_nightly_time(stores, CLI, local_time, now=services.clock.now())
    services.poke()
    terminal().say(f"夜间重置时间:{local_time}。", f"The nightly reset runs at {local_time}.")


@nightly.command("run")
@click.confirmation_option(prompt="All open practice hospitals are archived and reset. Go on?")
@telling_errors
def run_now() -> None:
    """Give every open practice hospital a fresh cell now; the night's own run comes all the same."""
    services = terminal().services()
    with services.database.transaction() as stores:
        begun = scheduling.run_nightly_now(stores, CLI, now=services.clock.now())
    services.poke()
    terminal().show({"resets_begun": begun})


@click.command()
@click.option("--once", is_flag=True, help="Leave after the main job and take everything away that was started.")
@click.option("--prepare", "prepare_only", is_flag=True, help="Set up only: engine, image, dataset, accounts.")
@telling_errors
def demo(once: bool, prepare_only: bool) -> None:
    """From a fresh checkout to a graded exercise on real containers."""
    demonstration.demo(once=once, prepare_only=prepare_only)


@click.command()
@click.confirmation_option(prompt="All hospitals, attempts and accounts of this checkout's demonstration go. Go on?")
@telling_errors
def clean() -> None:
    """Take away everything the demonstration of this checkout made."""
    cleaning.clean()


COMMANDS = (worker, panel, gateway, nightly, demo, clean)

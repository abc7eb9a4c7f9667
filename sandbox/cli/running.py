"""his-sandbox worker | panel | gateway | demo | clean: processes."""

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


@click.command()
@telling_errors
def worker() -> None:
    """Run the worker: the only process that touches the engine. One at a time."""
    services = worker_services(terminal().settings())
    source = installing.records("base", services.settings.site.hospital)
    raise SystemExit(working.run(services, source=source, gate_of=stages.gate_of))


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


COMMANDS = (worker, panel, gateway, demo, clean)

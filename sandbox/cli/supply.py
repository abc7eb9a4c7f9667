"""his-sandbox pool … | capacity: the ready cells and how many hospitals fit, as the worker last saw them."""

from __future__ import annotations

import click

from sandbox.cli.showing import telling_errors, terminal
from sandbox.errors import NotReadyError
from sandbox.provisioning.model import CellState
from sandbox.scheduling import advice
from sandbox.scheduling.vitals import Vitals


@click.group()
def pool() -> None:
    """The pool of ready cells."""


@pool.command("show")
@telling_errors
def show() -> None:
    """Show how many cells are ready, how many are wanted and why, and what keeps refills from succeeding."""
    with terminal().services().database.reading() as stores:
        vitals = _known(stores.vitals.latest())
        ready = stores.demand.ready()
        coming = stores.overview.vitals().cells
    terminal().show(
        {
            "ready": ready,
            "target": vitals.target,
            "always": vitals.base,
            "lessons": vitals.lessons,
            "after_bursts": vitals.recent,
            "being_made": sum(coming.get(one, 0) for one in (CellState.PLANNED, CellState.CREATED, CellState.STARTED)),
            "cells_a_second": round(vitals.rate, 1),
            "trouble": vitals.trouble,
            "failures": vitals.failures,
            "failing_since": vitals.failing_since,
            "next_try": vitals.resting_until,
            "seen": vitals.at,
        }
    )


@click.command()
@telling_errors
def capacity() -> None:
    """Show how many hospitals fit: every term, which one is short, what is in use."""
    services = terminal().services()
    with services.database.reading() as stores:
        vitals = _known(stores.vitals.latest())
    held = vitals.capacity
    terminal().show(
        {
            "seats": held.seats,
            "in_use": vitals.occupied,
            "free": vitals.free,
            "short": held.short,
            "by_memory": held.memory,
            "by_disk": held.disk,
            "by_site": held.site,
            "pressure": vitals.pressure.name.lower(),
            "memory_total": vitals.memory_total,
            "memory_available": vitals.memory_available,
            "memory_reserve": vitals.memory_reserve,
            "swap_used": vitals.swap_used,
            "cell_bytes": vitals.cell_bytes,
            "measured_cells": vitals.measured,
            "strict": vitals.strict,
            "disk_free": vitals.disk_free,
            "stalled_percent": vitals.stalled,
            "seen": vitals.at,
            "stale": advice.is_stale(vitals, now=services.clock.now()),
        }
    )


def _known(vitals: Vitals | None) -> Vitals:
    if vitals is None:
        raise NotReadyError("no worker has looked at this machine yet")
    return vitals


COMMANDS = (pool, capacity)

"""The settings of pool and capacity as the values that scheduling and provisioning decide by."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sandbox.adapters.drivers import profile
from sandbox.config import Settings
from sandbox.provisioning.capacity import MIB, Rules
from sandbox.scheduling.forecast import Night
from sandbox.scheduling.foresight import Policy
from sandbox.scheduling.jobs import local_time


def rules(settings: Settings) -> Rules:
    """Return what decides how many cells this machine may hold."""
    said = settings.capacity
    return Rules(
        reserve=said.reserve_mib * MIB,
        most=said.max_cells,
        cell_limit=profile.MEMORY_BYTES,
        strict=said.strict,
    )


def policy(settings: Settings) -> Policy:
    """Return what decides how many cells are kept ready."""
    said = settings.pool
    night = Night(begins=local_time(said.night_begins), ends=local_time(said.night_ends), ready=said.night_ready)
    return Policy(
        ready=said.ready,
        night=night,
        burst_cells=said.burst_cells,
        rules=rules(settings),
        zone=ZoneInfo(settings.schedule.timezone),
    )

"""Whose waiting page is still open: each question about a queued launch is a sign of life, written together rarely.

The worker drops queued practice launches whose page has been gone for two minutes.
"""

from __future__ import annotations

from datetime import datetime
from typing import cast

from flask import Flask, current_app

from sandbox.bootstrap import Services
from sandbox.provisioning.model import Instance, InstanceId, Observed
from web.access import now
from web.counting import Tally

_EXTENSION = "his-presence"


def register(app: Flask, services: Services) -> None:
    """Keep the signs of life of this process."""

    def write(seen: dict[InstanceId, datetime]) -> None:
        with services.database.transaction() as stores:
            stores.instances.touch(seen)

    app.extensions[_EXTENSION] = Tally(write)


def note(instance: Instance) -> None:
    """Remember that somebody looks at this launch; a hospital that is open has better signs of use."""
    if instance.observed is Observed.QUEUED:
        cast(Tally, current_app.extensions[_EXTENSION]).note(instance.id, now=now())

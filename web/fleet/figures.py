"""/metrics: the panel's own figures, those that rows tell, and the text that worker and gateway left.

For log-ins of IT, or for a Prometheus server with the token of the settings; nobody else, and nothing by default.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from flask import Blueprint, Response, g, request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from werkzeug.exceptions import Forbidden, Unauthorized

from sandbox.health import machine, site
from sandbox.health.model import Room
from sandbox.health.seen import Seen
from sandbox.provisioning.model import CellState, Observed
from sandbox.scheduling.model import Fate
from web import measuring
from web.access import may, now, open_to_all, services

bp = Blueprint("figures", __name__)

LEFT_BYTES = 1 << 20
"""What another process left is read up to here: a taken-over gateway must not fill the panel's memory."""
_TONES = {"good": 0, "warn": 1, "bad": 2}
_WAITING = (Observed.QUEUED, Observed.LAUNCHING)


@bp.get("/metrics")
@open_to_all
def show() -> Response:
    """Answer a Prometheus server."""
    _require_reader()
    settings = services().settings
    with services().database.reading() as stores:
        seen = site.look(stores, settings, now=now())
    rows = CollectorRegistry()
    rows.register(_Rows(seen, services().look(), now()))
    parts = [generate_latest(measuring.figures().registry), generate_latest(rows)]
    parts += [_left(file) for file in (settings.site.worker_figures, settings.site.gateway_figures)]
    return Response(b"".join(parts), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _require_reader() -> None:
    token = services().settings.panel.scrape_token
    sent = request.headers.get("Authorization", "")
    if token and hmac.compare_digest(sent.encode(), f"Bearer {token}".encode()):
        return
    if g.person is None:
        raise Unauthorized
    if not may("fleet.view") or g.person.must_change_password:
        raise Forbidden("figures are for IT, once they have a password of their own")


def _left(file: Path) -> bytes:
    """Return the text another process left; nothing while it has left none."""
    try:
        with file.open("rb") as text:
            return text.read(LEFT_BYTES)
    except FileNotFoundError:
        return b""


class _Rows:
    """What rows and machine say at the moment of the question."""

    def __init__(self, seen: Seen, room: Room, now: datetime) -> None:
        self._seen = seen
        self._room = room
        self._now = now

    def collect(self) -> Iterable[Metric]:
        """Return every family once; all states are there, those that nobody is in as zero."""
        vitals, room = self._seen.vitals, self._room
        yield _by(
            "his_instances", "Instances, by state", "state", {one: vitals.instances.get(one, 0) for one in Observed}
        )
        yield _by("his_cells", "Cells, by state", "state", {one: vitals.cells.get(one, 0) for one in CellState})
        waiting = sum(vitals.instances.get(one, 0) for one in _WAITING)
        # Launches that succeed in the end hide those that never do: count what is under way, and its age.
        yield GaugeMetricFamily("his_launches_in_progress", "Wanted and not yet open", value=waiting)
        oldest = vitals.oldest_queued_at
        age = max(0.0, (self._now - oldest).total_seconds()) if oldest else 0.0
        yield GaugeMetricFamily("his_oldest_launch_age_seconds", "Age of the oldest of them", value=age)
        yield GaugeMetricFamily(
            "his_queue_instances", "Waiting for a cell", value=vitals.instances.get(Observed.QUEUED, 0)
        )
        yield _by("his_trouble", "Instances and cells held up, by code", "code", vitals.troubles)
        night = self._seen.last_night
        fates: dict[str, float] = {} if night is None else {one: night.count(one) for one in Fate}
        yield _by("his_last_night_instances", "Instances of the newest night, by what became of them", "fate", fates)
        lease = vitals.lease
        left = (lease.expires_at - self._now).total_seconds() if lease else 0.0
        yield GaugeMetricFamily(
            "his_lease_left_seconds", "Until the worker's lease ends; below 0 nobody leads", value=left
        )
        yield from _room(room)
        yield from self._judged()

    def _judged(self) -> Iterable[Metric]:
        found = [*site.judge(self._seen, now=self._now), *machine.room(self._room)]
        levels = {one.key: _TONES[one.tone] for one in found}
        yield _by("his_health_level", "0 well, 1 needs attention, 2 broken", "concern", levels)
        looked = {one.concern: one.at.timestamp() for one in self._seen.checkups.values()}
        yield _by("his_checkup_timestamp_seconds", "When the worker last looked", "concern", looked)


def _room(room: Room) -> Iterable[Metric]:
    for name, words, value in (
        ("his_memory_total_bytes", "Memory of the machine", room.memory_total),
        ("his_memory_available_bytes", "Memory that can still be had", room.memory_available),
        ("his_swap_used_bytes", "Memory written to disk", room.swap_used),
        ("his_disk_free_bytes", "Free where the state folder lies", room.disk_free),
        ("his_disk_total_bytes", "Size of that disk", room.disk_total),
        ("his_disk_free_inodes", "Free inodes there", room.inodes_free),
    ):
        yield GaugeMetricFamily(name, words, value=value)


def _by(name: str, words: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, words, labels=[label])
    for value, count in values.items():
        family.add_metric([str(value)], count)
    return family

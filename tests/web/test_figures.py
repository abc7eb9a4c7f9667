"""/metrics: for IT and for a server with the token, for nobody else; text that Prometheus' own parser reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from sandbox.adapters.metrics import WRITE_EVERY_S, Shelf, WorkerFigures
from sandbox.config import Panel, Settings
from sandbox.errors import SettingsInvalidError
from sandbox.provisioning.model import CellState, InstanceId, Observed
from sandbox.scheduling.model import Entry, Fate, Night
from tests.builders import NOON, make_cell, make_instance
from tests.fakes import FrozenClock
from tests.personas import ALICE, BOB, DANA
from tests.web import site as sites
from tests.web.site import PanelSite
from web.app import create_app
from web.gateway.measuring import GatewayFigures

TOKEN = "scrape-" + "x" * 24


def with_token(site: PanelSite) -> PanelSite:
    """Return the same site with a scrape token in its settings."""
    settings = site.services.settings.model_copy(update={"panel": Panel(scrape_token=TOKEN)})
    services = replace(site.services, settings=settings)
    return replace(site, services=services, app=create_app(services))


def scraped(text: str) -> dict[tuple[str, ...], float]:
    """Return every sample by its name and the values of its labels."""
    families = list(text_string_to_metric_families(text))
    names = [one.name for one in families]
    assert len(names) == len(set(names)), "a family twice"
    return {(sample.name, *sample.labels.values()): sample.value for family in families for sample in family.samples}


def test_nobody_reads_figures_by_default(site: PanelSite) -> None:
    assert site.browser().get("/metrics").status_code == 401
    for header in ("Bearer ", f"Bearer {TOKEN}", "Bearer none", "Basic x"):
        browser = site.browser()
        browser.headers["Authorization"] = header
        assert browser.get("/metrics").status_code == 401
    for person in (ALICE, BOB):
        assert site.logged_in(person).get("/metrics").status_code == 403


def test_it_reads_them_only_with_a_password_of_their_own(site: PanelSite) -> None:
    dana = site.logged_in(DANA)
    with site.database.transaction() as stores:
        stores.people.replace_password(DANA.id, "initial", must_change=True)
    assert dana.get("/metrics").status_code == 403


def test_it_reads_them_and_so_does_a_server_with_the_token(site: PanelSite) -> None:
    assert site.logged_in(DANA).get("/metrics").status_code == 200
    open_site = with_token(site)
    for header, status in ((f"Bearer {TOKEN}", 200), (f"Bearer {TOKEN}x", 401), (TOKEN, 401), ("", 401)):
        browser = open_site.browser()
        browser.headers["Authorization"] = header
        reply = browser.get("/metrics")
        assert reply.status_code == status, header


@pytest.mark.parametrize("token", ["short", "with spaces and more than 24", "x" * 30 + "\n"])
def test_a_token_that_could_be_guessed_is_refused(token: str) -> None:
    with pytest.raises((SettingsInvalidError, ValueError)):
        Panel(scrape_token=token)


def test_rows_are_counted_by_state_and_age(site: PanelSite) -> None:
    sites.furnished(site)
    sites.open_instance(site, ALICE)
    with site.database.transaction() as stores:
        waiting = make_instance(owner=BOB.id, trouble="SBX-301", queued_at=NOON - timedelta(seconds=42))
        stores.instances.add(waiting)
        stores.cells.add(make_cell(state=CellState.QUARANTINED, instance=waiting.id, epoch=1))
        day = date(2030, 3, 4)
        stores.ledger.ring("nightly-reset", now=NOON)
        stores.ledger.begin_night(Night(job="nightly-reset", local_date=day, due_at=NOON, begun_at=NOON))
        for key, fate in (("a", Fate.RESET), ("b", Fate.RESET), ("c", Fate.SKIPPED), ("d", Fate.RUNNING)):
            stores.ledger.enrol(
                Entry(job="nightly-reset", local_date=day, subject=InstanceId(key), fate=fate, enrolled_at=NOON)
            )
        stores.checkups.put("audit", {"broken": ""}, at=NOON)
    found = scraped(site.logged_in(DANA).get("/metrics").text)
    expected = {
        ("his_instances", Observed.OPEN): 1,
        ("his_instances", Observed.FAILED): 0,
        ("his_cells", CellState.READY): 2,
        ("his_cells", CellState.QUARANTINED): 1,
        ("his_launches_in_progress",): 1,
        ("his_oldest_launch_age_seconds",): 42,
        ("his_queue_instances",): 1,
        ("his_trouble", "SBX-301"): 1,
        ("his_last_night_instances", "reset"): 2,
        ("his_last_night_instances", "skipped"): 1,
        ("his_last_night_instances", "running"): 1,
        ("his_lease_left_seconds",): 30,
        ("his_checkup_timestamp_seconds", "audit"): NOON.timestamp(),
        ("his_health_level", "trouble"): 2,
        ("his_disk_free_bytes",): 80 << 30,
        ("his_swap_used_bytes",): 0,
    }
    assert {key: found.get(key) for key in expected} == expected


def test_requests_are_timed_by_room_and_never_by_address(site: PanelSite) -> None:
    dana = site.logged_in(DANA)
    for path in ("/fleet", "/fleet/instances?q=secret", "/nowhere/secret", "/static/panel.css"):
        dana.get(path)
    text = dana.get("/metrics").text
    found = scraped(text)
    assert found["his_panel_request_seconds_count", "fleet"] == 2
    assert found["his_panel_answers_total", "none", "4xx"] == 1
    assert found["his_panel_request_seconds_count", "static"] == 1
    assert "secret" not in text


def test_what_worker_and_gateway_left_is_part_of_the_answer(site: PanelSite, clock: FrozenClock) -> None:
    worker = WorkerFigures(CollectorRegistry(), clock.monotonic)
    gateway = GatewayFigures(CollectorRegistry())
    worker.step("launch", "done", 0.03)
    worker.step("launch", "SBX-305", 1.0)
    worker.opened("warm", 0.05)
    worker.round("plan", 0.002)
    worker.refill_failed("SBX-303")
    worker.pool(target=4, ready=3)
    worker.leads(17)
    ended = worker.engine_call()
    clock.pass_time(seconds=2)
    ended("")
    gateway.checked("admitted", 0.0004)
    gateway.checked("no_pass", 0.0004)
    places = site.services.settings.site
    for registry, file, process in (
        (worker.registry, places.worker_figures, "worker"),
        (gateway.registry, places.gateway_figures, "gateway"),
    ):
        file.parent.mkdir(parents=True)
        assert Shelf(registry, file, process=process, clock=clock.monotonic).tick() == 0
        assert file.stat().st_mode & 0o777 == 0o640
    found = scraped(site.logged_in(DANA).get("/metrics").text)
    expected = {
        ("his_steps_total", "launch", "done"): 1,
        ("his_steps_total", "launch", "SBX-305"): 1,
        ("his_step_seconds_count", "launch"): 2,
        ("his_launch_seconds_bucket", "warm", "0.06"): 1,
        ("his_launch_seconds_bucket", "warm", "0.04"): 0,
        ("his_reconciler_round_seconds_count", "plan"): 1,
        ("his_refill_failures_total", "SBX-303"): 1,
        ("his_pool_target_cells",): 4,
        ("his_pool_ready_cells",): 3,
        ("his_lease_fence",): 17,
        ("his_engine_call_seconds_sum", "ok"): 2,
        ("his_gateway_check_seconds_count", "admitted"): 1,
        ("his_gateway_check_seconds_count", "no_pass"): 1,
    }
    assert {key: found.get(key) for key in expected} == expected


def test_figures_are_written_every_few_seconds_and_whole(tmp_path: Path, clock: FrozenClock) -> None:
    registry, file = CollectorRegistry(), tmp_path / "figures.prom"
    figures = WorkerFigures(registry, clock.monotonic)
    shelf = Shelf(registry, file, process="worker", clock=clock.monotonic)
    shelf.tick()
    first = file.stat().st_ino
    figures.leads(5)
    shelf.tick()
    assert file.stat().st_ino == first
    clock.pass_time(seconds=WRITE_EVERY_S)
    shelf.tick()
    assert scraped(file.read_text())["his_lease_fence",] == 5
    assert [one.name for one in tmp_path.iterdir()] == ["figures.prom"]


def test_every_name_says_its_unit_and_every_label_takes_few_values(site: PanelSite) -> None:
    counted = {"instances", "cells", "progress", "trouble", "level", "fence", "inodes", "fds"}
    counted |= {"steps", "answers", "failures", "created"}
    units = {"seconds", "bytes", *counted}
    sites.furnished(site)
    text = site.logged_in(DANA).get("/metrics").text
    for family in text_string_to_metric_families(text):
        assert family.name.startswith("his_")
        assert family.name.rsplit("_", 1)[1] in units, family.name
        assert family.documentation, family.name


def test_an_open_token_is_no_setting_of_the_example(site: PanelSite) -> None:
    assert Settings.model_fields["panel"].default.scrape_token == ""

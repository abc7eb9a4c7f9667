"""One instance, one cell: what happened, its log, what IT does about what is held; filters for trouble."""

from __future__ import annotations

import re
import time
from dataclasses import replace

import pytest

from sandbox.people.model import Person
from sandbox.provisioning.model import CellId, CellState, Desired, InstanceId, Observed
from tests.builders import NOON, make_cell, make_instance
from tests.personas import ALICE, BOB, CHARLIE, DANA
from tests.web import site as sites
from tests.web.site import PanelSite

EVIL = "<script>alert(1)</script>\\x1b[2J"


def cell_of(site: PanelSite, key: InstanceId) -> CellId:
    with site.database.reading() as stores:
        cell = stores.instances.get(key).cell
    assert cell is not None
    return cell


def quarantined(site: PanelSite) -> CellId:
    """Have a cell of Alice's that could not be archived."""
    key, _attempt = sites.open_instance(site, ALICE, exercise=False)
    cell = cell_of(site, key)
    with site.database.transaction() as stores:
        stores.cells.move(cell, CellState.ARMED, CellState.QUARANTINED, now=NOON, trouble="SBX-405")
    return cell


def state(site: PanelSite, cell: CellId) -> CellState:
    with site.database.reading() as stores:
        return stores.cells.get(cell).state


def test_an_instance_shows_who_did_what_and_by_which_click(site: PanelSite) -> None:
    key, _attempt = sites.open_instance(site, ALICE, exercise=False)
    dana = site.logged_in(DANA)
    dana.headers["X-Request-Id"] = "0123456789abcdef0123456789abcdef"
    dana.post("/fleet/instances", {"deed": "reset", "instance": [key]})
    page = dana.get(f"/fleet/instances/{key}").text
    for said in ("爱丽丝", "instance.reset", "reset of epoch 1 wanted", "0123456789ab", cell_of(site, key), DANA.name):
        assert said in page, said
    assert f"his-sandbox trace {key}" in page
    assert f"/fleet/instances/{key}/certificate" in page


def test_a_click_stands_in_the_rows_it_wanted(site: PanelSite, no_waiting_for_a_flip: None) -> None:
    alice = site.logged_in(ALICE)
    for request_id, path in (("a" * 32, "/training/launch"), ("b" * 32, "end")):
        alice.headers["X-Request-Id"] = request_id
        with site.database.reading() as stores:
            key = next((one.id for one in stores.instances.live()), "")
        alice.post(path if path.startswith("/") else f"/practice/{key}/{path}")
        with site.database.reading() as stores:
            [row] = stores.instances.live()
        assert row.cause == request_id[:12]


def test_a_click_leads_to_its_instance_though_another_click_followed(
    site: PanelSite, no_waiting_for_a_flip: None
) -> None:
    given = sites.assigned(site, ALICE)
    alice = site.logged_in(ALICE)
    alice.headers["X-Request-Id"] = "a" * 32
    alice.post("/training/launch", {"exercise_version": sites.X05, "assignment": given})
    with site.database.reading() as stores:
        [row] = stores.instances.live()
    alice.headers["X-Request-Id"] = "b" * 32
    alice.post(f"/practice/{row.id}/end")
    with site.database.reading() as stores:
        for cause in ("a" * 12, "b" * 12):
            assert [one.id for one in stores.stories.of(cause).instances] == [row.id]


def test_the_log_is_asked_for_and_shown_as_text(site: PanelSite) -> None:
    key, _attempt = sites.open_instance(site, ALICE, exercise=False)
    cell = cell_of(site, key)
    dana = site.logged_in(DANA)
    assert "Not fetched yet." in dana.get(f"/fleet/cells/{cell}").text
    dana.post(f"/fleet/cells/{cell}/log")
    assert "Asked for; the worker fetches it." in dana.get(f"/fleet/cells/{cell}").text
    assert site.pokes == ["poke"]
    folder = site.services.settings.site.state / "logs" / "cells"
    folder.mkdir(parents=True)
    (folder / f"{cell}.log").write_text(EVIL)
    with site.database.transaction() as stores:
        stores.log_wishes.answer(cell, trouble="", at=NOON)
    page = dana.get(f"/fleet/cells/{cell}").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\\x1b[2J" in page
    assert "Fetched 20:00." in page
    with site.database.reading() as stores:
        newest = stores.audit.newest()
    assert newest is not None
    assert (newest.verb, newest.subject) == ("fleet.read_log", cell)


def test_what_kept_a_log_from_being_fetched_is_told(site: PanelSite) -> None:
    key, _attempt = sites.open_instance(site, ALICE, exercise=False)
    cell = cell_of(site, key)
    dana = site.logged_in(DANA)
    dana.post(f"/fleet/cells/{cell}/log")
    with site.database.transaction() as stores:
        stores.log_wishes.answer(cell, trouble="SBX-301", at=NOON)
    assert "The container engine does not answer" in dana.get(f"/fleet/cells/{cell}").text


def test_a_held_cell_is_tried_again(site: PanelSite) -> None:
    cell = quarantined(site)
    dana = site.logged_in(DANA)
    assert "Held for you" in dana.get(f"/fleet/cells/{cell}").text
    dana.post(f"/fleet/cells/{cell}/release")
    assert state(site, cell) is CellState.SEALED
    assert "It is archived once more." in dana.get(f"/fleet/cells/{cell}").text


def test_work_is_given_up_with_a_reason_and_never_without(site: PanelSite) -> None:
    cell = quarantined(site)
    dana = site.logged_in(DANA)
    dana.post(f"/fleet/cells/{cell}/give-up", {"reason": "  "})
    assert state(site, cell) is CellState.QUARANTINED
    dana.post(f"/fleet/cells/{cell}/give-up", {"reason": "disk was replaced"})
    assert state(site, cell) is CellState.GONE
    page = dana.get(f"/fleet/cells/{cell}").text
    assert "disk was replaced" in page
    assert "Held for you" not in page


def test_a_failed_instance_is_queued_again(site: PanelSite) -> None:
    with site.database.transaction() as stores:
        failed = make_instance(owner=ALICE.id, observed=Observed.FAILED, trouble="SBX-402")
        stores.instances.add(failed)
    dana = site.logged_in(DANA)
    dana.post(f"/fleet/instances/{failed.id}/retry")
    with site.database.reading() as stores:
        assert stores.instances.get(failed.id).observed is Observed.QUEUED
    dana.post(f"/fleet/instances/{failed.id}/retry")
    assert "SBX-103" in dana.get(f"/fleet/instances/{failed.id}").text


@pytest.mark.parametrize("person", [ALICE, BOB])
def test_only_it_looks_closely(site: PanelSite, person: Person) -> None:
    key, _attempt = sites.open_instance(site, ALICE, exercise=False)
    cell = cell_of(site, key)
    browser = site.logged_in(person)
    for path in (f"/fleet/instances/{key}", f"/fleet/cells/{cell}"):
        assert browser.get(path).status_code == 403
    for deed in ("log", "release", "give-up"):
        assert browser.post(f"/fleet/cells/{cell}/{deed}").status_code == 403


def test_what_is_not_there_is_not_found(site: PanelSite) -> None:
    dana = site.logged_in(DANA)
    assert dana.get("/fleet/instances/" + "f" * 16).status_code == 404
    assert dana.get("/fleet/cells/" + "f" * 12).status_code == 404


def shown(page: str, kind: str) -> list[str]:
    return re.findall(rf'<tr data-{kind}="([0-9a-f]+)"', page)


def test_trouble_and_exercises_can_be_looked_for(site: PanelSite) -> None:
    hers, _attempt = sites.open_instance(site, ALICE)
    with site.database.transaction() as stores:
        held = make_instance(owner=CHARLIE.id, trouble="SBX-301")
        stores.instances.add(held)
        title = stores.exercises.get(sites.X05).title_zh
    dana = site.logged_in(DANA)
    assert shown(dana.get("/fleet/instances?trouble=1").text, "instance") == [held.id]
    assert shown(dana.get(f"/fleet/instances?q={title[:4]}").text, "instance") == [hers]


def test_cells_in_trouble_come_first_and_every_kind_can_be_chosen(site: PanelSite) -> None:
    with site.database.transaction() as stores:
        ready, broken = make_cell(), make_cell(state=CellState.BROKEN, trouble="SBX-305")
        for cell in (ready, broken):
            stores.cells.add(cell)
    dana = site.logged_in(DANA)
    assert shown(dana.get("/fleet/instances").text, "cell") == [broken.id, ready.id]
    assert shown(dana.get("/fleet/instances?cells=ready").text, "cell") == [ready.id]
    sites.open_instance(site, ALICE)
    page = dana.get("/fleet/instances?cells=trouble&state=open").text
    assert shown(page, "cell") == [broken.id]
    assert re.findall(r'href="([^"]+sort=owner[^"]+)"', page) == [
        "/fleet/instances?state=open&amp;cells=trouble&amp;sort=owner&amp;down=0"
    ]


def test_five_hundred_hospitals_are_a_page_and_a_hundred_cells(site: PanelSite) -> None:
    with site.database.transaction() as stores:
        for number in range(500):
            one = make_instance(owner=f"p{number}", observed=Observed.LAUNCHING)
            stores.instances.add(one)
            cell = make_cell(instance=one.id, epoch=1, state=CellState.ARMED)
            stores.cells.add(cell)
            stores.instances.flip(one.id, cell=cell.id, epoch=1, now=NOON)
        stores.cells.add(replace(make_cell(), state=CellState.BROKEN, trouble="SBX-305"))
    dana = site.logged_in(DANA)
    begun = time.monotonic()
    page = dana.get("/fleet/instances").text
    print(f"500 instances: {1000 * (time.monotonic() - begun):.0f} ms")
    assert len(shown(page, "instance")) == 50
    assert len(shown(page, "cell")) == 100
    assert "100 / 501" in page
    assert "SBX-305" in page


def test_many_are_put_to_sleep_and_woken(site: PanelSite) -> None:
    key, _attempt = sites.open_instance(site, ALICE, exercise=False)
    dana = site.logged_in(DANA)
    asked = dana.get(f"/fleet/instances/confirm?deed=hibernate&instance={key}").text
    assert "Put 1 practice hospital to sleep?" in asked
    dana.post("/fleet/instances", {"deed": "hibernate", "instance": [key]})
    with site.database.transaction() as stores:
        assert stores.instances.get(key).desired is Desired.HIBERNATED
        stores.instances.move(key, Observed.OPEN, Observed.HIBERNATED)
    assert "1 practice hospital goes to sleep." in dana.get("/fleet/instances").text
    dana.post("/fleet/instances", {"deed": "wake", "instance": [key]})
    with site.database.reading() as stores:
        assert stores.instances.get(key).desired is Desired.OPEN

"""IT's pages: health, instances and cells."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from sandbox.adapters.db.bundle import DbStores
from sandbox.adapters.db.engine import Database
from sandbox.provisioning.model import CellState, Desired, Observed
from tests.builders import make_cell, make_instance
from tests.personas import ALICE, BOB, CHARLIE, DANA
from tests.web import site as sites
from tests.web.site import PanelSite


def tones(page: str) -> dict[str, str]:
    return dict(re.findall(r'data-concern="(\w+)" data-tone="(\w+)"', page))


def test_a_healthy_place_is_green_all_over(site: PanelSite) -> None:
    sites.furnished(site)
    page = site.logged_in(DANA).get("/fleet").text
    assert set(tones(page).values()) == {"good"}
    assert "Everything is well." in page


def test_an_empty_place_says_what_to_do(site: PanelSite) -> None:
    page = site.logged_in(DANA).get("/fleet").text
    assert {key for key, tone in tones(page).items() if tone == "bad"} == {"worker", "image", "pool"}
    assert "his-sandbox worker" in page


def test_a_silent_worker_an_absent_engine_and_a_full_queue_are_seen(site: PanelSite) -> None:
    sites.furnished(site)
    with site.database.transaction() as stores:
        stores.instances.add(make_instance(trouble="SBX-301"))
        stores.instances.add(make_instance(owner=BOB.id, observed=Observed.FAILED, trouble="SBX-402"))
        stores.cells.add(make_cell(state=CellState.QUARANTINED, instance=stores.instances.live()[1].id, epoch=1))
    site.clock.pass_time(minutes=10)
    found = tones(site.logged_in(DANA).get("/fleet").text)
    expected = {"worker": "bad", "engine": "bad", "queue": "warn", "trouble": "bad", "isolation": "good"}
    assert found | expected == found


def test_work_without_a_grade_is_noticed(site: PanelSite) -> None:
    sites.furnished(site)
    instance, _attempt = sites.open_instance(site, ALICE)
    site.logged_in(ALICE).post(f"/practice/{instance}/submit")
    assert tones(site.logged_in(DANA).get("/fleet").text)["grading"] == "good"
    site.clock.pass_time(minutes=3)
    assert tones(site.logged_in(DANA).get("/fleet").text)["grading"] == "bad"


def test_the_process_driver_is_told_loudly_on_every_page(tmp_path: Path, peopled: Database[DbStores]) -> None:
    site = sites.make_site(tmp_path, peopled, driver="process")
    for path in ("/login", "/nowhere"):
        assert 'data-alarm="not-isolated"' in site.browser().get(path).text
    dana = site.logged_in(DANA)
    assert 'data-alarm="not-isolated"' in dana.get("/fleet").text
    assert tones(dana.get("/fleet").text)["isolation"] == "bad"


def shown(page: str) -> list[str]:
    return re.findall(r'<tr data-instance="([0-9a-f]+)"', page)


def test_instances_filter_sort_and_page_by_the_address(site: PanelSite) -> None:
    hers, _attempt = sites.open_instance(site, ALICE)
    with site.database.transaction() as stores:
        his = make_instance(owner=CHARLIE.id)
        old = make_instance(owner=CHARLIE.id, observed=Observed.CLOSED, desired=Desired.CLOSED)
        stores.instances.add(his)
        stores.instances.add(old)
    dana = site.logged_in(DANA)
    assert shown(dana.get("/fleet/instances").text) == [his.id, hers]
    assert shown(dana.get("/fleet/instances?sort=queued_at&down=0").text) == [hers, his.id]
    assert shown(dana.get("/fleet/instances?q=呼吸").text) == [hers]
    assert shown(dana.get("/fleet/instances?q=%25").text) == []
    assert shown(dana.get("/fleet/instances?state=queued").text) == [his.id]
    assert set(shown(dana.get("/fleet/instances?state=all").text)) == {hers, his.id, old.id}
    assert shown(dana.get("/fleet/instances?page=２").text) == [his.id, hers]


def test_many_instances_come_in_pages(site: PanelSite) -> None:
    with site.database.transaction() as stores:
        for number in range(60):
            stores.instances.add(make_instance(owner=f"p{number}"))
    dana = site.logged_in(DANA)
    first, second = (shown(dana.get(f"/fleet/instances?page={page}").text) for page in (1, 2))
    assert (len(first), len(second)) == (50, 10)
    # A bookmark of a longer list shows the last page there is.
    assert shown(dana.get("/fleet/instances?page=7").text) == second


def test_cells_show_state_owner_and_trouble(site: PanelSite) -> None:
    sites.open_instance(site, ALICE)
    with site.database.transaction() as stores:
        stores.cells.add(make_cell(state=CellState.BROKEN, trouble="SBX-403", failures=3))
    page = site.logged_in(DANA).get("/fleet/instances").text
    assert "SBX-403" in page
    assert page.count("爱丽丝") >= 2


def test_confirming_names_how_many_and_whose(site: PanelSite) -> None:
    hers, _attempt = sites.open_instance(site, ALICE)
    his, _none = sites.open_instance(site, CHARLIE, exercise=False)
    page = site.logged_in(DANA).get(f"/fleet/instances/confirm?deed=destroy&instance={hers}&instance={his}").text
    assert "Destroy 2 practice hospitals?" in page
    assert "爱丽丝" in page
    assert 'data-must-equal="2"' in page


def test_confirming_nothing_leads_back(site: PanelSite) -> None:
    dana = site.logged_in(DANA)
    for query in ("deed=destroy", "deed=explode&instance=1", "deed=reset&instance=unknown"):
        assert dana.get(f"/fleet/instances/confirm?{query}").headers["Location"] == "/fleet/instances"


def test_destroying_needs_the_number_typed(site: PanelSite) -> None:
    hers, _attempt = sites.open_instance(site, ALICE)
    dana = site.logged_in(DANA)
    back = dana.post("/fleet/instances", {"deed": "destroy", "instance": [hers], "typed": "2"}).headers["Location"]
    assert back == f"/fleet/instances/confirm?deed=destroy&instance={hers}"
    with site.database.reading() as stores:
        assert stores.instances.get(hers).desired is Desired.OPEN
    dana.post("/fleet/instances", {"deed": "destroy", "instance": [hers], "typed": "１ "})
    with site.database.reading() as stores:
        assert stores.instances.get(hers).desired is Desired.CLOSED
    assert "1 practice hospital is being closed." in dana.get("/fleet/instances").text
    assert site.pokes == ["poke"]


def test_resetting_many_goes_on_when_one_is_refused(site: PanelSite) -> None:
    hers, _attempt = sites.open_instance(site, ALICE)
    with site.database.transaction() as stores:
        queued = make_instance(owner=CHARLIE.id)
        stores.instances.add(queued)
    dana = site.logged_in(DANA)
    dana.post("/fleet/instances", {"deed": "reset", "instance": [queued.id, hers]})
    page = dana.get("/fleet/instances").text
    assert "1 practice hospital is being reset." in page
    assert "SBX-103" in page


def test_a_trainer_destroys_nothing(site: PanelSite) -> None:
    hers, _attempt = sites.open_instance(site, ALICE)
    reply = site.logged_in(BOB).post("/fleet/instances", {"deed": "destroy", "instance": [hers], "typed": "1"})
    assert reply.status_code == 403


def test_somebody_gone_leaves_a_readable_table(site: PanelSite) -> None:
    with site.database.transaction() as stores:
        stores.instances.add(replace(make_instance(), owner="f" * 16))
    assert "f" * 16 in site.logged_in(DANA).get("/fleet/instances").text

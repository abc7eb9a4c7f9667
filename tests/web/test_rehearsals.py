"""IT's pages of rehearsals: the list, one in full, its curve."""

from __future__ import annotations

import re

import pytest

from tests.builders import make_rehearsal
from tests.personas import ALICE, BOB, DANA
from tests.web.site import PanelSite


def kept(site: PanelSite) -> str:
    one = make_rehearsal(seats=3, reset=make_rehearsal().figures.reset)
    with site.database.transaction() as stores:
        stores.rehearsals.add(one)
    return one.id


def test_an_empty_list_says_how_to_hold_one(site: PanelSite) -> None:
    page = site.logged_in(DANA).get("/fleet/rehearsals").text
    assert "No rehearsal yet" in page
    assert "his-sandbox rehearse --seats 50" in page


def test_the_list_leads_to_one_in_full(site: PanelSite) -> None:
    key = kept(site)
    dana = site.logged_in(DANA)
    page = dana.get("/fleet/rehearsals").text
    assert f'data-rehearsal="{key}"' in page
    assert f'href="/fleet/rehearsals/{key}"' in page
    assert "the engine&#39;s starts" in page
    page = dana.get(f"/fleet/rehearsals/{key}").text
    assert re.findall(r'data-phase="(\w+)"', page) == ["launch", "reset", "pages_idle", "pages_busy"]
    assert re.findall(r'data-part="(\w+)"', page) == ["start", "page"]
    assert "90 % of the wait of the slowest 5 (900 ms of 1.0 s)" in page.replace("&#39;", "'")
    assert "1.0 s · 1.0 s · 1.0 s" in page
    assert f'data-chart="/fleet/rehearsals/{key}/curve"' in page


def test_the_curve_has_a_bar_per_launch(site: PanelSite) -> None:
    told = site.logged_in(DANA).get(f"/fleet/rehearsals/{kept(site)}/curve").json
    assert told is not None
    assert (told["kind"], told["labels"], told["lines"][0]["values"]) == ("bar", ["1", "2", "3"], [1.0, 1.0, 1.0])


@pytest.mark.parametrize("person", [ALICE, BOB])
def test_rehearsals_are_its_alone(site: PanelSite, person: object) -> None:
    key = kept(site)
    browser = site.logged_in(ALICE if person is ALICE else BOB)
    for path in ("/fleet/rehearsals", f"/fleet/rehearsals/{key}", f"/fleet/rehearsals/{key}/curve"):
        assert browser.get(path).status_code == 403


def test_an_unknown_rehearsal_is_not_found(site: PanelSite) -> None:
    assert site.logged_in(DANA).get("/fleet/rehearsals/none").status_code == 404

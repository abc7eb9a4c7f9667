"""The isolation certificate as a page: for IT to the last reading, for the trainee in plain words, for others not."""

from __future__ import annotations

import hashlib
import json

import pytest

from sandbox.adapters.drivers import walls
from sandbox.contract import canonical
from sandbox.provisioning import attestation, certificates
from sandbox.provisioning.attestation import Attestation
from sandbox.provisioning.model import CellState, InstanceId
from tests.builders import NOON, make_cell
from tests.hosts import CONTAINER, UID, host_facts
from tests.personas import ALICE, BOB, CHARLIE, DANA
from tests.web import papers
from tests.web import site as sites
from tests.web.site import PanelSite
from web.fleet import certifying

READ = attestation.readings(host_facts(), walls.of_cell(CONTAINER, UID))


def attested(*, isolates: bool = True, begun: str = "1") -> Attestation:
    return Attestation(
        isolates=isolates,
        container=CONTAINER,
        begun=begun,
        uid=UID,
        image="sha256:" + "a" * 64,
        profile="p" * 16,
        engine="Docker/20.10.24",
        kernel="6.1.0",
        readings=READ if isolates else (),
    )


def certified(site: PanelSite, *, isolates: bool = True) -> InstanceId:
    """Give Alice a hospital whose cell was certified before it was hers and again since."""
    key, _attempt = sites.open_instance(site, ALICE)
    with site.database.transaction() as stores:
        [cell] = [one for one in stores.cells.present() if one.instance == key]
        for begun in ("1", "2"):
            seen = attested(isolates=isolates, begun=begun)
            certificates.keep(stores, cell, seen, worker="host 7 1", fence=4, now=NOON)
    return key


def test_it_sees_every_reading_with_its_place(site: PanelSite) -> None:
    key = certified(site)
    page = site.logged_in(DANA).get(f"/fleet/instances/{key}/certificate").text
    assert 'data-isolated="yes"' in page
    assert page.count("data-claim=") == len(READ)
    for words in ("/proc/{100,101}/status", CONTAINER, "fence 4", "Docker/20.10.24", "SHA-256"):
        assert words in page


def test_the_trainee_sees_her_own_in_plain_words(site: PanelSite) -> None:
    key = certified(site)
    page = site.logged_in(ALICE).get(f"/fleet/instances/{key}/certificate").text
    assert "没有网络" in page
    assert "data-claim=" not in page
    assert CONTAINER not in page


def test_others_and_trainers_do_not_see_it(site: PanelSite) -> None:
    key = certified(site)
    with site.database.reading() as stores:
        cell = stores.instances.get(key).cell
    for person in (BOB, CHARLIE):
        browser = site.logged_in(person)
        for path in (f"instances/{key}/certificate", f"instances/{key}/certificate.json", f"cells/{cell}/certificate"):
            assert browser.get(f"/fleet/{path}").status_code == 403
    assert site.logged_in(ALICE).get(f"/fleet/cells/{cell}/certificate").status_code == 403


def test_the_file_with_what_the_host_looks_like_is_for_it_only(site: PanelSite) -> None:
    key = certified(site)
    assert site.logged_in(ALICE).get(f"/fleet/instances/{key}/certificate.json").status_code == 403


def test_the_file_holds_what_its_digests_are_of(site: PanelSite) -> None:
    key = certified(site)
    reply = site.logged_in(DANA).get(f"/fleet/instances/{key}/certificate.json")
    assert reply.headers["Content-Disposition"] == f"attachment; filename=certificate-{key}.json"
    listed = json.loads(reply.text)
    assert [one["certificate"]["instance"] for one in listed] == [key, key]
    for one in listed:
        assert hashlib.sha256(canonical.dumps(one["certificate"]).encode()).hexdigest() == one["sha256"]


def test_a_cell_has_its_own_page_and_file_even_if_nobody_works_in_it(site: PanelSite) -> None:
    cell = make_cell(state=CellState.READY)
    with site.database.transaction() as stores:
        stores.cells.add(cell)
        certificates.keep(stores, cell, attested(), worker="w", fence=1, now=NOON)
    dana = site.logged_in(DANA)
    assert 'data-isolated="yes"' in dana.get(f"/fleet/cells/{cell.id}/certificate").text
    [one] = json.loads(dana.get(f"/fleet/cells/{cell.id}/certificate.json").text)
    assert one["certificate"]["instance"] is None
    assert dana.get("/fleet/cells/ffffffffffff/certificate").status_code == 404


def test_a_plain_process_is_told_plainly(site: PanelSite) -> None:
    key = certified(site, isolates=False)
    for person, words in ((ALICE, "没有隔离"), (DANA, "Nothing is isolated")):
        page = site.logged_in(person).get(f"/fleet/instances/{key}/certificate").text
        assert 'data-isolated="no"' in page
        assert words in page
        assert "没有网络" not in page


def test_an_instance_without_a_cell_says_so(site: PanelSite) -> None:
    key, _attempt = sites.open_instance(site, ALICE)
    page = site.logged_in(DANA).get(f"/fleet/instances/{key}/certificate").text
    assert 'data-isolated="no"' in page
    assert "No certificate yet" in page


def test_the_cell_in_use_comes_first_and_earlier_ones_are_linked(site: PanelSite) -> None:
    key = certified(site)
    earlier = make_cell(state=CellState.GONE, instance=key, epoch=7)
    with site.database.transaction() as stores:
        stores.cells.add(earlier)
        later = NOON.replace(hour=NOON.hour + 1)
        certificates.keep(stores, earlier, attested(), worker="w", fence=1, now=later)
    page = site.logged_in(DANA).get(f"/fleet/instances/{key}/certificate").text
    assert f"/fleet/cells/{earlier.id}/certificate" in page
    with site.database.reading() as stores:
        assert page.index(str(stores.instances.get(key).cell)) < page.index(earlier.id)


def test_tables_and_reports_lead_to_it(site: PanelSite) -> None:
    key = certified(site)
    table = site.logged_in(DANA).get("/fleet/instances").text
    assert f"/fleet/instances/{key}/certificate" in table
    assert "/fleet/cells/" in table
    sites.release_x05(site)
    attempt = sites.graded(site, ALICE, papers.CAREFUL, assignment=None)
    with site.database.reading() as stores:
        instance = stores.attempts.get(attempt).instance
    assert f"/fleet/instances/{instance}/certificate" in site.logged_in(ALICE).get(f"/reports/{attempt}").text
    assert "data-certificate" not in site.logged_in(BOB).get(f"/teaching/reports/{attempt}").text


@pytest.mark.parametrize("claim", [one.claim for one in READ])
def test_every_claim_has_words_and_a_place(site: PanelSite, claim: str) -> None:
    with site.app.test_request_context("/login"):
        site.app.preprocess_request()
        assert certifying.claim_words(claim) != claim
        assert certifying.group_of(claim) in ("network", "alone", "rights", "files", "limits")


def test_a_claim_this_page_does_not_know_stands_as_it_is(site: PanelSite) -> None:
    with site.app.test_request_context("/login"):
        site.app.preprocess_request()
        assert certifying.claim_words("invented.later") == "invented.later"

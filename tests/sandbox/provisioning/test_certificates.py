"""No cell is handed out without a certificate; it names the person's instance later; nobody can change it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest

from sandbox.adapters.drivers import walls
from sandbox.contract import canonical
from sandbox.errors import ArchiveCorruptError, LostRaceError, OutcomeUnknownError, ProfileDriftError, WrongStateError
from sandbox.provisioning import attestation, certificates
from sandbox.provisioning.attestation import Attestation
from sandbox.provisioning.certificates import Certificate
from sandbox.provisioning.model import CellId, CellState, InstanceId
from tests.builders import NOON, make_cell
from tests.fakes_provisioning import FailingDriver
from tests.hosts import CONTAINER, UID, host_facts
from tests.provisioning_site import Site


def attested(begun: str = "100 today") -> Attestation:
    return Attestation(
        isolates=True,
        container=CONTAINER,
        begun=begun,
        uid=UID,
        image="sha256:" + "a" * 64,
        profile="p" * 16,
        engine="Docker/20.10.24",
        kernel="6.1.0",
        readings=attestation.readings(host_facts(), walls.of_cell(CONTAINER, UID)),
    )


def of_cell(site: Site, cell: CellId) -> list[Certificate]:
    with site.database.reading() as stores:
        return stores.certificates.of_cell(cell)


def of_instance(site: Site, key: InstanceId) -> list[Certificate]:
    with site.database.reading() as stores:
        return stores.certificates.of_instance(key)


def test_a_ready_cell_has_a_certificate_of_nobody(site: Site) -> None:
    site.settle()
    [ready] = site.present()
    [one] = of_cell(site, ready.id)
    said = certificates.read(one)
    assert (ready.state, said.cell, said.instance, said.attempt) == (CellState.READY, ready.id, None, None)
    assert (said.fence, said.worker, said.issued_at) == (site.leadership.fence, "worker-1", one.issued_at)
    assert not said.isolated
    assert one.sha256 == hashlib.sha256(one.content.encode()).hexdigest()


def test_the_hot_path_issues_nothing_and_the_next_look_names_the_instance(site: Site) -> None:
    key = site.launch()
    site.settle()
    cell = site.cell_of(key)
    assert [one.instance for one in of_instance(site, key)] == [None]
    site.reconciler.attest()
    site.reconciler.attest()
    assert [(one.number, one.instance) for one in of_instance(site, key)] == [(1, None), (2, key)]
    site.engine.kill(cell.id)
    site.settle()
    site.steps.advance(60)
    site.reconciler.attest()
    first, second, after_the_start = of_instance(site, key)
    assert first.begun == second.begun != after_the_start.begun


def test_a_fresh_worker_does_not_repeat_what_is_known(site: Site) -> None:
    key = site.launch()
    site.settle()
    site.reconciler.attest()
    site.use(site.driver)
    site.reconciler.attest()
    assert len(of_instance(site, key)) == 2


def test_what_differs_for_a_moment_closes_nobodys_hospital(site: Site) -> None:
    """A container that is being started puts up its last wall as it becomes the hospital."""
    key = site.launch()
    site.settle()
    failing = FailingDriver(site.engine)
    site.use(failing)
    failing.fail("attest", ProfileDriftError("too early", fields="host.seccomp"), times=1)
    site.reconciler.attest()
    assert site.reconciler._attester.drifted == frozenset()
    failing.fail("attest", ProfileDriftError("really", fields="host.seccomp"), times=2)
    site.reconciler.attest()
    assert site.reconciler._attester.drifted == {site.cell_of(key).id}


def test_certificates_stay_when_the_cell_is_gone(site: Site) -> None:
    key = site.launch()
    site.settle()
    site.reconciler.attest()
    cell = site.cell_of(key).id
    site.want_closed(key)
    site.settle()
    assert site.cell(cell).state is CellState.GONE
    assert [one.number for one in of_cell(site, cell)] == [1, 2]


def test_a_cell_whose_attestation_fails_gets_neither_state_nor_certificate(site: Site) -> None:
    failing = FailingDriver(site.engine)
    site.use(failing)
    failing.fail("attest", OutcomeUnknownError("no answer"))
    for _ in range(4):
        site.round()
        site.steps.advance(1)
    assert CellState.READY not in site.states()
    assert all(of_cell(site, cell.id) == [] for cell in site.present())


def test_an_isolated_cell_that_did_not_run_gets_none(site: Site) -> None:
    with site.database.transaction() as stores, pytest.raises(OutcomeUnknownError):
        certificates.keep(stores, make_cell(), replace(attested(), readings=()), worker="w", fence=1, now=NOON)


def kept(site: Site) -> Certificate:
    cell = make_cell(uid=7)
    with site.database.transaction() as stores:
        stores.cells.add(cell)
        certificates.keep(stores, cell, attested(), worker="w 7", fence=3, now=NOON)
        [one] = stores.certificates.of_cell(cell.id)
    return one


def test_a_certificate_reads_back_as_it_was_read_from_the_host(site: Site) -> None:
    one = kept(site)
    said = certificates.read(one)
    assert said.readings == attested().readings
    assert (said.container, said.uid, said.engine, said.kernel) == (CONTAINER, UID, "Docker/20.10.24", "6.1.0")
    assert one.content.startswith('{"attempt":null,"cell":')
    assert canonical.dumps(json.loads(one.content)) == one.content


def test_a_changed_certificate_is_refused(site: Site) -> None:
    one = kept(site)
    with pytest.raises(ArchiveCorruptError):
        certificates.read(replace(one, content=one.content.replace('"fence":3', '"fence":4')))


def test_nobody_changes_or_deletes_one_or_takes_its_number(site: Site) -> None:
    one = kept(site)
    for deed in ("UPDATE certificate SET isolated = 0", "DELETE FROM certificate"):
        with pytest.raises(WrongStateError, match="append-only"), site.database.transaction() as stores:
            stores.connection.exec_driver_sql(deed)
    with pytest.raises(LostRaceError), site.database.transaction() as stores:
        stores.certificates.add(one)


def test_of_each_cell_the_newest_counts(site: Site) -> None:
    one = kept(site)
    later = replace(one, number=2, issued_at=NOON.replace(hour=13))
    other = replace(one, cell=CellId("other"), issued_at=NOON.replace(hour=14))
    assert certificates.newest_of_each([one, later, other]) == [other, later]


def test_a_broken_rule_is_not_taken_for_a_taken_number(site: Site) -> None:
    one = replace(kept(site), number=0)
    with pytest.raises(WrongStateError, match="ck_certificate_number"), site.database.transaction() as stores:
        stores.certificates.add(one)

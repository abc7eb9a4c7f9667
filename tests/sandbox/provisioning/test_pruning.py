"""Clearing up on request: the worker looks, answers, and does what was approved and is still of no use."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from sandbox.errors import EngineUnavailableError, ForbiddenError, LostRaceError
from sandbox.people.model import CLI
from sandbox.provisioning import pruning
from sandbox.provisioning.leftovers import Fate, Kind
from sandbox.provisioning.model import CellId, CellState
from sandbox.provisioning.prunes import PruneRequest
from sandbox.provisioning.pruning import Pruned, Pruner
from tests.builders import make_image
from tests.fakes_provisioning import FailingDriver
from tests.personas import alice
from tests.provisioning_site import EARLY, IMAGE, SOURCE, Site

ORPHAN = CellId("0123456789ab")
OLD_IMAGE = "sha256:" + "0" * 64


class Shelf:
    """Fulfils provisioning.pruning.Storeroom."""

    def __init__(self) -> None:
        self.programs = {"engine 7": "his-oneshot-cafe0001-77"}
        self.there = {OLD_IMAGE: 5, IMAGE: 6}
        self.in_use = False

    def one_shots(self) -> Mapping[str, str]:
        return dict(self.programs)

    def images(self, ids: Sequence[str]) -> Mapping[str, int]:
        return {key: self.there[key] for key in ids if key in self.there}

    def discard_one_shot(self, engine_id: str) -> None:
        self.programs.pop(engine_id, None)

    def discard_image(self, image: str) -> None:
        if self.in_use:
            raise LostRaceError("in use by now")
        self.there.pop(image, None)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def pruner(site: Site, shelf: Shelf) -> Pruner:
    return Pruner(site.means, shelf, SOURCE, begin=site.leadership.transaction, perform=site.reconciler.perform)


def littered(site: Site) -> Site:
    """Leave a container without a row, one in which somebody worked, folders, a dataset, an earlier image."""
    key = site.launch()
    site.settle()
    worked_in = site.cell_of(key).id
    site.cells.work(worked_in, 3)
    with site.database.transaction() as stores:
        stores.images.add(make_image(id=OLD_IMAGE, registered_at=EARLY - timedelta(days=1)))
        # As after an older database was put back: the container is there, its row is not.
        stores.connection.exec_driver_sql(f"UPDATE cell SET state = 'gone' WHERE id = '{worked_in}'")
        stores.connection.exec_driver_sql("UPDATE instance SET desired = 'closed', observed = 'closed'")
    (site.places.data / ORPHAN).mkdir()
    (site.places.run / ORPHAN).mkdir()
    (site.places.datasets / f"{'f' * 64}.db").write_text("x")
    return site


def ask(site: Site, approved: Sequence[str] | None) -> PruneRequest:
    with site.database.transaction() as stores:
        return pruning.ask(stores, CLI, approved, draw=secrets.token_hex, now=site.clock.now())


def answered(site: Site, request: PruneRequest) -> PruneRequest:
    with site.database.reading() as stores:
        found = stores.prunes.get(request.id)
    assert found.answered_at is not None
    return found


def pruned(site: Site, shelf: Shelf, approved: Sequence[str] | None) -> list[Pruned]:
    request = ask(site, approved)
    assert pruner(site, shelf).tick() == 1
    return pruning.read(answered(site, request))


def keys(listed: Sequence[Pruned]) -> list[str]:
    return [f"{one.kind} {one.name}" for one in listed]


def test_looking_changes_nothing(site: Site, shelf: Shelf) -> None:
    littered(site)
    before = (site.engine.observe(), sorted(site.places.data.iterdir()), sorted(site.places.datasets.iterdir()))
    listed = pruned(site, shelf, None)
    kinds = [one.kind for one in listed]
    assert kinds == [Kind.CONTAINER, Kind.FOLDER, Kind.MOUNT, Kind.DATASET, Kind.IMAGE]
    assert not any(one.done for one in listed)
    assert before == (site.engine.observe(), sorted(site.places.data.iterdir()), sorted(site.places.datasets.iterdir()))
    assert OLD_IMAGE in shelf.there


def test_what_is_approved_goes_work_is_archived_and_asking_again_finds_nothing(site: Site, shelf: Shelf) -> None:
    littered(site)
    stored = len(list((site.root / "state" / "files").rglob("*")))
    done = pruned(site, shelf, keys(pruned(site, shelf, None)))
    assert all(one.done for one in done)
    assert len(list((site.root / "state" / "files").rglob("*"))) > stored
    assert [path.name.rpartition("-")[2] for path in site.places.set_aside.iterdir()] == [ORPHAN]
    assert shelf.there == {IMAGE: 6}
    left = pruned(site, shelf, None)
    assert [(one.kind, one.fate) for one in left] == [(Kind.SET_ASIDE, Fate.KEEP)]
    site.settle()
    assert {one.cell for one in site.engine.observe()} == {one.id for one in site.present()}


def test_what_was_not_approved_stays(site: Site, shelf: Shelf) -> None:
    littered(site)
    listed = pruned(site, shelf, None)
    [dataset] = [one for one in listed if one.kind is Kind.DATASET]
    done = pruned(site, shelf, keys([dataset]))
    assert [one.kind for one in done if one.done] == [Kind.DATASET]
    assert keys(pruned(site, shelf, None)) == [key for key in keys(listed) if key != f"dataset {dataset.name}"]


def test_what_a_row_explains_by_then_stays_although_it_was_approved(site: Site, shelf: Shelf) -> None:
    site.settle()
    [ready] = site.present()
    done = pruned(site, shelf, [f"container {ready.id}", f"folder {ready.id}", f"image {IMAGE}"])
    assert done == []
    assert [one.cell for one in site.engine.observe()] == [ready.id]
    assert site.states() == [CellState.READY]


def test_an_approval_that_nobody_took_up_is_not_carried_out(site: Site, shelf: Shelf) -> None:
    littered(site)
    request = ask(site, keys(pruned(site, shelf, None)))
    site.steps.advance(601)
    site.leadership.renew()
    pruner(site, shelf).tick()
    assert answered(site, request).trouble == "SBX-103"
    assert OLD_IMAGE in shelf.there


def test_what_fails_does_not_keep_the_rest(site: Site, shelf: Shelf) -> None:
    littered(site)
    shelf.in_use = True
    done = pruned(site, shelf, keys(pruned(site, shelf, None)))
    assert [one.kind for one in done if not one.done] == [Kind.IMAGE]


def test_an_engine_that_does_not_answer_is_told(site: Site, shelf: Shelf) -> None:
    failing = FailingDriver(site.engine)
    site.use(failing)
    failing.fail("observe", EngineUnavailableError("gone"))
    request = ask(site, None)
    pruner(site, shelf).tick()
    assert answered(site, request).trouble == EngineUnavailableError.code


def test_programs_of_killed_runs_are_swept_at_the_start(site: Site, shelf: Shelf) -> None:
    once = pruner(site, shelf)
    assert once.tick() == 0
    assert shelf.programs == {}
    shelf.programs["engine 8"] = "his-oneshot-cafe0001-78"
    once.tick()
    assert list(shelf.programs) == ["engine 8"]
    [found] = pruned_by(site, once, None)
    assert (found.kind, found.name) == (Kind.ONE_SHOT, "his-oneshot-cafe0001-78")
    [done] = pruned_by(site, once, keys([found]))
    assert done.done
    assert shelf.programs == {}


def pruned_by(site: Site, worker: Pruner, approved: Sequence[str] | None) -> list[Pruned]:
    request = ask(site, approved)
    worker.tick()
    return pruning.read(answered(site, request))


def test_asking_and_doing_are_audited_looking_is_not(site: Site, shelf: Shelf) -> None:
    littered(site)
    listed = pruned(site, shelf, None)
    pruned(site, shelf, keys(listed))
    with site.database.reading() as stores:
        entries = [one for one in stores.audit.chain(after=0) if one.verb.startswith("fleet.prune")]
    assert [(one.verb, one.actor) for one in entries] == [("fleet.prune", "cli"), ("fleet.pruned", "worker")]
    assert entries[0].facts["approved"] == len(listed)
    assert entries[1].facts["image"] == 1


def test_only_it_may_ask(site: Site) -> None:
    with site.database.transaction() as stores, pytest.raises(ForbiddenError):
        pruning.ask(stores, alice, None, draw=secrets.token_hex, now=site.clock.now())


def test_a_request_is_answered_once(site: Site, shelf: Shelf) -> None:
    request = ask(site, None)
    pruner(site, shelf).tick()
    with pytest.raises(LostRaceError), site.database.transaction() as stores:
        stores.prunes.answer(request.id, answer="[]", trouble="", at=site.clock.now())
    assert json.loads(answered(site, request).answer) == []
    assert pruner(site, shelf).tick() == 0


def test_a_dataset_that_two_images_share_stays_while_either_is_in_use(site: Site, shelf: Shelf) -> None:
    """The newer image built the same bytes; the older one was registered again."""
    with site.database.transaction() as stores:
        [used] = stores.goldens.all()
        later = used.built_at + timedelta(hours=1)
        stores.goldens.add(replace(used, inputs_key="0" * 64, built_at=later))
        for cell in stores.cells.present():
            stores.cells.move(cell.id, cell.state, CellState.GONE, now=later)
    assert f"dataset {used.sha256}.db" not in keys(pruned(site, shelf, None))

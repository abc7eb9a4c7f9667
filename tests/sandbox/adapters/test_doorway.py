"""The one look that decides about every request to a cell."""

from __future__ import annotations

from sandbox.adapters.db.bundle import DbStores
from sandbox.adapters.db.engine import Database
from sandbox.overview import Doorway
from sandbox.people.model import Login, PersonId
from sandbox.provisioning.model import Observed
from tests.builders import NOON, make_instance
from tests.personas import ALICE, CHARLIE

Db = Database[DbStores]


def test_a_doorway_shows_owner_state_and_log_in(peopled: Db) -> None:
    instance = make_instance(owner=ALICE.id)
    with peopled.transaction() as stores:
        stores.instances.add(instance)
        for person in (ALICE, CHARLIE):
            login = Login(token_hash=f"of-{person.id}", person=person.id, created_at=NOON, seen_at=NOON, csrf="c")
            stores.logins.add(login)
    with peopled.reading() as stores:
        assert stores.overview.doorway(instance.id) == Doorway(
            owner=ALICE.id, observed=Observed.QUEUED, cell=None, disabled=False, login="of-alice"
        )


def test_a_doorway_without_a_log_in_and_a_disabled_account(peopled: Db) -> None:
    instance = make_instance(owner=ALICE.id)
    with peopled.transaction() as stores:
        stores.instances.add(instance)
        stores.people.disable(PersonId(ALICE.id))
    with peopled.reading() as stores:
        found = stores.overview.doorway(instance.id)
    assert found is not None
    assert (found.disabled, found.login) == (True, None)
    assert found.disabled is True


def test_where_no_instance_is_there_is_no_doorway(database: Db) -> None:
    with database.reading() as stores:
        assert stores.overview.doorway("f" * 16) is None

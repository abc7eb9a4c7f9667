"""Tickets and passes: whose, how long, and what a forger gets."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.adapters.db.bundle import DbStores
from sandbox.adapters.db.engine import Database
from sandbox.errors import ForbiddenError, NotFoundError, TicketError
from sandbox.provisioning import tickets
from sandbox.provisioning.model import InstanceId
from sandbox.provisioning.tickets import Pass
from tests import personas
from tests.builders import NOON, make_instance

KEY = bytes(range(32))
ENTRY = Pass(instance=InstanceId("0123456789abcdef"), person="alice", login="ab" * 8, issued_at=int(NOON.timestamp()))
Db = Database[DbStores]


def read(value: str, **later: float) -> Pass:
    return tickets.read(KEY, value, now=NOON + timedelta(**later), lasts_s=3600)


def test_a_pass_comes_back_as_it_was_signed() -> None:
    assert read(tickets.sign(KEY, ENTRY)) == ENTRY


@given(person=st.text(st.characters(codec="utf-8", exclude_characters=";\r\n"), min_size=1))
def test_a_pass_bears_any_person(person: str) -> None:
    entry = Pass(instance=ENTRY.instance, person=person, login=ENTRY.login, issued_at=ENTRY.issued_at)
    assert read(tickets.sign(KEY, entry)) == entry


@given(at=st.integers(min_value=0), by=st.integers(min_value=1, max_value=255))
def test_one_changed_character_is_found(at: int, by: int) -> None:
    value = tickets.sign(KEY, ENTRY)
    at %= len(value)
    changed = value[:at] + chr((ord(value[at]) + by) % 0x110000 or 1) + value[at + 1 :]
    with pytest.raises(TicketError):
        read(changed)


@given(st.text())
def test_nonsense_is_refused(value: str) -> None:
    with pytest.raises(TicketError):
        read(value)


def test_a_pass_of_another_site_is_refused() -> None:
    with pytest.raises(TicketError):
        tickets.read(KEY, tickets.sign(KEY[::-1], ENTRY), now=NOON, lasts_s=3600)


@pytest.mark.parametrize("later", [3601, -1])
def test_a_pass_is_refused_when_too_old_or_from_the_future(later: int) -> None:
    with pytest.raises(TicketError):
        read(tickets.sign(KEY, ENTRY), seconds=later)


def issue(stores: DbStores, person: personas.Person, instance: InstanceId) -> str:
    return tickets.issue(stores, personas.acting(person), instance, ttl_s=60, now=NOON)


def test_only_the_owner_is_given_a_ticket(peopled: Db) -> None:
    instance = make_instance(owner="alice")
    with peopled.transaction() as stores:
        stores.instances.add(instance)
        for other in (personas.BOB, personas.CHARLIE, personas.DANA):
            with pytest.raises(ForbiddenError):
                issue(stores, other, instance.id)
        assert len(issue(stores, personas.ALICE, instance.id)) >= 43, "256 random bits"


def test_no_ticket_leads_to_an_instance_that_never_was(peopled: Db) -> None:
    with peopled.transaction() as stores, pytest.raises(NotFoundError):
        issue(stores, personas.ALICE, InstanceId("f" * 16))


def test_the_database_keeps_no_usable_ticket(peopled: Db) -> None:
    instance = make_instance(owner="alice")
    with peopled.transaction() as stores:
        stores.instances.add(instance)
        token = issue(stores, personas.ALICE, instance.id)
    with peopled.transaction() as stores, pytest.raises(TicketError):
        tickets.redeem(stores, tickets.fingerprint(token), instance.id, address="", now=NOON)

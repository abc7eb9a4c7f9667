"""Logging in and out: one live log-in per account, five failures and a pause, nothing learnt by trying."""

from __future__ import annotations

import statistics
import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from sandbox.adapters.db.bundle import DbStores
from sandbox.adapters.db.engine import Database
from sandbox.adapters.passwords import Argon2Passwords
from sandbox.errors import ForbiddenError, InvalidError, NotFoundError, PasswordWeakError
from sandbox.people import entering, operations
from sandbox.people.model import Role
from sandbox.people.operations import Entered, TurnedAway
from tests.fakes import FastPasswords, FrozenClock
from tests.personas import ALICE, PASSWORD, alice, bob, dana

Db = Database[DbStores]
FAST = FastPasswords()
LIMITS = {"idle_s": 1800, "absolute_s": 43200}


def log_in(
    database: Db, clock: FrozenClock, login: str = ALICE.login, password: str = PASSWORD
) -> Entered | TurnedAway:
    return entering.log_in(database, FAST, login=login, password=password, address="192.0.2.7", now=clock.now())


def entered(outcome: Entered | TurnedAway) -> Entered:
    assert isinstance(outcome, Entered)
    return outcome


def trail(database: Db) -> list[tuple[str, str, str]]:
    with database.reading() as stores:
        return [(each.actor, each.verb, each.outcome) for each in stores.audit.chain()]


def test_the_right_password_begins_a_log_in(peopled: Db, clock: FrozenClock) -> None:
    inside = entered(log_in(peopled, clock))
    assert len(inside.token) == 64
    with peopled.reading() as stores:
        login, person = operations.live_login(stores, inside.token, now=clock.now(), **LIMITS)
    assert (login, person) == (inside.login, ALICE)
    assert inside.token not in repr(login)
    assert trail(peopled) == [("alice", "person.log_in", "ok")]


def test_a_new_log_in_ends_the_old_one_and_the_trail_says_so(peopled: Db, clock: FrozenClock) -> None:
    first = entered(log_in(peopled, clock))
    second = entered(log_in(peopled, clock))
    with peopled.reading() as stores:
        with pytest.raises(NotFoundError):
            operations.live_login(stores, first.token, now=clock.now(), **LIMITS)
        operations.live_login(stores, second.token, now=clock.now(), **LIMITS)
        assert [each.facts for each in stores.audit.chain()] == [{"replaced": False}, {"replaced": True}]


@pytest.mark.parametrize(("idle", "age", "over"), [(1800, 1800, False), (1801, 1801, True), (60, 43201, True)])
def test_a_log_in_ends_by_idleness_or_age(peopled: Db, clock: FrozenClock, idle: int, age: int, over: bool) -> None:
    inside = entered(log_in(peopled, clock))
    later = clock.now() + timedelta(seconds=age)
    with peopled.transaction() as stores:
        stores.logins.touch(inside.login.token_hash, seen_at=later - timedelta(seconds=idle))
        if over:
            with pytest.raises(NotFoundError):
                operations.live_login(stores, inside.token, now=later, **LIMITS)
        else:
            operations.live_login(stores, inside.token, now=later, **LIMITS)


def test_logging_out_ends_it_once(peopled: Db, clock: FrozenClock) -> None:
    inside = entered(log_in(peopled, clock))
    with peopled.transaction() as stores:
        for _ in range(2):
            operations.log_out(stores, alice, inside.token, now=clock.now())
        with pytest.raises(NotFoundError):
            operations.live_login(stores, inside.token, now=clock.now(), **LIMITS)
    assert trail(peopled)[1:] == [("alice", "person.log_out", "ok")]


def test_the_fifth_failure_locks_for_ten_minutes_even_the_right_password(peopled: Db, clock: FrozenClock) -> None:
    for _ in range(4):
        assert log_in(peopled, clock, password="wrong") == TurnedAway(locked_until=None)
    until = clock.now() + timedelta(minutes=10)
    assert log_in(peopled, clock, password="wrong") == TurnedAway(locked_until=until)
    clock.pass_time(minutes=9, seconds=59)
    assert log_in(peopled, clock) == TurnedAway(locked_until=until)
    clock.pass_time(seconds=1)
    entered(log_in(peopled, clock))


def test_after_a_lock_there_are_five_tries_again(peopled: Db, clock: FrozenClock) -> None:
    for _ in range(5):
        log_in(peopled, clock, password="wrong")
    clock.pass_time(minutes=11)
    outcomes = [log_in(peopled, clock, password="wrong") for _ in range(5)]
    assert [isinstance(each, TurnedAway) and each.locked_until is not None for each in outcomes] == [False] * 4 + [True]


def test_a_success_forgets_the_failures_before(peopled: Db, clock: FrozenClock) -> None:
    for _ in range(3):
        for _ in range(4):
            log_in(peopled, clock, password="wrong")
        entered(log_in(peopled, clock))


def test_of_a_hundred_guesses_at_least_95_are_locked_out(peopled: Db, clock: FrozenClock) -> None:
    for _ in range(100):
        log_in(peopled, clock, password="wrong")
        clock.pass_time(seconds=1)
    with peopled.reading() as stores:
        reasons = [each.facts["reason"] for each in stores.audit.chain()]
    assert reasons.count("locked") >= 95


def test_guesses_at_once_do_not_slip_past_the_lock(peopled: Db, clock: FrozenClock) -> None:
    barrier = threading.Barrier(20)

    def guess() -> None:
        barrier.wait()
        log_in(peopled, clock, password="wrong")

    threads = [threading.Thread(target=guess) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with peopled.reading() as stores:
        reasons = sorted(str(each.facts["reason"]) for each in stores.audit.chain())
    assert reasons == ["locked"] * 15 + ["password"] * 5


@pytest.mark.parametrize("name", ["P9999", "", "'; DROP TABLE person; --", "P0001 "])
def test_an_unknown_name_looks_like_a_wrong_password(peopled: Db, clock: FrozenClock, name: str) -> None:
    assert log_in(peopled, clock, login=name) == log_in(peopled, clock, password="wrong")


def test_a_disabled_account_is_out_at_once_and_stays_out(peopled: Db, clock: FrozenClock) -> None:
    inside = entered(log_in(peopled, clock))
    with peopled.transaction() as stores:
        for _ in range(2):
            operations.disable(stores, dana, ALICE.id, now=clock.now())
        with pytest.raises(NotFoundError):
            operations.live_login(stores, inside.token, now=clock.now(), **LIMITS)
    assert isinstance(log_in(peopled, clock), TurnedAway)
    assert [verb for _, verb, _ in trail(peopled)] == ["person.log_in", "people.disable", "person.log_in"]


def test_a_new_password_ends_all_log_ins_and_begins_one(peopled: Db, clock: FrozenClock) -> None:
    before = entered(log_in(peopled, clock))
    after = entering.change_password(peopled, FAST, alice, old=PASSWORD, new="Reed-warbler-8", now=clock.now())
    with peopled.reading() as stores:
        with pytest.raises(NotFoundError):
            operations.live_login(stores, before.token, now=clock.now(), **LIMITS)
        operations.live_login(stores, after.token, now=clock.now(), **LIMITS)
    assert isinstance(log_in(peopled, clock), TurnedAway)
    entered(log_in(peopled, clock, password="Reed-warbler-8"))


def test_the_old_password_is_asked_for_and_the_same_one_refused(peopled: Db, clock: FrozenClock) -> None:
    with pytest.raises(ForbiddenError):
        entering.change_password(peopled, FAST, alice, old="wrong", new="Reed-warbler-8", now=clock.now())
    with pytest.raises(PasswordWeakError) as same:
        entering.change_password(peopled, FAST, alice, old=PASSWORD, new=PASSWORD, now=clock.now())
    assert same.value.facts["rules"] == "same"
    with pytest.raises(PasswordWeakError) as weak:
        entering.change_password(peopled, FAST, alice, old=PASSWORD, new="P0001", now=clock.now())
    assert weak.value.facts["rules"] == "short classes login"
    assert "不能包含工号" in weak.value.say("zh")
    assert "must not contain your personnel number" in weak.value.say("en")


def test_an_initial_password_must_be_changed_and_then_no_longer(peopled: Db, clock: FrozenClock) -> None:
    with peopled.transaction() as stores:
        operations.reset_password(stores, dana, ALICE.id, password_hash=FAST.hash("Initial-77-x"), now=clock.now())
    inside = entered(log_in(peopled, clock, password="Initial-77-x"))
    assert inside.person == replace(ALICE, must_change_password=True)
    changed = entering.change_password(peopled, FAST, alice, old="Initial-77-x", new=PASSWORD, now=clock.now())
    assert changed.person == ALICE


def test_a_hash_of_other_parameters_is_renewed_on_the_way_in(peopled: Db, clock: FrozenClock) -> None:
    class Older(FastPasswords):
        def outdated(self, password_hash: str) -> bool:
            return True

    class Renewing(Older):
        def hash(self, password: str) -> str:
            return super().hash(password) + "+"

        def fits(self, password_hash: str, password: str) -> bool:
            return super().fits(password_hash, password) or password_hash == FAST.hash(password)

    entered(entering.log_in(peopled, Renewing(), login=ALICE.login, password=PASSWORD, address="", now=clock.now()))
    with peopled.reading() as stores:
        assert stores.people.credential(ALICE.id).password_hash.endswith("+")


def test_it_adds_people_with_a_number_nobody_else_has(peopled: Db, clock: FrozenClock) -> None:
    with peopled.transaction() as stores:
        eve = operations.add_person(
            stores,
            dana,
            login="P0005",
            name=" 夏娃 ",
            department="药剂科",
            roles=[Role.TRAINEE],
            password_hash=FAST.hash("x"),
            now=clock.now(),
        )
        assert stores.people.get(eve.id) == eve
        assert (eve.name, eve.must_change_password, eve.language) == ("夏娃", True, "zh")
        assert stores.people.by_login("P0005") == eve
        assert [each.login for each in stores.people.all()] == ["P0001", "P0002", "P0003", "P0004", "P0005"]


@pytest.mark.parametrize(
    ("login", "name", "roles"),
    [
        ("P0001", "夏娃", [Role.IT]),
        ("", "夏娃", [Role.IT]),
        ("P 5", "夏娃", [Role.IT]),
        ("P5", " ", [Role.IT]),
        ("P5", "夏娃", []),
    ],
)
def test_an_account_without_number_name_or_role_is_not_added(
    peopled: Db, clock: FrozenClock, login: str, name: str, roles: list[Role]
) -> None:
    with peopled.transaction() as stores, pytest.raises(InvalidError):
        operations.add_person(
            stores, dana, login=login, name=name, department="", roles=roles, password_hash="x", now=clock.now()
        )
    assert trail(peopled) == []


def test_only_it_changes_accounts(peopled: Db, clock: FrozenClock) -> None:
    with peopled.transaction() as stores:
        for actor in (alice, bob):
            with pytest.raises(ForbiddenError):
                operations.disable(stores, actor, ALICE.id, now=clock.now())
            with pytest.raises(ForbiddenError):
                operations.reset_password(stores, actor, ALICE.id, password_hash="x", now=clock.now())


def test_a_language_is_remembered(peopled: Db, clock: FrozenClock) -> None:
    with peopled.transaction() as stores:
        operations.set_language(stores, alice, "en", now=clock.now())
        assert stores.people.get(ALICE.id) == replace(ALICE, language="en")


def test_unknown_names_cost_what_known_ones_cost(peopled: Db, clock: FrozenClock) -> None:
    passwords = Argon2Passwords()
    with peopled.transaction() as stores:
        stores.people.replace_password(ALICE.id, passwords.hash(PASSWORD), must_change=False)

    def cost(name: str) -> float:
        began = time.perf_counter()
        entering.log_in(peopled, passwords, login=name, password="wrong", address="", now=clock.now())
        clock.pass_time(hours=1)
        return time.perf_counter() - began

    pairs = [(cost(ALICE.login), cost("P9999")) for _ in range(25)]
    known, unknown = (statistics.median(each) for each in zip(*pairs, strict=True))
    assert abs(known - unknown) < 0.4 * known

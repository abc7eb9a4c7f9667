"""Who may ask for a regrade and decide it, what it covers, and what is no request."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.attempts import adjusting, regrading
from sandbox.attempts.model import AttemptId
from sandbox.attempts.second_look import (
    REGRADE_MOVES,
    ItemOutcome,
    RegradeState,
    Scope,
)
from sandbox.errors import (
    ForbiddenError,
    LostRaceError,
    NotFoundError,
    RegradeInvalidError,
    WrongStateError,
)
from sandbox.people.model import CLI, Actor
from tests.builders import NOON, make_assignment
from tests.graded import X05, Archive
from tests.personas import alice, bob, charlie, dana
from tests.sandbox.attempts.second_looking import decide, items, request, state
from tests.sandbox.attempts.versions import changed, severity_forgiven


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"dataset: base", b"dataset: other", "its dataset is another one"),
        (b"queue_no: 1,", b"queue_no: 3,", "it starts from other data"),
        (
            b"{name: \xe6\x9e\x97\xe6\x99\x93\xe5\xbd\xa4,",
            b"{name: \xe6\x9e\x97\xe6\x99\x93,",
            "its cast is another one",
        ),
        (b"dept: D0101, zh", b"dept: D0102, zh", "its seats are other ones"),
        (b"delay: 90s", b"delay: 80s", "other things happen during it"),
    ],
)
def test_a_version_with_another_hospital_is_refused_with_the_reason(
    archive: Archive, old: bytes, new: bytes, reason: str
) -> None:
    archive.graded()
    target = archive.release(changed(old, new)).id
    with pytest.raises(RegradeInvalidError, match=reason):
        request(archive, exercise="urti-penicillin-allergy", target=target)


def test_requests_that_say_too_little_or_find_nothing_are_refused(archive: Archive) -> None:
    for scope in ({}, {"person": "alice"}, {"max_version": 1}):
        with pytest.raises(RegradeInvalidError):
            request(archive, **scope)
    key = archive.graded()
    with pytest.raises(RegradeInvalidError):
        request(archive, exercise="another", attempt=key, target=X05)
    with pytest.raises(NotFoundError):
        request(archive, attempt=key, target="nothing@9")
    with archive.database.transaction() as stores, pytest.raises(RegradeInvalidError):
        regrading.request(stores, archive.files, bob, scope=Scope(attempt=key), reason=" ", now=NOON)


def test_the_scope_is_what_all_conditions_hold_for(archive: Archive) -> None:
    one, other = make_assignment(exercise_version=X05), make_assignment(exercise_version=X05, person="charlie")
    alone = make_assignment(exercise_version=X05, person="dana", assigned_by="somebody")
    with archive.database.transaction() as stores:
        for each in (one, other, alone):
            stores.assignments.add(each)
    mine = archive.sealed(assignment=one.id)
    theirs = archive.sealed("charlie", assignment=other.id)
    beside, tried = archive.sealed("dana", assignment=alone.id), archive.sealed("bob")
    void = archive.sealed()
    archive.work()
    with archive.database.transaction() as stores:
        adjusting.void(stores, bob, void, reason="r", now=archive.now)

    def found(**scope: Any) -> set[AttemptId]:
        with archive.database.reading() as stores:
            listed = regrading.in_scope(stores, Scope(**scope), "", without="bob")
        return {each.id for each in listed}

    assert found(exercise="urti-penicillin-allergy") == {mine, theirs, beside}
    assert found(assignment=one.id) == found(assignment=other.id) == {mine, theirs}
    assert found(person="charlie") == {theirs}
    assert found(exercise="urti-penicillin-allergy", max_version=0) == set()
    assert found(attempt=tried) == found(person="bob") == set()


@pytest.mark.parametrize("actor", [alice, charlie, dana], ids=["owner", "stranger", "it"])
def test_only_trainers_ask_and_decide(archive: Archive, actor: Actor) -> None:
    key = archive.graded()
    with pytest.raises(ForbiddenError):
        request(archive, actor=actor, attempt=key)
    asked = request(archive, attempt=key)
    archive.work()
    with pytest.raises(ForbiddenError):
        decide(archive, asked.id, "all", actor)


def test_the_deciders_own_attempt_keeps_its_result(archive: Archive) -> None:
    own, others = archive.graded("bob"), archive.graded()
    asked = request(archive, actor=CLI, exercise="urti-penicillin-allergy", target=severity_forgiven(archive))
    archive.work()
    decide(archive, asked.id, "all", bob)
    archive.work()
    found = items(archive, asked.id)
    assert (found[own].outcome, found[others].outcome) == (ItemOutcome.KEPT, ItemOutcome.APPLIED)


def test_a_preview_is_decided_once_and_only_when_ready(archive: Archive) -> None:
    asked = request(archive, attempt=archive.graded())
    with pytest.raises(WrongStateError):
        decide(archive, asked.id, "all")
    archive.work()
    decide(archive, asked.id, "higher")
    with pytest.raises(LostRaceError):
        decide(archive, asked.id, "all")
    archive.work()
    with pytest.raises(WrongStateError):
        decide(archive, asked.id, "discard")


def test_every_move_not_in_the_table_is_refused_and_a_late_one_has_lost(archive: Archive) -> None:
    asked = request(archive, attempt=archive.graded())
    for old in RegradeState:
        for new in RegradeState:
            with archive.database.transaction() as stores:
                if new not in REGRADE_MOVES[old]:
                    with pytest.raises(WrongStateError):
                        stores.regrades.move(asked.id, old, new, at=NOON)
                elif old is not RegradeState.REQUESTED:
                    with pytest.raises(LostRaceError):
                        stores.regrades.move(asked.id, old, new, at=NOON)
    assert state(archive, asked.id) is RegradeState.REQUESTED

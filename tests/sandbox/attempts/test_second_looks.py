"""Adjustments, voiding, regrades: nothing that counts changes before a person decides, and nothing is ever lost."""

from __future__ import annotations

import pytest

from sandbox.attempts import adjusting
from sandbox.errors import (
    AdjustmentInvalidError,
    ForbiddenError,
    WrongStateError,
)
from sandbox.people.model import Actor
from tests.builders import make_assignment
from tests.graded import X05, Archive
from tests.personas import alice, bob, charlie, dana
from tests.sandbox.attempts.second_looking import adjust, decide, request, scores
from tests.sandbox.attempts.versions import MARKED
from tests.web import papers


def test_an_override_gives_a_new_result_that_shows_both_numbers(archive: Archive) -> None:
    key = archive.graded(deeds=papers.HASTY)
    before = archive.results(key)[0]
    was = next(line for line in archive.report(key).lines if line.id == "allergy-row")
    adjust(archive, key, "allergy-row", "set", "１５")
    archive.work()
    now = archive.results(key)
    assert now[1] == before
    assert (now[0].number, now[0].adjustments, now[0].actor, now[0].reason) == (2, 1, "bob", "看过录像")
    line = next(line for line in archive.report(key).lines if line.id == "allergy-row")
    assert (line.got, line.graded, line.adjusted and line.adjusted.reason) == ("15.00", was.exact, "看过录像")


def test_a_later_row_for_the_same_line_wins_and_withdrawing_restores_the_graders_word(archive: Archive) -> None:
    key = archive.graded()
    for kind, points in (("set", "0"), ("add", "-5"), ("withdraw", "")):
        adjust(archive, key, "in-time", kind, points)
        archive.work()
    assert [score for score, _ in scores(archive, key)] == ["100.0", "95.0", "95.0", "100.0"]
    with archive.database.reading() as stores:
        assert [row.kind for row in stores.adjustments.of(key)] == ["set", "add", "withdraw"]
        assert adjusting.effective(stores.adjustments.of(key)) == ()


def test_waiving_a_critical_loss_takes_cap_and_points_back(archive: Archive) -> None:
    key = archive.graded(deeds=papers.HASTY)
    assert archive.report(key).critical
    for loss in archive.report(key).losses:
        adjust(archive, key, loss.id, "waive")
    archive.work()
    assert archive.report(key).critical == ()
    assert len(archive.results(key)) == 2


@pytest.mark.parametrize(
    ("subject", "kind", "points", "reason"),
    [
        ("nothing", "set", "1", "r"),
        ("in-time", "set", "", "r"),
        ("in-time", "set", "six", "r"),
        ("in-time", "set", "6", "r"),
        ("in-time", "set", "-1", "r"),
        ("in-time", "add", "-6", "r"),
        ("in-time", "set", "1.005", "r"),
        ("in-time", "set", "NaN", "r"),
        ("in-time", "set", "1e30", "r"),
        ("in-time", "set", "1e999999999999999999999", "r"),
        ("in-time", "set", "1", " "),
        ("in-time", "set", "1", "r" * 501),
        ("in-time", "withdraw", "", "r"),
        ("in-time", "mark", "5", "r"),
    ],
)
def test_what_cannot_stand_is_refused_and_nothing_kept(
    archive: Archive, subject: str, kind: str, points: str, reason: str
) -> None:
    key = archive.graded()
    with pytest.raises(AdjustmentInvalidError):
        adjust(archive, key, subject, kind, points, reason=reason)
    with archive.database.reading() as stores:
        assert stores.adjustments.of(key) == []


@pytest.mark.parametrize("actor", [alice, charlie, dana], ids=["owner", "stranger", "it"])
def test_only_trainers_adjust_and_void(archive: Archive, actor: Actor) -> None:
    key = archive.graded()
    with pytest.raises(ForbiddenError):
        adjust(archive, key, "in-time", "set", "1", actor=actor)
    with pytest.raises(ForbiddenError), archive.database.transaction() as stores:
        adjusting.void(stores, actor, key, reason="r", now=archive.now)


def test_nobody_adjusts_or_voids_an_own_attempt(archive: Archive) -> None:
    key = archive.graded(person="bob")
    with pytest.raises(ForbiddenError):
        adjust(archive, key, "in-time", "set", "1")
    with pytest.raises(ForbiddenError), archive.database.transaction() as stores:
        adjusting.void(stores, bob, key, reason="r", now=archive.now)


def test_an_attempt_without_a_score_has_nothing_to_adjust(archive: Archive) -> None:
    key = archive.sealed(journal=b"[]")
    with pytest.raises(WrongStateError):
        adjust(archive, key, "in-time", "set", "1")
    archive.work()
    with pytest.raises(WrongStateError):
        adjust(archive, key, "in-time", "set", "1")


def test_a_voided_attempt_does_not_count_and_keeps_its_results(archive: Archive) -> None:
    assignment = make_assignment(exercise_version=X05, max_attempts=1)
    with archive.database.transaction() as stores:
        stores.assignments.add(assignment)
    key = archive.sealed(assignment=assignment.id)
    with pytest.raises(WrongStateError), archive.database.transaction() as stores:
        adjusting.void(stores, bob, key, reason="火警演习", now=archive.now)
    archive.work()
    with archive.database.transaction() as stores:
        assert [adjusting.void(stores, bob, key, reason="火警演习", now=archive.now) for _ in range(2)] == [True, False]
    with archive.database.reading() as stores:
        assert stores.attempts.counted("alice", assignment.id) == []
        (line,) = stores.overview.standings()
        assert (line.counted, line.latest, line.counts) == ((), None, None)
        assert stores.overview.attempts()[0].void
    assert len(archive.results(key)) == 1


def test_a_rubric_waits_for_a_person_and_one_mark_settles_it(archive: Archive) -> None:
    key = archive.graded()
    asked = request(archive, attempt=key, target=archive.release(MARKED).id)
    archive.work()
    decide(archive, asked.id, "all")
    archive.work()
    pending = archive.results(key)[0]
    assert (pending.verdict, pending.score, pending.score_to, pending.pending) == ("provisional", "85.0", "100.0", 1)
    with pytest.raises(AdjustmentInvalidError):
        adjust(archive, key, "record", "mark", "4", reason="")
    adjust(archive, key, "record", "mark", "10", reason="")
    archive.work()
    marked = archive.results(key)[0]
    assert (marked.verdict, marked.score, marked.pending, marked.actor) == ("pass", "95.0", 0, "bob")

"""Adjustments, voiding, regrades: nothing that counts changes before a person decides, and nothing is ever lost."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from sandbox.adapters.db.bundle import DbStores
from sandbox.adapters.db.engine import Database
from sandbox.adapters.files import FileStore
from sandbox.adapters.graders import GradingProcesses
from sandbox.attempts import adjusting, computing, differing, evidence, regrading
from sandbox.attempts.model import AttemptId, Graded, GradingInputs
from sandbox.attempts.regrader import Regrader
from sandbox.attempts.second_look import (
    REGRADE_MOVES,
    AdjustmentRow,
    ItemOutcome,
    Regrade,
    RegradeId,
    RegradeItem,
    RegradeState,
    Scope,
)
from sandbox.errors import (
    AdjustmentInvalidError,
    ForbiddenError,
    LostRaceError,
    NotFoundError,
    OutcomeUnknownError,
    RegradeInvalidError,
    SandboxError,
    WrongStateError,
)
from sandbox.people.model import CLI, Actor
from tests.builders import NOON, make_assignment
from tests.fakes import FrozenClock
from tests.graded import X05, Archive, Deadly
from tests.personas import alice, bob, charlie, dana
from tests.sandbox.attempts.versions import MARKED, changed, severity_forgiven
from tests.web import papers


@pytest.fixture
def archive(peopled: Database[DbStores], clock: FrozenClock) -> Archive:
    return Archive(peopled, clock)


def adjust(archive: Archive, key: AttemptId, subject: str, kind: Any, points: str = "", **more: Any) -> AdjustmentRow:
    said = {"reason": "看过录像", "actor": bob, **more}
    actor = said.pop("actor")
    with archive.database.transaction() as stores:
        return adjusting.adjust(
            stores, archive.files, actor, key, subject=subject, kind=kind, points=points, now=archive.now, **said
        )


def scores(archive: Archive, key: AttemptId) -> list[tuple[str, str]]:
    return [(one.score, one.verdict) for one in archive.results(key)]


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


# Regrades


def request(archive: Archive, *, actor: Actor = bob, target: str = "", **scope: Any) -> Regrade:
    with archive.database.transaction() as stores:
        return regrading.request(
            stores,
            archive.files,
            actor,
            scope=Scope(**scope),
            target=target,
            reason="第一版严重度判错",
            now=archive.now,
        )


def decide(archive: Archive, key: RegradeId, choice: Any, actor: Actor = bob) -> None:
    with archive.database.transaction() as stores:
        regrading.decide(stores, actor, key, choice, now=archive.now)


def items(archive: Archive, key: RegradeId) -> dict[AttemptId, RegradeItem]:
    with archive.database.reading() as stores:
        return {item.attempt: item for item in stores.regrades.items(key)}


def state(archive: Archive, key: RegradeId) -> RegradeState:
    with archive.database.reading() as stores:
        return stores.regrades.get(key).state


def test_a_preview_changes_nothing_and_shows_what_would(archive: Archive) -> None:
    careful, hasty = archive.graded(), archive.graded("charlie", papers.HASTY)
    kept = [archive.results(key) for key in (careful, hasty)]
    asked = request(archive, exercise="urti-penicillin-allergy", target=severity_forgiven(archive))
    archive.work()
    assert state(archive, asked.id) is RegradeState.READY
    assert [archive.results(key) for key in (careful, hasty)] == kept
    found = items(archive, asked.id)
    assert (found[careful].old_score, found[careful].new_score) == ("100.0", "95.0")
    assert found[careful].outcome is ItemOutcome.COMPUTED
    with archive.database.reading() as stores:
        assert [(one.subject, one.old, one.new) for one in stores.regrades.changes(asked.id, careful)] == [
            ("in-time", "5.00", "0.00")
        ]
        assert ("allergy-row", "10.00", "15.00") in [
            (one.subject, one.old, one.new) for one in stores.regrades.changes(asked.id, hasty)
        ]


def test_accepting_all_appends_results_with_who_and_why(archive: Archive) -> None:
    careful = archive.graded()
    target = severity_forgiven(archive)
    asked = request(archive, attempt=careful, target=target)
    archive.work()
    decide(archive, asked.id, "all")
    archive.work()
    assert state(archive, asked.id) is RegradeState.APPLIED
    new, old = archive.results(careful)
    assert (old.score, old.actor, new.score, new.actor, new.reason, new.exercise_version) == (
        "100.0", "worker", "95.0", "bob", "第一版严重度判错", target,
    )  # fmt: skip
    with archive.database.reading() as stores:
        verbs = [(entry.actor, entry.verb) for entry in stores.audit.chain()][-6:]
    assert verbs == [
        ("bob", "regrade.request"),
        ("worker", "regrade.ready"),
        ("bob", "regrade.decide"),
        ("worker", "regrade.applying"),
        ("worker", "attempt.regrade"),
        ("worker", "regrade.applied"),
    ]


def test_accepting_only_higher_leaves_losers_as_they_are(archive: Archive) -> None:
    careful, hasty = archive.graded(), archive.graded("charlie", papers.HASTY)
    asked = request(archive, exercise="urti-penicillin-allergy", target=severity_forgiven(archive))
    archive.work()
    decide(archive, asked.id, "higher")
    archive.work()
    found = items(archive, asked.id)
    assert (found[careful].outcome, len(archive.results(careful))) == (ItemOutcome.KEPT, 1)
    expected = ItemOutcome.APPLIED if differing.is_higher(found[hasty]) else ItemOutcome.KEPT
    assert found[hasty].outcome is expected


def test_discarding_stops_at_any_time_before_and_changes_nothing(archive: Archive) -> None:
    key = archive.graded()
    early = request(archive, attempt=key)
    decide(archive, early.id, "discard")
    late = request(archive, attempt=key)
    archive.work()
    decide(archive, late.id, "discard")
    archive.work()
    assert [state(archive, one.id) for one in (early, late)] == [RegradeState.DISCARDED] * 2
    assert len(archive.results(key)) == 1


def test_a_version_that_asks_what_nobody_was_asked_does_not_grade(archive: Archive) -> None:
    key = archive.graded()
    asking = changed(
        b"checks:\n",
        "checks:\n  - {id: why, points: 0.01, zh: 原因, en: Why, "
        "answer: {ask: {zh: 为什么, en: Why}, type: text, key: x}}\n".encode(),
    ).replace(b"points: 10,", b"points: 9.99,", 1)
    target = archive.release(asking).id
    with pytest.raises(RegradeInvalidError, match="it asks what nobody was asked"):
        request(archive, attempt=key, target=target)


def test_a_reason_as_long_as_a_book_decides_nothing(archive: Archive) -> None:
    key = archive.graded()
    asked = request(archive, attempt=key)
    archive.work()
    with pytest.raises(RegradeInvalidError), archive.database.transaction() as stores:
        regrading.decide(stores, bob, asked.id, "all", reason="r" * 501, now=archive.now)
    archive.work()
    assert state(archive, asked.id) is RegradeState.READY


def test_what_nobody_foresaw_fails_its_item_and_no_other(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    odd, good = archive.graded(), archive.graded("charlie", papers.HASTY)
    asked = request(archive, exercise="urti-penicillin-allergy", target=severity_forgiven(archive))
    real = computing.judge

    def fragile(inputs: GradingInputs) -> Graded:
        return {}["nobody"] if inputs.attempt == odd else real(inputs)

    monkeypatch.setattr(computing, "judge", fragile)
    archive.work()
    found = items(archive, asked.id)
    assert (found[odd].outcome, found[odd].trouble) == (ItemOutcome.FAILED, SandboxError.code)
    assert found[good].outcome is ItemOutcome.COMPUTED
    assert state(archive, asked.id) is RegradeState.READY


def test_equal_inputs_give_equal_bytes_and_no_new_result(archive: Archive) -> None:
    key = archive.graded()
    asked = request(archive, exercise="urti-penicillin-allergy")
    archive.work()
    assert items(archive, asked.id)[key].new_report == archive.results(key)[0].report_sha256
    decide(archive, asked.id, "all")
    archive.work()
    assert items(archive, asked.id)[key].outcome is ItemOutcome.SAME
    assert len(archive.results(key)) == 1


def test_adjustments_lie_over_every_regrade(archive: Archive) -> None:
    key = archive.graded()
    adjust(archive, key, "diagnosis", "set", "10")
    archive.work()
    asked = request(archive, attempt=key, target=severity_forgiven(archive))
    archive.work()
    decide(archive, asked.id, "all")
    archive.work()
    assert [score for score, _ in scores(archive, key)] == ["90.0", "95.0", "100.0"]
    assert archive.results(key)[0].adjustments == 1


def test_what_was_adjusted_after_the_preview_is_left_alone(archive: Archive) -> None:
    key = archive.graded()
    asked = request(archive, attempt=key, target=severity_forgiven(archive))
    archive.work()
    adjust(archive, key, "diagnosis", "set", "10")
    decide(archive, asked.id, "all")
    archive.work()
    assert items(archive, asked.id)[key].outcome is ItemOutcome.OVERTAKEN
    assert [score for score, _ in scores(archive, key)] == ["95.0", "100.0"]


def test_broken_evidence_fails_its_item_and_keeps_the_score(archive: Archive) -> None:
    good, bad = archive.graded(), archive.graded()
    with archive.database.reading() as stores:
        sealed = stores.evidence.of(bad)
        assert sealed is not None
    del archive.files._content[sealed.journal_sha256]  # type: ignore[attr-defined]
    asked = request(archive, exercise="urti-penicillin-allergy", target=severity_forgiven(archive))
    archive.work()
    decide(archive, asked.id, "all")
    archive.work()
    found = items(archive, asked.id)
    assert (found[bad].outcome, found[bad].trouble) == (ItemOutcome.FAILED, "SBX-404")
    assert found[good].outcome is ItemOutcome.APPLIED
    assert [one.score for one in archive.results(bad)] == ["100.0"]


def test_an_error_is_healed_by_a_regrade_once_the_file_is_back(archive: Archive) -> None:
    key = archive.sealed()
    journal = papers.journal(key, papers.CAREFUL)
    content = archive.files._content  # type: ignore[attr-defined]
    del content[archive.files.put(journal)]
    archive.work()
    assert scores(archive, key) == [("", "error")]
    archive.files.put(journal)
    asked = request(archive, attempt=key)
    archive.work()
    decide(archive, asked.id, "higher")
    archive.work()
    assert scores(archive, key) == [("100.0", "pass"), ("", "error")]


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


def test_two_workers_at_once_apply_a_regrade_once(archive: Archive) -> None:
    keys = [archive.graded() for _ in range(3)]
    asked = request(archive, exercise="urti-penicillin-allergy", target=severity_forgiven(archive))
    archive.work()
    decide(archive, asked.id, "all")
    barrier = threading.Barrier(4)

    def work() -> None:
        barrier.wait()
        for _ in range(6):
            try:
                archive.regrader.tick()
            except LostRaceError:
                continue

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    archive.work()
    assert state(archive, asked.id) is RegradeState.APPLIED
    assert [len(archive.results(key)) for key in keys] == [2, 2, 2]


def test_other_processes_compute_what_this_one_does(
    peopled: Database[DbStores], clock: FrozenClock, tmp_path: Any
) -> None:
    archive = Archive(peopled, clock, FileStore(tmp_path / "files"))
    for deeds in (papers.CAREFUL, papers.HASTY):
        archive.graded(deeds=deeds)
    found = {}
    processes = GradingProcesses(processes=1)
    for name, means in (("here", archive.regrader._computing), ("there", processes)):
        regrader = Regrader(
            begin=archive.database.transaction,
            reading=archive.database.reading,
            files=archive.files,
            grade=lambda _inputs: pytest.fail("nothing was adjusted"),
            computing=means,
            clock=clock,
        )
        asked = request(archive, exercise="urti-penicillin-allergy")
        while regrader.tick():
            continue
        found[name] = [(one.attempt, one.new_score, one.new_report) for one in items(archive, asked.id).values()]
    processes.close()
    assert found["here"] == found["there"]
    assert len(found["here"]) == 2


def test_a_task_that_fails_tells_its_code(archive: Archive) -> None:
    key = archive.graded()
    with archive.database.reading() as stores:
        order = evidence.order(stores, stores.attempts.get(key), X05)
    task = computing.Task(order=order, old_report="f" * 64, old_error=False)
    assert computing.compute(archive.files, task) == computing.Computed(trouble="SBX-102")


def test_a_process_that_dies_is_an_unknown_outcome_and_the_next_batch_gets_new_ones(
    peopled: Database[DbStores], clock: FrozenClock, tmp_path: Path
) -> None:
    archive = Archive(peopled, clock, FileStore(tmp_path / "files"))
    key = archive.graded()
    with archive.database.reading() as stores:
        order = evidence.order(stores, stores.attempts.get(key), X05)
    task = computing.Task(order=order, old_report=archive.results(key)[0].report_sha256, old_error=False)
    processes = GradingProcesses(processes=1)
    with pytest.raises(OutcomeUnknownError):
        list(processes(Deadly(), [task]))
    assert [one.graded and one.graded.score for one in processes(archive.files, [task])] == ["100.0"]
    processes.close()

"""Regrades: a preview first, a person decides, results are added and never lost."""

from __future__ import annotations

import threading

import pytest

from sandbox.attempts import computing, differing, regrading
from sandbox.attempts.model import Graded, GradingInputs
from sandbox.attempts.second_look import (
    ItemOutcome,
    RegradeState,
)
from sandbox.errors import (
    LostRaceError,
    RegradeInvalidError,
    SandboxError,
)
from tests.graded import Archive
from tests.personas import bob
from tests.sandbox.attempts.second_looking import adjust, decide, items, request, scores, state
from tests.sandbox.attempts.versions import changed, severity_forgiven
from tests.web import papers


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

"""A look at an attempt under way tells which state checks are full, and nothing of a journal that does not hold."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sandbox.contract.exercise_pack import Words
from sandbox.contract.journal import Row
from sandbox.errors import JournalBrokenError
from sandbox.grading import glancing
from sandbox.grading.glancing import Glance
from tests.journals import ATTEMPT, NONCE, Diary, check, file

MILD = {"table": "allergy", "where": {"severity": "1"}, "count": 1}
COUNT = {"count": {"event": "opened"}}
CONTENT = file(
    vary={"level": [{"code": "1"}, {"code": "2"}]},
    events={"opened": {"action": "chart.open"}},
    checks=[
        check("row", 20, show="always", state={**MILD, "where": {"severity": "$level.code"}}),
        check("after", 20, requires="opened", state=MILD),
        check("either", 20, any_of=[{"state": MILD}, {"all_of": [{"state": MILD}]}]),
        check("mixed", 20, any_of=[{"state": MILD}, COUNT]),
        check("seen", 20, **COUNT),
    ],
)


def recorded() -> Diary:
    diary = Diary()
    diary.create("allergy", "al1", "allergy.record", severity="1")
    return diary


def glanced(diary: Diary, variant: int = 0) -> tuple[Glance, ...]:
    rows = diary.journal(ended=False).rows
    return glancing.glance(CONTENT, rows, diary.state(), variant=variant, attempt=ATTEMPT, nonce=NONCE)


def test_only_state_checks_are_told_and_whether_each_is_full_so_far() -> None:
    diary = recorded()
    assert glanced(diary) == (
        Glance(id="row", title=Words(zh="检查row", en="Check row"), show="always", full=True),
        Glance(id="after", title=Words(zh="检查after", en="Check after"), show="submitted", full=False),
        Glance(id="either", title=Words(zh="检查either", en="Check either"), show="submitted", full=True),
    )
    diary.write("chart.open")
    assert [each.full for each in glanced(diary)] == [True, True, True]
    assert [each.full for each in glanced(diary, variant=1)] == [False, True, True]
    assert [each.full for each in glanced(Diary())] == [False, False, False]


def broken(rows: tuple[Row, ...], attempt: str = ATTEMPT, nonce: str = NONCE) -> str:
    with pytest.raises(JournalBrokenError) as caught:
        glancing.glance(CONTENT, rows, recorded().state(), variant=0, attempt=attempt, nonce=nonce)
    return str(caught.value)


def test_a_journal_that_does_not_hold_so_far_shows_nothing() -> None:
    rows = recorded().journal(ended=False).rows
    assert "the attempt does not begin" in broken(())
    assert "row 1 is missing" in broken(rows[1:])
    assert "row 2 was changed" in broken((rows[0], replace(rows[1], actor="nur")))
    assert f"row 1 belongs to attempt {ATTEMPT}" in broken(rows, attempt="b" * 16)
    assert "row 1 does not follow" in broken(rows, nonce="x" * 32)


def test_a_state_without_the_table_shows_nothing() -> None:
    state = recorded().state()
    del state.tables["allergy"]
    with pytest.raises(JournalBrokenError, match="the final state has no table allergy"):
        glancing.glance(CONTENT, recorded().journal(ended=False).rows, state, variant=0, attempt=ATTEMPT, nonce=NONCE)

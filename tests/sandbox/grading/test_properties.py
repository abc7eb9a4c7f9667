"""What must hold for every journal: nothing forbidden pays, idle earns nothing, lines add up, equal bytes."""

from __future__ import annotations

import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.grading import report as reports
from sandbox.grading.grade import grade
from sandbox.grading.report import Report
from sandbox.grading.scoring import HintOpened
from tests.journals import MINUTE, Diary, check, file, graded, never

ROOT = Path(__file__).parents[3]
ACTIONS = ("registration.call", "registration.start", "chart.open", "registration.finish")
EVENTS = {
    "called": {"action": "registration.call", "patient": "$ann"},
    "begun": {"action": "registration.start", "patient": "$ann"},
    "opened": {"action": "chart.open", "patient": "$ann"},
    "ended": {"action": "registration.finish", "patient": "$ann"},
    "tried": {"action": "registration.start", "outcome": "refused"},
}
ALLERGY = {"table": "allergy", "where": {"patient": "$ann"}, "one": {"severity": "1", "source": "SELF"}}


def content(cast: dict[str, Any] | None = None, names: dict[str, str] | None = None) -> bytes:
    """Return an exercise with every kind of check and both kinds of loss."""
    made = file(
        events=EVENTS,
        cast=cast or {"ann": {"name": "甲"}, "bea": {"name": "乙"}},
        steps=[{"id": "s1", "zh": "做", "en": "Do", "hints": [{"id": "h1", "cost": 7, "zh": "看", "en": "Look"}]}],
        checks=[
            check("row", 13, step="s1", state=ALLERGY),
            check("chain", 17, step="s1", order=["called", "begun", "opened", "ended"]),
            check("fast", 19, within={"from": "called", "to": "ended", "full": "3m", "zero": "9m"}),
            check("looks", 11, count={"event": "opened", "times": {"min": 3}, "part": True}),
            check("either", 23, any_of=[{"count": {"event": "begun"}}, {"state": ALLERGY}]),
            check("both", 17, all_of=[{"count": {"event": "ended"}}, {"order": ["begun", "ended"]}]),
        ],
        never=[
            never("tries", 3, max=8, event="tried"),
            never("stray", 9, event={"action": "allergy.record", "patient": {"not": "$ann"}}),
            never("snoop", 30, critical=True, use="privacy.unrelated_chart", allow=["$ann", "$bea"]),
        ],
    )
    for old, new in (names or {}).items():
        made = made.replace(old.encode(), new.encode())
    return made


CONTENT = content()
STEADY = settings(deadline=None, max_examples=40)

Act = tuple[str, str, int, bool]
acts = st.lists(
    st.tuples(
        st.sampled_from((*ACTIONS, "allergy.record")),
        st.sampled_from(("p1", "p2")),
        st.integers(0, 4 * MINUTE),
        st.booleans(),
    ),
    max_size=25,
)


def lived(listed: list[Act]) -> Diary:
    diary = Diary()
    for number, (action, patient, pause, refused) in enumerate(listed):
        at = diary.rows[-1].t + pause
        if action == "allergy.record" and not refused:
            severity = str(number % 3 + 1)
            diary.create("allergy", f"al{number}", action, patient=patient, severity=severity, source="SELF")
            diary.rows[-1] = diary.rows[-1].__class__(**{**vars(diary.rows[-1]), "t": at})
        else:
            diary.write(action, at=at, patient=patient, code="E-GEN-01" if refused else None)
    return diary


def raw(report: Report) -> Fraction:
    earned = sum((Fraction(line.exact) for line in report.lines), Fraction(0))
    taken = [loss.exact for loss in report.losses] + [hint.exact for hint in report.hints]
    return max(Fraction(0), earned - sum((Fraction(each) for each in taken), Fraction(0)))


@STEADY
@given(acts)
def test_lines_add_up_to_the_score_within_0_and_100(listed: list[Act]) -> None:
    report = graded(lived(listed), CONTENT, hints=(HintOpened(hint="h1"),))
    assert Fraction(report.exact) == (min(raw(report), Fraction(59)) if report.critical else raw(report))
    assert 0 <= Fraction(report.score) <= 100
    assert all(0 <= Fraction(line.exact) <= Fraction(line.points) for line in report.lines)


@STEADY
@given(acts, st.integers(0, 25), st.sampled_from(["tries", "stray", "snoop"]))
def test_a_forbidden_row_never_raises_a_score_nor_its_removal_lowers_one(
    listed: list[Act], where: int, rule: str
) -> None:
    forbidden: dict[str, dict[str, Any]] = {
        "tries": {"action": "registration.start", "code": "E-REG-07", "outcome": "refused"},
        "stray": {"action": "allergy.record", "patient": "p2"},
        "snoop": {"action": "chart.open", "patient": "p9"},
    }
    clean, dirty = lived(listed), lived(listed)
    at = min(where, len(dirty.rows) - 1)
    dirty.write(**forbidden[rule], at=dirty.rows[at].t)
    dirty.rows.insert(at + 1, dirty.rows.pop())
    dirty.rows = [row.__class__(**{**vars(row), "seq": seq}) for seq, row in enumerate(dirty.rows, start=1)]
    before, after = graded(clean, CONTENT), graded(dirty, CONTENT)
    assert rule in {loss.id for loss in after.losses}
    assert Fraction(after.exact) <= Fraction(before.exact)
    assert not (before.result == "fail" and after.result == "pass")


@STEADY
@given(st.integers(0, 10))
def test_idle_earns_nothing_whatever_the_hospital_does(timers: int) -> None:
    diary = Diary()
    for _ in range(timers):
        diary.write("registration.expire", actor="system")
    report = graded(diary, CONTENT, hints=(HintOpened(hint="h1"),))
    assert (report.exact, report.result, report.losses) == ("0", "fail", ())


@STEADY
@given(acts)
def test_equal_inputs_give_equal_bytes_and_names_do_not_matter(listed: list[Act]) -> None:
    diary = lived(listed)
    journal, state = diary.journal(), diary.state()
    once, again = (reports.dumps(grade(CONTENT, journal, state)) for _ in range(2))
    assert once == again
    renamed = lived(listed)
    renamed.rows[0].data["bindings"] = {"zoe": ["p1"], "yan": ["p2"]}
    other = content({"zoe": {"name": "甲"}, "yan": {"name": "乙"}}, {"$ann": "$zoe", "$bea": "$yan"})
    first, second = grade(CONTENT, journal, state), graded(renamed, other)
    assert [line.exact for line in first.lines] == [line.exact for line in second.lines]
    assert (first.exact, first.result) == (second.exact, second.result)


PROGRAM = """
from tests.sandbox.grading.test_properties import CONTENT, lived, reports, graded, ACTIONS
acts = [(action, patient, 1000 * number, number % 3 == 0)
        for number, action in enumerate(ACTIONS * 4) for patient in ("p1", "p2")]
import sys
sys.stdout.buffer.write(reports.dumps(graded(lived(acts), CONTENT)))
"""


def test_another_process_seed_zone_and_locale_give_the_same_bytes() -> None:
    found = set()
    for seed, zone, locale in (("1", "UTC", "C"), ("2", "Asia/Shanghai", "C.UTF-8")):
        environment = {
            **os.environ,
            "PYTHONHASHSEED": seed,
            "TZ": zone,
            "LC_ALL": locale,
            "PYTHONUTF8": "1",
            "PYTHONPATH": str(ROOT),
        }
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM], cwd=ROOT, env=environment, capture_output=True, check=True
        )
        found.add(done.stdout)
    assert len(found) == 1
    assert len(found.pop()) > 1000

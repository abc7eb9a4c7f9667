"""Matchers, dates and patterns as the format's table says."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from sandbox.contract import binding, matching, moments
from sandbox.contract.exercise_pack import CastMember
from sandbox.contract.matching import Bound
from tests.journals import Diary, change

ANCHOR = date(2026, 3, 2)
BOUND = Bound(anchor=ANCHOR, names={"ann": {"p1"}, "twice": {"p1", "p2"}, "nobody": set()})


@pytest.mark.parametrize(
    ("matcher", "fits", "fails"),
    [
        ({"is": "a"}, ["a"], ["A", "", None, "ａ", 1, True]),
        ({"is": {"number": "5"}}, [5, "5", "5.0", "5.00", "+5"], ["5.1", "", None, True, "five", "NaN", "٥"]),
        ({"is": {"number": "9.8"}}, ["9.80"], ["9.81", 9]),
        ({"is": True}, [True], [1, "true", False, None]),
        ({"is": {"name": "twice"}}, ["p1", "p2"], ["p3", None, "twice"]),
        ({"is": {"name": "nobody"}}, [], ["p1", None]),
        ({"is": {"name": "unheard"}}, [], ["p1", None]),
        ({"not": "a"}, ["b", None, ""], ["a"]),
        ({"not": {"name": "ann"}}, ["p2", None], ["p1"]),
        ({"in": ["a", {"name": "ann"}]}, ["a", "p1"], ["b", None]),
        ({"not_in": ["a", "b"]}, ["c", None], ["a", "b"]),
        ({"min": {"number": "3"}}, [3, "3.0", 4], ["2.99", None, "", "x"]),
        ({"max": {"number": "3"}}, [3, -1, "2.9"], ["3.01", None]),
        ({"min": {"number": "3"}, "max": {"number": "4"}}, [3, "3.5", 4], [2, 5]),
        ({"contains": "疹"}, ["皮疹", "疹", ["疹", "痒"]], ["皮", None, ["皮疹"]]),
        ({"contains": {"name": "ann"}}, [["p1"]], [["p2"], "p1"]),
        ({"like": "a*b?"}, ["abc", "axxbz"], ["ab", "xabc", None, 5]),
        ({"empty": True}, [None, "", []], ["x", 0, False]),
        ({"empty": False}, ["x", 0, False], [None, "", []]),
        ({"is": {"date": "today"}}, ["2026-03-02", "2026-03-02T08:15:59"], ["2026-03-01", None, ""]),
        ({"is": {"date": "today 08:15"}}, ["2026-03-02T08:15:59", "2026-03-02 08:15:00"], ["2026-03-02T08:16:00"]),
        ({"is": {"date": "-34y"}}, ["1992-03-02"], ["1992-03-01"]),
        ({"min": {"date": "-7d"}}, ["2026-02-23", "2026-03-02T00:00:00"], ["2026-02-22", None]),
        ({"max": {"date": "today"}}, ["2026-03-02T23:59:59", "1990-01-01"], ["2026-03-03"]),
    ],
)
def test_a_matcher(matcher: dict[str, Any], fits: list[Any], fails: list[Any]) -> None:
    assert [value for value in fits if not matching.holds(matcher, value, BOUND)] == []
    assert [value for value in fails if matching.holds(matcher, value, BOUND)] == []


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("", "", True),
        ("*", "", True),
        ("?", "", False),
        ("a*", "a", True),
        ("*a*b*", "xxaybzz", True),
        ("*a*b*", "ba", False),
        ("?b", "ab", True),
        ("**", "x", True),
        ("[a]", "[a]", True),
        ("[a]", "a", False),
        ("a*b", "aXbXb", True),
        ("*疹", "红疹", True),
    ],
)
def test_a_glob(pattern: str, text: str, fits: bool) -> None:
    assert matching.glob(pattern, text) is fits


def test_a_hostile_glob_takes_no_time() -> None:
    begun = time.process_time()
    assert not matching.glob("*a" * 50 + "b", "a" * 20_000)
    assert time.process_time() - begun < 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [("30s", 30_000), ("10m", 600_000), ("1h30m", 5_400_000), ("2d", 172_800_000), ("37m15s", 2_235_000), ("0s", 0)],
)
def test_a_duration(text: str, expected: int) -> None:
    assert moments.duration_ms(text) == expected


@pytest.mark.parametrize("text", ["", "10", "m", "10M", "1m1h", "-1m", "1.5h", " 1m", "1m ", "١m", "99999999999d"])
def test_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="duration"):
        moments.duration_ms(text)


@pytest.mark.parametrize(
    ("anchor", "text", "expected"),
    [
        ("2026-03-02", "today", "2026-03-02"),
        ("2026-03-02", "+3d 08:15", "2026-03-05T08:15"),
        ("2026-03-02", "-71y-40d", "1955-01-21"),
        ("2026-03-02", "-2w", "2026-02-16"),
        ("2026-03-31", "-1mo", "2026-02-28"),
        ("2028-02-29", "-34y", "1994-02-28"),
        ("2028-02-29", "+4y", "2032-02-29"),
        ("2026-01-15", "-1mo", "2025-12-15"),
        ("2026-03-02", "+7973y", "9999-03-02"),
        ("2026-03-02", "-2025y", "0001-03-02"),
    ],
)
def test_a_date_counts_from_the_anchor(anchor: str, text: str, expected: str) -> None:
    assert moments.resolve(text, date.fromisoformat(anchor)).iso() == expected


@pytest.mark.parametrize(
    "text", ["", "2026-03-02", "34y", "-34", "today 8:15", "today 24:00", "+1d  08:00", "-99999y", "+7974y", "-2026y"]
)
def test_no_date(text: str) -> None:
    with pytest.raises(ValueError, match=r"date|calendar"):
        moments.resolve(text, ANCHOR)


def test_a_pattern_takes_ok_rows_unless_told_otherwise() -> None:
    diary = Diary()
    done = diary.write("prescription.sign", data={"drugs": ["M021"], "max_days": 3})
    refused = diary.write("prescription.sign", code="E-RX-06", data={"drugs": ["M021"], "max_days": 10})
    by_system = diary.write("prescription.sign", actor="system")
    fired = diary.write("inject.fired", actor="system", data={"inject": "rash"})

    def caught(outcome: str, **fields: Any) -> list[int]:
        pattern = {"actions": ["prescription.sign"], "outcome": outcome, "fields": fields}
        return [row.seq for row in (done, refused, by_system) if matching.matches([pattern], row, BOUND)]

    assert caught("ok") == [2]
    assert caught("refused") == [3]
    assert caught("any") == [2, 3]
    assert caught("any", max_days={"max": {"number": "7"}}) == [2]
    assert caught("any", seat={"is": "nur"}) == []
    assert caught("any", drugs={"contains": "M021"}, patient={"is": {"name": "ann"}}) == [2, 3]
    fires = {"actions": ["inject.fired"], "outcome": "ok", "fields": {"inject": {"is": "rash"}}}
    assert matching.matches([fires], fired, BOUND)
    coded = {"actions": ["prescription.sign"], "outcome": "refused", "code": {"is": "E-RX-06"}, "fields": {}}
    assert matching.fits(coded, refused, BOUND)
    assert matching.misses(coded, done, BOUND) == ["outcome", "code"]


def test_absent_people_bind_as_they_are_created() -> None:
    ann = CastMember(name="new", absent=True, columns={"name": "张三", "birth_date": "-34y"})
    strict = CastMember(name="strict", absent=True, identity=("name", "birth_date"), columns=ann.columns)
    diary = Diary()
    names = binding.at_start(diary.rows[0])
    assert names == {"ann": ["p1"], "bea": ["p2"], "doc": ["s9"]}
    mistyped = diary.create("patient", "p7", "patient_index.create", name="张三", birth_date="1992-03-03")
    right = diary.create("patient", "p8", "patient_index.create", name="张三", birth_date="1992-03-02")
    other = diary.create("patient", "p9", "patient_index.create", name="李四", birth_date="1992-03-02")
    refused = diary.write("patient_index.create", code="E-PAT-02", changes=(change("patient", "p10", "name", "张三"),))
    for row in (mistyped, right, right, other, refused):
        binding.bind(names, row, [ann, strict], ANCHOR)
    assert names["new"] == ["p7", "p8"]
    assert names["strict"] == ["p8"]


def test_absent_staff_and_records_of_other_tables_bind_nobody() -> None:
    columns = {"name": "张三"}
    staff = CastMember(name="boss", kind="staff", absent=True, columns=columns)
    patient = CastMember(name="new", absent=True, columns=columns)
    diary, names = Diary(), {"ann": ["p1"]}
    for table, before in (("staff", None), ("allergy", None), ("patient", "李四")):
        changes = (change(table, "x1", "name", "张三", before),)
        binding.bind(names, diary.write("patient_index.create", changes=changes), [staff, patient], ANCHOR)
    binding.bind(
        names,
        diary.write("patient_index.update", changes=(change("patient", "x1", "name", "张三"),)),
        [patient],
        ANCHOR,
    )
    assert names == {"ann": ["p1"]}
    created = diary.create("patient", "x2", "patient_index.create", name="张三")
    binding.bind(names, created, [staff, patient], ANCHOR)
    assert names == {"ann": ["p1"], "new": ["x2"]}


@pytest.mark.parametrize(
    "data", [{"bindings": []}, {"bindings": {"ann": "p1"}}, {"bindings": {"ann": [1]}}, {"seats": []}]
)
def test_a_first_row_of_another_form_binds_nobody(data: dict[str, Any]) -> None:
    diary = Diary()
    first = replace(diary.rows[0], data={**diary.rows[0].data, **data})
    with pytest.raises(ValueError, match="row 1 does not bind names to lists of ids and seats to people"):
        binding.at_start(first)
    assert binding.at_start(replace(first, data={})) == {}

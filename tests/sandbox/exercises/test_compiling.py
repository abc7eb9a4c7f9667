"""What a cell is armed with, what the grader gets, and how self-tests become steps."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest

from sandbox.contract import canonical, codec
from sandbox.contract.exercise_pack import CastMember, ExercisePack, StartRow
from sandbox.exercises import compile as compiling
from sandbox.exercises import loader, plan, schema, scripts, tree
from sandbox.exercises.loader import Loaded
from sandbox.exercises.problems import Problems
from sandbox.exercises.vocabulary import from_records
from tests.sandbox.exercises import files

X05 = Path(__file__).parents[3] / "fixtures" / "exercises" / "x05-urti-penicillin-allergy.yaml"


@pytest.fixture(scope="module")
def small() -> Loaded:
    return loader.load(files.VALID.encode(), vocabulary=files.VOCABULARY)


@pytest.fixture(scope="module")
def pack(small: Loaded) -> ExercisePack:
    return compiling.pack(small.exercise, small.plan, sha256=small.sha256)


def test_a_pack_holds_people_records_injects_and_their_events_only(pack: ExercisePack) -> None:
    assert pack.limit_ms == 1_200_000
    assert [seat.name for seat in pack.seats] == ["doc"]
    assert pack.cast == (
        CastMember(name="lin", columns={"name": "林一", "sex": "2", "birth_date": "-34y"}),
        CastMember(name="new", absent=True, columns={"name": "新来的"}),
    )
    row = {"patient": "$lin", "dept": "D0101", "doctor": "doc", "paid_at": "today 08:02"}
    assert pack.add == (StartRow(table="registration", alias="ticket", row=row),)
    assert set(pack.events) == {"opened"}
    assert pack.injects[0].delay_ms == 90_000


def test_a_pack_travels_and_carries_no_key_and_no_points() -> None:
    loaded = loader.load(X05.read_bytes())
    packed = compiling.pack(loaded.exercise, loaded.plan, sha256=loaded.sha256)
    text = canonical.dumps(codec.to_json(packed))
    assert codec.from_json(ExercisePack, json.loads(text)) == packed
    for secret in ("wrong-patient", "allergy-first", "points", "critical", "J06.9", "reference"):
        assert secret not in text


def test_questions_travel_without_their_keys() -> None:
    text = files.changed(
        (
            "order: [told, signed]",
            "answer: {ask: {zh: 问, en: Ask}, type: choice, key: b, choices: {a: {zh: 甲, en: A}, b: {zh: 乙, en: B}}}",
        ),
        ("  told: {action: allergy.record, patient: $lin, class: PEN}\n", ""),
        ("  signed: {action: prescription.sign, patient: $lin, max_days: {max: 7}}\n", ""),
        ("lost: [order]", "lost: [order, row]"),
    )
    loaded = loader.load(text.encode())
    packed = compiling.pack(loaded.exercise, loaded.plan, sha256=loaded.sha256)
    assert [question.check for question in packed.questions] == ["order"]
    assert set(codec.to_json(packed.questions[0])) == {"check", "ask", "type", "choices"}


def test_extra_time_slows_the_clock_and_untimed_has_no_limit(pack: ExercisePack) -> None:
    slow = compiling.accommodate(pack, time_factor=2)
    assert (slow.time_factor, slow.limit_ms) == (2, pack.limit_ms)
    untimed = compiling.accommodate(pack, untimed=True)
    assert (untimed.time_factor, untimed.limit_ms) == (4, None)


def test_the_plan_is_exact(small: Loaded) -> None:
    order, row = small.plan.checks
    assert (order.points, order.part) == (Fraction(40), plan.Order(chain=("told", "signed")))
    assert row.part == plan.State(
        table="allergy",
        where={"patient": {"is": {"name": "lin"}}},
        scope="touched",
        one={"source": {"is": "SELF"}},
    )
    assert small.plan.never[0].event == "never:try"
    assert small.plan.events["never:try"] == (
        {"actions": ["prescription.sign"], "outcome": "refused", "fields": {}, "code": {"is": "E-RX-06"}},
    )
    assert [(hint.id, hint.cost) for hint in small.plan.hints] == [("h1", Fraction(2))]
    assert [person.name for person in small.plan.absent] == ["new"]
    assert small.plan.names == {"lin": "林一", "new": "新来的"}


def acts(text: str, name: str) -> list[tuple[str, int, str]]:
    loaded = loader.load(text.encode())
    test = next(each for each in loaded.exercise.tests if each.name == name)
    return [(act.label, act.at_ms // 1000, act.action) for act in scripts.resolve(loaded.exercise, test)]


def test_a_test_derives_by_edit_and_swap_of_times() -> None:
    assert acts(files.VALID, "reference") == [("opn", 60, "chart.open"), ("rx", 120, "prescription.sign")]
    assert acts(files.VALID, "late") == [("rx", 60, "prescription.sign"), ("opn", 300, "chart.open")]


def test_a_test_derives_by_drop_and_add() -> None:
    added = (
        "add: [{after: opn, as: two, seat: doc, action: queue.view}, "
        "{after: two, seat: doc, action: queue.view}, {after: rx, at: 30s, seat: doc, action: queue.view}]"
    )
    text = files.changed(("edit: {rx: {at: 5m}}\n    swap: [opn, rx]", added))
    assert [act[:2] for act in acts(text, "late")] == [("+3", 30), ("opn", 60), ("two", 61), ("+2", 62), ("rx", 120)]
    dropped = files.changed(("edit: {rx: {at: 5m}}\n    swap: [opn, rx]", "drop: [opn]"))
    assert acts(dropped, "late") == [("rx", 120, "prescription.sign")]


def test_equal_times_keep_the_order_of_the_file() -> None:
    text = files.changed(("edit: {rx: {at: 5m}}\n    swap: [opn, rx]", "edit: {rx: {at: 1m}}"))
    assert [act[0] for act in acts(text, "late")] == ["opn", "rx"]


def test_an_edit_reaches_seat_action_and_fields() -> None:
    text = files.changed(("edit: {rx: {at: 5m}}\n    swap: [opn, rx]", "edit: {opn: {action: queue.view, desk: x}}"))
    loaded = loader.load(text.encode())
    act = scripts.resolve(loaded.exercise, loaded.exercise.tests[2])[0]
    assert (act.action, act.fields) == ("queue.view", {"patient": "$lin", "desk": "x"})


def test_the_json_schema_says_what_a_file_may_hold() -> None:
    made = schema.json_schema()
    root = tree.read(X05.read_bytes(), Problems())
    assert root is not None
    assert set(root.value) <= set(made["properties"])
    assert set(made["required"]) <= set(root.value)
    assert made["additionalProperties"] is False
    kinds = {"state", "order", "within", "count", "answer", "any_of", "all_of"}
    assert kinds <= set(made["$defs"]["Check"]["properties"])
    assert made["$defs"]["RunStep"]["additionalProperties"] is True
    assert json.loads(json.dumps(made)) == made


def test_a_vocabulary_comes_from_a_datasets_records() -> None:
    found = from_records(
        [
            ("code_lists", {"list_id": "sex", "code": "1"}),
            ("code_lists", {"list_id": "sex", "code": "2"}),
            ("drugs", {"drug_code": "M001", "generic_zh": "阿莫西林"}),
            ("patient", {"id": "p1", "label": "person-0001"}),
            ("staff", {"id": "s1", "label": None}),
            ("invoice", {"id": "iv1"}),
        ]
    )
    assert found.codes == {"sex": {"1", "2"}, "drugs": {"M001"}}
    assert found.labels == {"patient": {"person-0001"}, "staff": frozenset()}

"""What a cell is armed with, what the grader gets, and how self-tests become steps."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from sandbox.contract import canonical, codec
from sandbox.contract.exercise_pack import CastMember, ExercisePack, Inject, Seat, StartRow, StartSet, Words
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


AB = "choices: {a: {zh: 甲, en: A}, b: {zh: 乙, en: B}}"
KINDS: dict[str, tuple[str, plan.Part]] = {
    "order": (
        "order: [told, signed], by: patient, groups: 3, without: opened",
        plan.Order(chain=("told", "signed"), by="patient", groups=3, without="opened"),
    ),
    "within": (
        "within: {from: told, to: signed, full: 10m, zero: 1h, clock: work, by: patient, groups: 2}",
        plan.Within(start="told", to="signed", full_ms=600000, zero_ms=3600000, work=True, by="patient", groups=2),
    ),
    "within start": (
        "within: {from: start, to: signed, full: 90s}",
        plan.Within(start="start", to="signed", full_ms=90000),
    ),
    "count": (
        "count: {event: told, times: {min: 2, max: 4}, distinct: class, part: true}",
        plan.Count(event="told", low=2, high=4, distinct="class", part=True),
    ),
    "count times": ("count: {event: told, times: 3}", plan.Count(event="told", low=3, high=3)),
    "count once": ("count: {event: told}", plan.Count(event="told")),
    "state count": (
        "state: {table: diagnosis, scope: created, where: {patient: $lin, rank: {min: 1, max: 2.0}}, "
        "count: {min: 1, max: 2}, part: true}",
        plan.State(
            table="diagnosis",
            where={"patient": {"is": {"name": "lin"}}, "rank": {"min": {"number": "1"}, "max": {"number": "2.0"}}},
            scope="created",
            low=1,
            high=2,
            part=True,
        ),
    ),
    "state none": (
        "requires: told, "
        "state: {table: prescription, where: {prescriber: doc, signed_at: {max: today 09:00}}, none: true}",
        plan.State(
            table="prescription",
            where={"prescriber": {"is": {"name": "doc"}}, "signed_at": {"max": {"date": "today 09:00"}}},
            scope="all",
            none=True,
        ),
    ),
    "state all": (
        "requires: told, state: {table: allergy, where: {drug: {empty: true}}, scope: all, count: 1}",
        plan.State(table="allergy", where={"drug": {"empty": True}}, scope="all", low=1, high=1),
    ),
    "answer number": (
        "answer: {ask: {zh: 问, en: Ask}, type: number, key: 6.8, tolerance: 0.05}",
        plan.Answer(check="order", type="number", number=Fraction(34, 5), tolerance=Fraction(1, 20)),
    ),
    "answer text": (
        "answer: {ask: {zh: 问, en: Ask}, type: text, key: [a, b]}",
        plan.Answer(check="order", type="text", keys=("a", "b")),
    ),
    "answer word": (
        "answer: {ask: {zh: 问, en: Ask}, type: text, key: a}",
        plan.Answer(check="order", type="text", keys=("a",)),
    ),
    "answer choice": (
        f"answer: {{ask: {{zh: 问, en: Ask}}, type: choice, key: a, {AB}}}",
        plan.Answer(
            check="order",
            type="choice",
            keys=("a",),
            choices={"a": Words(zh="甲", en="A"), "b": Words(zh="乙", en="B")},
        ),
    ),
    "answer choices": (
        f"answer: {{ask: {{zh: 问, en: Ask}}, type: choices, key: [b, a], {AB}}}",
        plan.Answer(
            check="order",
            type="choices",
            keys=("b", "a"),
            choices={"a": Words(zh="甲", en="A"), "b": Words(zh="乙", en="B")},
        ),
    ),
    "any_of": (
        "any_of: [{count: {event: told}}, {all_of: [{order: [told, signed]}, {count: {event: opened}, weight: 2.5}]}]",
        plan.AnyOf(
            parts=(
                plan.Count(event="told"),
                plan.AllOf(
                    parts=(plan.Order(chain=("told", "signed")), plan.Count(event="opened")),
                    weights=(Fraction(1), Fraction(5, 2)),
                ),
            )
        ),
    ),
}
USED = """never:
  - {id: one, lose: 1, zh: 甲, en: One, event: told}
  - {id: two, lose: 1, zh: 乙, en: Two, event: signed}"""


def planned(*changes: tuple[str, str]) -> plan.Plan:
    """Return the plan of the small file after changes; all its events are used."""
    text = files.changed(("never:", USED), *changes)
    return loader.load(text.encode(), vocabulary=files.VOCABULARY).plan


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_compiles_to_what_the_grader_takes(name: str) -> None:
    kind, part = KINDS[name]
    assert planned(("order: [told, signed]", kind)).checks[0].part == part


def test_a_check_and_a_rule_keep_everything_the_author_said() -> None:
    said = (
        "seat: doc, must: true, requires: told, show: released, mistake: T06, advice: {zh: 先看, en: Look first}, order"
    )
    rule = "max: 7.5, critical: true, mistake: T07, distinct: patient, event: {action: prescription.sign"
    made = planned((", order", f", {said}"), ("event: {action: prescription.sign", rule))
    assert made.checks[0] == plan.Check(
        id="order",
        words=Words(zh="顺序", en="Order"),
        points=Fraction(40),
        part=plan.Order(chain=("told", "signed")),
        step="s1",
        seat="doc",
        must=True,
        requires="told",
        show="released",
        mistake="T06",
        advice=Words(zh="先看", en="Look first"),
    )
    assert made.never[2] == plan.Never(
        id="try",
        words=Words(zh="超量", en="Too much"),
        lose=Fraction(5),
        max=Fraction(15, 2),
        critical=True,
        mistake="T07",
        distinct="patient",
        event="never:try",
    )
    assert made.never[0] == plan.Never(
        id="one", words=Words(zh="甲", en="One"), lose=Fraction(1), max=Fraction(1), event="told"
    )


def test_a_rule_looks_at_the_state_or_uses_the_library() -> None:
    state = "state: {table: allergy, where: {patient: $lin}}"
    kinds = (state, "use: privacy.unrelated_chart, allow: [$lin, $new]")
    first, second = (planned(("event: {action: prescription.sign, code: E-RX-06}", kind)).never[2] for kind in kinds)
    looked = plan.State(table="allergy", where={"patient": {"is": {"name": "lin"}}}, scope="touched")
    assert (first.event, first.state, first.use, first.allow) == (None, looked, None, ())
    assert (second.event, second.state, second.use) == (None, None, "privacy.unrelated_chart")
    assert second.allow == ("lin", "new")


PATTERNS: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "any_of": (
        "{any_of: [{action: chart.open, seat: doc}, {action: {in: [allergy.record, allergy.retract]}, outcome: any}]}",
        [
            {"actions": ["chart.open"], "outcome": "ok", "fields": {"seat": {"is": "doc"}}},
            {"actions": ["allergy.record", "allergy.retract"], "outcome": "any", "fields": {}},
        ],
    ),
    "refused": (
        "{action: allergy.record, code: {in: [E-GEN-01, E-GEN-02]}}",
        [
            {
                "actions": ["allergy.record"],
                "outcome": "refused",
                "fields": {},
                "code": {"in": ["E-GEN-01", "E-GEN-02"]},
            }
        ],
    ),
    "operators": (
        "{action: allergy.record, reaction: {like: '皮*', not: 皮痒, empty: false}, class: {not_in: [NKA]}}",
        [
            {
                "actions": ["allergy.record"],
                "outcome": "ok",
                "fields": {
                    "reaction": {"like": "皮*", "not": "皮痒", "empty": False},
                    "class": {"not_in": ["NKA"]},
                },
            }
        ],
    ),
    "numbers and records": (
        "{action: registration.create, doctor: doc, target: {not: $ticket}, encounter: {empty: true}}",
        [
            {
                "actions": ["registration.create"],
                "outcome": "ok",
                "fields": {
                    "doctor": {"is": {"name": "doc"}},
                    "target": {"not": {"name": "ticket"}},
                    "encounter": {"empty": True},
                },
            }
        ],
    ),
    "lists": (
        "{action: prescription.revise, drugs: {contains: M021}, items: {min: 1, max: 3}}",
        [
            {
                "actions": ["prescription.revise"],
                "outcome": "ok",
                "fields": {"drugs": {"contains": "M021"}, "items": {"min": {"number": "1"}, "max": {"number": "3"}}},
            }
        ],
    ),
    "amounts": (
        "{action: registration.pay, amount: {min: 1.50, max: 20}}",
        [
            {
                "actions": ["registration.pay"],
                "outcome": "ok",
                "fields": {"amount": {"min": {"number": "1.50"}, "max": {"number": "20"}}},
            }
        ],
    ),
    "inject": (
        "{action: inject.fired, inject: rash}",
        [{"actions": ["inject.fired"], "outcome": "ok", "fields": {"inject": {"is": "rash"}}}],
    ),
}


@pytest.mark.parametrize("name", PATTERNS)
def test_patterns_compile_to_what_the_journal_is_matched_with(name: str) -> None:
    pattern, compiled = PATTERNS[name]
    made = planned(("told: {action: allergy.record, patient: $lin, class: PEN}", f"told: {pattern}"))
    assert list(made.events["told"]) == compiled


def test_a_pack_says_everything_the_cell_needs() -> None:
    say = "say: {from: {zh: 患者, en: Patient}, zh: 过敏, en: Rash}"
    later = (
        f"unless: signed, {say}}}, "
        "{id: fix, at: 5m, set: {table: patient, where: {id: $lin}, to: {sex: '1'}}}, "
        "{id: leap, at: +1d 08:00, jump: +2d 09:00"
    )
    text = files.changed(
        (say, later),
        ("new: {absent: true, name: 新来的}", "new: {absent: true, identity: [name, sex], sex: '1', name: 新来的}\n"
         "  old: {from: person-0001, kind: patient}"),
        ("seats: {doc: {role: OPD, dept: D0101, zh: 医生, en: Doctor}}",
         "seats: {doc: {role: OPD, dept: D0101, zh: 医生, en: Doctor}, "
         "nur: {role: NUR, ward: W02, zh: 护士, en: Nurse}}"),
    )  # fmt: skip
    made = loader.load(text.encode(), vocabulary=files.VOCABULARY)
    packed = compiling.pack(made.exercise, made.plan, sha256=made.sha256, variant=0)
    assert packed.seats == (
        Seat(name="doc", role="OPD", dept="D0101", ward=None, title=Words(zh="医生", en="Doctor")),
        Seat(name="nur", role="NUR", dept=None, ward="W02", title=Words(zh="护士", en="Nurse")),
    )
    assert packed.cast[1:] == (
        CastMember(name="new", absent=True, identity=("name", "sex"), columns={"sex": "1", "name": "新来的"}),
        CastMember(name="old", label="person-0001"),
    )
    assert packed.injects == (
        Inject(
            id="rash",
            when="opened",
            delay_ms=90_000,
            unless="signed",
            say_from=Words(zh="患者", en="Patient"),
            say=Words(zh="过敏", en="Rash"),
        ),
        Inject(id="fix", at="5m", set=StartSet(table="patient", where={"id": "$lin"}, to={"sex": "1"})),
        Inject(id="leap", at="+1d 08:00", jump="+2d 09:00"),
    )
    assert set(packed.events) == {"opened", "signed"}


def test_exact_numbers_travel_as_text() -> None:
    assert compiling.travelling({"a": [Decimal("1.50"), 2], "b": (True, None, "x")}) == {
        "a": ["1.50", 2],
        "b": [True, None, "x"],
    }


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

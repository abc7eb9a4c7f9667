"""Generated attempts: a seed gives an exercise, a journal, a final state and the circumstances it is graded under.

`python -m tests.sandbox.grading.lives FIRST LAST` grades a range of them under the locale of the environment and
prints what came out as one line of JSON; equal ranges must give equal lines in every process.
"""

from __future__ import annotations

import hashlib
import json
import locale
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from sandbox.contract.control import HospitalState
from sandbox.grading import report as reports
from sandbox.grading.evidence import Journal
from sandbox.grading.grade import grade
from sandbox.grading.ledger import Accommodations
from sandbox.grading.report import Adjustment, AdjustmentKind, Report
from sandbox.grading.scoring import HintOpened
from tests.journals import MINUTE, Diary, change, check, file, never

SEATS = ("doc", "nur")
ACTORS = (*SEATS, *SEATS, *SEATS, "system", "account:10002")
PATIENTS = ("p1", "p1", "p2", "p3", "p9", None)
DRUGS, REASONS = ("M001", "M021", "M085"), ("", "病人需要", "Ｂ－２", "ärztlich")
ASKED = {"zh": "问", "en": "Ask"}
CHOICES = {name: {"zh": f"选{name}", "en": name.title()} for name in ("hemo", "fist", "cold", "meal")}
LEVELS = [{"points": n, "zh": f"{n}级", "en": f"Level {n}"} for n in (0, 2, 4)]
ALLERGY = {"table": "allergy", "where": {"patient": "$ann"}}
EVENTS = {
    "called": {"action": "registration.call", "patient": "$ann"},
    "begun": {"action": {"in": ["registration.start", "chart.open"]}, "patient": "$ann", "seat": "doc"},
    "ended": {"action": "registration.finish", "patient": {"not": "$bea"}},
    "each_begun": {"action": "registration.start"},
    "each_ended": {"action": "registration.finish"},
    "signed": {"action": "prescription.sign", "max_days": {"max": 7}, "drugs": {"contains": "$drug.code"}},
    "tried": {"action": "prescription.sign", "outcome": "refused"},
    "noted": {"action": "allergy.record", "class": {"in": ["PEN", "CEPH"]}, "reaction": {"like": "皮*"}},
    "printed": {"action": "print.document", "purpose": {"empty": False}},
}
CHECKS = [
    check(
        "row", 9, step="s1", seat="doc", show="always", state={**ALLERGY, "one": {"severity": "1", "source": "SELF"}}
    ),
    check(
        "clean",
        3,
        requires="begun",
        state={"table": "prescription", "where": {"status": "cancelled"}, "scope": "all", "none": True},
    ),
    check("many", 6, seat="nur", state={**ALLERGY, "scope": "created", "count": {"min": 2, "max": 4}, "part": True}),
    check("chain", 11, step="s1", must=True, mistake="T25", order=["called", "begun", "ended"], without="tried"),
    check("each", 8, order=["each_begun", "each_ended"], by="patient", groups=3),
    check("fast", 9, step="s2", within={"from": "start", "to": "begun", "full": "5m", "zero": "25m"}),
    check("pace", 7, within={"from": "each_begun", "to": "each_ended", "full": "3m", "zero": "9m", "by": "patient"}),
    check("work", 5, within={"from": "called", "to": "ended", "full": "20m", "clock": "work"}),
    check("looks", 4, count={"event": "noted", "distinct": "class", "times": {"min": 3}, "part": True}),
    check("either", 9, any_of=[{"count": {"event": "signed"}}, {"state": {**ALLERGY, "count": 1}}]),
    check(
        "both",
        9,
        advice={"zh": "先看再开", "en": "Look, then prescribe"},
        all_of=[{"count": {"event": "ended"}, "weight": 2.5}, {"any_of": [{"order": ["begun", "signed"]}]}],
    ),
    check("after", 4, requires="printed", count={"event": "called", "times": 1}),
    check("number", 4, answer={"ask": ASKED, "type": "number", "key": 6.8, "tolerance": 0.05}),
    check("word", 3, answer={"ask": ASKED, "type": "text", "key": ["溶血", "Haemolysis"]}),
    check("one", 2, answer={"ask": ASKED, "type": "choice", "key": "cold", "choices": CHOICES}),
    check("some", 3, answer={"ask": ASKED, "type": "choices", "key": ["hemo", "fist", "cold"], "choices": CHOICES}),
    check("note", 4, step="s2", rubric={"levels": LEVELS}),
]
NEVER = [
    never("tries", 2, max=5, event="tried"),
    never("stray", 3, event={"action": "allergy.record", "patient": {"not_in": ["$ann", "$bea"]}}, distinct="class"),
    never("cancelled", 4, state={"table": "prescription", "where": {"status": "cancelled"}}),
    never("snoop", 20, critical=True, mistake="T28", use="privacy.unrelated_chart", allow=["$ann", "$bea", "$new"]),
    never("export", 2, use="privacy.export"),
    never("foreign", 2, use="identity.foreign_seat"),
    never("twice", 5, use="identity.duplicate"),
    never("allergen", 10, use="safety.allergen"),
    never("unscanned", 5, use="safety.unscanned"),
]
STEPS = [
    {"id": "s1", "zh": "做", "en": "Do", "hints": [{"id": "h1", "cost": 2, "zh": "看", "en": "Look"}]},
    {
        "id": "s2",
        "zh": "记",
        "en": "Note",
        "hints": [{"id": f"h{n}", "cost": n, "zh": "想", "en": "Think"} for n in (2, 3)],
    },
]


def content(marks: str) -> bytes:
    """Return an exercise of three variants that uses every kind of check, rule and matcher."""
    seat = {"role": "OPD", "dept": "D0101"}
    return file(
        team={"players": [1, 2], "marks": marks},
        vary={"drug": [{"code": code} for code in DRUGS]},
        seats={name: {**seat, "zh": f"岗{name}", "en": name} for name in SEATS},
        cast={
            "ann": {"name": "甲"},
            "bea": {"name": "乙"},
            "new": {"absent": True, "name": "新", "identity": ["name"]},
        },
        steps=STEPS,
        events=EVENTS,
        checks=CHECKS,
        never=NEVER,
    )


CONTENTS = (content("team"), content("seat"))


@dataclass(frozen=True, kw_only=True)
class Life:
    """All that `grade` takes."""

    exercise: bytes
    journal: Journal
    state: HospitalState
    around: dict[str, Any]

    def graded(self) -> Report:
        return grade(self.exercise, self.journal, self.state, **self.around)


def life(number: int) -> Life:
    """Return the attempt of this number, the same on every machine."""
    drawn = random.Random(f"life {number}")
    diary = Diary(bindings={"ann": ["p1"], "bea": ["p2"]})
    diary.rows[0] = replace(
        diary.rows[0], data={**diary.rows[0].data, "variant": drawn.randrange(3), "seats": {"doc": "s1", "nur": "s2"}}
    )
    diary.present("patient", "p1", name="甲", id_no="77A", birth_date="1990-01-01", phone="15400000001")
    if drawn.random() < 0.4:
        _carefully(diary)
    for _ in range(drawn.randrange(24)):
        _DEEDS[drawn.randrange(len(_DEEDS))](diary, drawn)
        _place(diary, drawn)
    return Life(
        exercise=drawn.choice(CONTENTS), journal=diary.journal(), state=diary.state(), around=_circumstances(drawn)
    )


def _carefully(diary: Diary) -> None:
    """Do what the exercise asks for, so that what comes after decides between passing and failing."""
    for patient in PATIENTS[1:4]:
        diary.write("registration.call", patient=patient)
        diary.write("registration.start", patient=patient)
    diary.create("allergy", "al0", "allergy.record", patient="p1", severity="1", source="SELF")
    for group in ("PEN", "CEPH"):
        diary.write("allergy.record", data={"class": group, "reaction": "皮疹"})
    diary.write("prescription.sign", data={"drugs": list(DRUGS), "max_days": 3, "items": 3})
    diary.write("print.document", data={"document": "record", "purpose": "病人需要"})
    for patient in PATIENTS[1:4]:
        diary.write("registration.finish", at=diary.rows[-1].t, patient=patient)
    for asked, value in (("number", "6.8"), ("word", "溶血"), ("one", "cold"), ("some", ["hemo", "fist", "cold"])):
        diary.write("answer.give", at=diary.rows[-1].t, patient=None, data={"check": asked, "value": value})


def _place(diary: Diary, drawn: random.Random) -> None:
    """Give the newest row an actor, a patient and a time; sometimes the hospital says no, or its clock jumps."""
    row, before = diary.rows[-1], diary.rows[-2]
    t = before.t + drawn.choice((0, 1, 999, MINUTE, 4 * MINUTE))
    more: dict[str, Any] = {"actor": drawn.choice(ACTORS), "t": t}
    if row.changes == () and drawn.random() < 0.2:
        more |= {"outcome": "refused", "code": drawn.choice(("E-GEN-01", "E-RX-06", "E-RX-15"))}
    if drawn.random() < 0.1:
        more["at"] = drawn.choice(("2026-03-03T08:00:00", "2026-03-02T08:31:00", "2026-10-25T02:30:00", ""))
    diary.rows[-1] = replace(row, **more)


def _plain(diary: Diary, drawn: random.Random) -> None:
    names = ("registration.call", "registration.start", "registration.finish", "chart.open", "chart.break_glass")
    diary.write(drawn.choice(names), patient=drawn.choice(PATIENTS), data={"relation": "own"})


def _allergy(diary: Diary, drawn: random.Random) -> None:
    columns = {"severity": drawn.choice("123"), "source": drawn.choice(("SELF", "FAMILY"))}
    key, patient = f"al{len(diary.rows)}", drawn.choice(("p1", "p1", "p2", "p9"))
    made = diary.create("allergy", key, "allergy.record", patient=patient, **columns)
    data = {"class": drawn.choice(("PEN", "CEPH", "NKA")), "reaction": drawn.choice(("皮疹", "皮痒", "Rash", ""))}
    diary.rows[-1] = replace(made, data=data)


def _retract(diary: Diary, drawn: random.Random) -> None:
    held = diary.tables.get("allergy", {})
    if not held:
        return _plain(diary, drawn)
    key = drawn.choice(sorted(held))
    held[key]["severity"] = "3"
    diary.write("allergy.retract", target=key, changes=(change("allergy", key, "severity", "3", "1"),))
    return None


def _person(diary: Diary, drawn: random.Random) -> None:
    columns = {"name": drawn.choice("新甲"), "birth_date": "1990-01-01", "phone": f"1540000000{drawn.randrange(2)}"}
    key, number = f"p{len(diary.rows) + 20}", drawn.choice(("77A", "", f"N{len(diary.rows)}"))
    diary.create("patient", key, "patient_index.create", id_no=number, **columns)


def _prescribe(diary: Diary, drawn: random.Random) -> None:
    data = {"drugs": drawn.sample(DRUGS, drawn.randrange(3)), "max_days": drawn.randrange(1, 10), "items": 1}
    patient, action = drawn.choice(PATIENTS), drawn.choice(("prescription.sign", "prescription.revise"))
    if drawn.random() < 0.5:
        diary.write(action, patient=patient, data=data)
        return
    diary.create(
        "prescription",
        f"rx{len(diary.rows)}",
        action,
        patient="p1",
        status=drawn.choice(("cancelled", "issued", "issued")),
    )
    diary.rows[-1] = replace(diary.rows[-1], data=data)


def _override(diary: Diary, drawn: random.Random) -> None:
    data = {"rule": drawn.choice(("E-RX-15", "E-ORD-09", "E-RX-09")), "items": drawn.sample(DRUGS, 1)}
    diary.write("alert.override", patient=drawn.choice(("p1", "p2")), data=data)


def _print(diary: Diary, drawn: random.Random) -> None:
    diary.write("print.document", data={"document": "record", "purpose": drawn.choice(REASONS)})


def _dose(diary: Diary, drawn: random.Random) -> None:
    action = drawn.choice(("scan.wristband", "order_execution.give"))
    diary.write(action, target=f"oe{drawn.randrange(3)}", data={"match": drawn.random() < 0.8})


def _answer(diary: Diary, drawn: random.Random) -> None:
    values: dict[str, tuple[Any, ...]] = {
        "number": ("6.8", "６．７５", "7", None, True),
        "word": ("溶血", " HAEMOLYSIS", "x"),
        "one": ("cold", "meal"),
        "some": (["hemo", "fist", "cold"], ["hemo", "meal"], [], "hemo"),
    }
    asked = drawn.choice(sorted(values))
    diary.write("answer.give", patient=None, data={"check": asked, "value": drawn.choice(values[asked])})


def _hospital(diary: Diary, drawn: random.Random) -> None:
    data = {"inject": drawn.choice(("on-called", "on-tried")), "cause": drawn.choice((None, 1, "1"))}
    diary.write("inject.fired", patient=None, data=data)


_DEEDS: tuple[Callable[[Diary, random.Random], None], ...] = (
    _plain,
    _plain,
    _plain,
    _allergy,
    _retract,
    _person,
    _prescribe,
    _override,
    _print,
    _dose,
    _answer,
    _answer,
    _hospital,
)


_DECISIONS: tuple[tuple[AdjustmentKind, str], ...] = (("set", "1.25"), ("add", "-2"), ("add", "1"), ("waive", ""))


def _circumstances(drawn: random.Random) -> dict[str, Any]:
    hints = [
        HintOpened(
            hint=drawn.choice(("h1", "h2", "h3")), working_ms=drawn.randrange(40) * MINUTE, free=drawn.random() < 0.2
        )
        for _ in range(drawn.randrange(3))
    ]
    subjects = [each["id"] for each in (*CHECKS, *NEVER) if each["id"] != "note"]
    decisions = [
        Adjustment(subject=drawn.choice(subjects), kind=kind, points=points, reason=drawn.choice(REASONS))
        for kind, points in _DECISIONS
        if drawn.random() < 0.2
    ]
    if drawn.random() < 0.6:
        decisions.append(Adjustment(subject="note", kind="mark", points=drawn.choice(("0", "2", "4")), reason="ok"))
    return {
        "hints": hints,
        "accommodations": Accommodations(time_factor=drawn.choice((1, 1, 2)), untimed=drawn.random() < 0.15),
        "adjustments": decisions,
        "seats": drawn.choice(((), ("doc",), ("nur",), SEATS)),
    }


def summary(numbers: Iterable[int]) -> dict[str, Any]:
    """Grade the lives and return one digest over all their reports, and how often each thing came out."""
    digest, graded, seen = hashlib.sha256(), 0, Counter[str]()
    for number in numbers:
        report = life(number).graded()
        digest.update(reports.dumps(report))
        graded += 1
        seen.update([report.result, f"variant {report.variant}"])
        seen.update({f"{line.kind} {line.outcome}" for line in report.lines})
        seen.update({f"hit {loss.id}" for loss in report.losses})
        decided = (*(line.adjusted for line in report.lines), *(loss.adjusted for loss in report.losses))
        seen.update({f"decision {each.kind}" for each in decided if each is not None})
        seen.update({"near miss" for line in report.lines if line.near})
        seen.update({"hint" for hint in report.hints if hint.cost != "0.00"})
    return {"reports": graded, "sha256": digest.hexdigest(), "seen": dict(sorted(seen.items()))}


if __name__ == "__main__":
    locale.setlocale(locale.LC_ALL, "")
    print(json.dumps(summary(range(int(sys.argv[1]), int(sys.argv[2])))))

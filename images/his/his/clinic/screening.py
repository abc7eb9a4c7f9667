"""What is asked before an examination, and what the answers warn of. Which exam asks what stands in `limits`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from his.chart import dictionary, people
from his.chart.acting import Acting, Record
from his.chart.refusing import Alert, Refused

QUESTIONS = ("screen_pregnancy", "screen_allergy", "screen_implant", "egfr", "metformin")
"""Columns of an imaging request, in the order in which they are asked."""
UNANSWERED = "E-IMG-02"
YES, NO = "Y", "N"
NOT_SIDED = "N"
SIDES = ("L", "R", "B")

_CONTRAST = {"CT": ("IODINE", "IODINE_CONTRAST"), "MR": ("GADO", "")}
"""Modality -> allergy class of its contrast medium, and its name in the table of interactions."""
_METFORMIN_ATC = "A10BA02"


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What the patient was asked: None where it does not concern this exam or this person."""

    screen_pregnancy: str | None = None
    screen_allergy: str | None = None
    screen_implant: str | None = None
    egfr: str | None = None
    metformin: int | None = None


def asked(act: Acting, exam: Record, person: Record) -> tuple[str, ...]:
    """Return the questions of this exam for this person; pregnancy concerns women of childbearing age only."""
    listed = dictionary.text_limit(act, f"screen_{exam['modality']}_{exam['contrast']}").split(";")
    return tuple(
        each for each in QUESTIONS
        if each in listed and (each != "screen_pregnancy" or people.is_of_childbearing_age(act, person))
    )  # fmt: skip


def answers(questions: Sequence[str], given: Mapping[str, object]) -> Answers:
    """Return the answers. Raises Refused E-IMG-02 for a question left open, E-GEN-06 for an answer that is none."""
    typed = {name: _typed(given.get(name)) for name in questions}
    if not all(typed.values()):
        raise Refused(UNANSWERED)
    chosen = {name: value for name, value in typed.items() if name != "egfr"}
    if any(value not in (YES, NO) for value in chosen.values()):
        raise Refused("E-GEN-06")
    metformin = None if "metformin" not in chosen else int(chosen["metformin"] == YES)
    return Answers(
        screen_pregnancy=chosen.get("screen_pregnancy"),
        screen_allergy=chosen.get("screen_allergy"),
        screen_implant=chosen.get("screen_implant"),
        egfr=None if "egfr" not in typed else _rate(typed["egfr"]),
        metformin=metformin,
    )


def side(exam: Record, given: str | None) -> str:
    """Return the side to examine: L, R or B where the exam has one, else N. Raises Refused E-GEN-06 without one."""
    if exam["side_required"] != "1":
        return NOT_SIDED
    if given not in SIDES:
        raise Refused("E-GEN-06", hint_zh="请选择侧别", hint_en="Choose the side")
    return str(given)


def alerts(act: Acting, exam: Record, person: Record, told: Answers) -> list[Alert]:
    """Return what the answers and the chart warn of; every one asks for a reason."""
    allergen, agent = _CONTRAST.get(exam["modality"], ("", "")) if exam["contrast"] == "1" else ("", "")
    known = any(each["class"] == allergen for each in people.allergies(act, person["id"])) if allergen else False
    found = []
    if told.screen_allergy == YES or known:
        found.append(_warn("contrast_allergy", exam, "患者对比剂过敏", "Allergic to the contrast medium"))
    if told.screen_implant == YES:
        found.append(_warn("implant", exam, "体内有金属植入物/起搏器", "Metal implant or pacemaker"))
    if told.screen_pregnancy == YES:
        found.append(_warn("pregnancy_exam", exam, "妊娠或可能妊娠", "Pregnant, or may be"))
    if told.egfr is not None and Decimal(told.egfr) < dictionary.limit(act, "egfr_contrast_min"):
        found.append(_warn("egfr", exam, "肾功能不全，慎用对比剂", "Poor kidney function: care with contrast"))
    if told.metformin and agent:
        found += _interaction(act, agent)
    return found


def _interaction(act: Acting, agent: str) -> list[Alert]:
    rows = act.rows(
        'SELECT i.*, d."drug_code" FROM "drug_interactions" i JOIN "drugs" d '
        'ON (d."drug_code" = i."drug_a" AND i."drug_b" = ?) OR (d."drug_code" = i."drug_b" AND i."drug_a" = ?) '
        'WHERE d."atc" = ?',
        agent,
        agent,
        _METFORMIN_ATC,
    )
    return [
        Alert(rule="interaction", level="warn", items=(each["drug_code"],), zh=each["effect_zh"], en=each["effect_en"])
        for each in rows
    ]


def _warn(rule: str, exam: Record, zh: str, en: str) -> Alert:
    return Alert(rule=rule, level="warn", items=(exam["exam_code"],), zh=zh, en=en)


def _typed(value: object) -> str:
    if isinstance(value, bool):
        return YES if value else NO
    return "" if value is None else people.normalised(str(value))


def _rate(text: str) -> str:
    try:
        rate = Decimal(text)
    except InvalidOperation as malformed:
        raise Refused("E-GEN-06") from malformed
    if not rate.is_finite() or not 0 <= rate < 1000:
        raise Refused("E-GEN-06")
    return str(rate)

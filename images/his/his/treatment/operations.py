"""Skin tests: a nurse begins one and reads it in time with a second nurse; a positive one is an allergy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from his.chart import dictionary, machine, people, relation, second_person, skin, stock, typed
from his.chart.acting import Acting, Record
from his.chart.hospital import Operation
from his.chart.refusing import Refused

_MINUTE_S = 60
_SOURCE = "SKIN"


def skin_test(
    act: Acting,
    *,
    prescription: str,
    drug: str | None = None,
    solution_no: str = "",
    result: str | None = None,
    second: str | None = None,
    identified: bool = True,
    version: int | None = None,
) -> None:
    """Begin the test of a drug, or with a `result` (NEG, POS) read the one that was begun.

    Refused E-GEN-06 for a drug that needs no test or a solution nobody named, E-GEN-03 for a person known to be
    allergic, a test that runs already or none that was begun, E-GEN-04 for a result read alone. A positive result
    also records an allergy.
    """
    record = act.fetch("prescription", prescription)
    running = _running(act, record, drug)
    data = {
        "drug": drug,
        "solution_no": typed.text(solution_no).upper() or None,
        "result": result or None,
        "minutes": None if running is None or result is None else (act.now - running["begun_at"]) // _MINUTE_S,
        "second": second_person.named(act, second) if result is not None else None,
    }
    edge = machine.enter(act, "prescription", "skin_test", record, version=version, data=data)
    relation.require(act, record["patient"], act.fetch("encounter", record["encounter"]))
    if drug not in {each["drug"] for each in skin.needed(stock.lines(act, prescription))}:
        raise Refused("E-GEN-06", hint_zh="该药品不需皮试", hint_en="This drug needs no skin test")
    if result is not None:
        second_person.require(act, second, identified=identified)
        dictionary.require_code(act, "skin_test_result", result or None)
        _read(act, record, running, {**data, "edge": edge}, second)
        return
    _require_may_begin(act, record, running, data)
    act.insert(
        "skin_test",
        {
            **{name: record[name] for name in ("patient", "encounter")},
            "prescription": prescription,
            "drug": drug,
            "solution_no": data["solution_no"],
            "begun_at": act.now,
            "begun_by": act.who.staff,
        },
    )
    machine.move(act, edge, record, data=data)


def waiting(act: Acting) -> list[Record]:
    """Return the paid prescriptions of the own department with a drug that needs a test, oldest first."""
    return act.rows(
        'SELECT r.*, p."name", p."sex", p."birth_date", p."mrn", p."card_no", p."pinyin_initials" '
        'FROM "prescription" r JOIN "patient" p ON p."id" = r."patient" '
        'JOIN "encounter" e ON e."id" = r."encounter" WHERE r."status" = \'charged\' AND e."dept" = ? AND EXISTS '
        '(SELECT 1 FROM "rx_item" i JOIN "drugs" d ON d."drug_code" = i."drug" WHERE i."prescription" = r."id" '
        "AND i.\"status\" = 'active' AND d.\"skin_test_required\" = '1') "
        'ORDER BY r."signed_at", LENGTH(r."id"), r."id"',
        act.who.dept,
    )


def _running(act: Acting, record: Record, drug: str | None) -> Record | None:
    """Return the test of the prescription's person that nobody has read."""
    if drug is None or act.one('SELECT 1 FROM "drugs" WHERE "drug_code" = ?', drug) is None:
        return None
    found = skin.tests(act, record["patient"], drug)
    return found[0] if found and found[0]["result"] is None else None


def _require_may_begin(act: Acting, record: Record, running: Record | None, data: Mapping[str, Any]) -> None:
    if not data["solution_no"]:
        raise Refused("E-GEN-06", hint_zh="请填写皮试液批号", hint_en="Enter the batch of the test solution")
    if running is not None:
        raise Refused("E-GEN-03", hint_zh="皮试观察中,请判读结果", hint_en="A test is under observation: read it")
    classes = set(dictionary.drug(act, data["drug"])["allergy_classes"].split(";")) - {""}
    known = people.allergies(act, record["patient"])
    if any(each["class"] in classes or each["drug"] == data["drug"] for each in known):
        zh, en = "患者对该类药物过敏,禁做皮试,请联系医生", "The patient is allergic to it: no test, call the doctor"
        raise Refused("E-GEN-03", hint_zh=zh, hint_en=en)


def _read(act: Acting, record: Record, running: Record | None, told: dict[str, Any], second: str | None) -> None:
    edge = told.pop("edge")
    if running is None:
        raise Refused("E-GEN-03", hint_zh="尚未开始皮试", hint_en="No test has been begun")
    least = dictionary.limit(act, "skin_test_minutes")
    early = told["minutes"] < least
    objection = (f"观察不足{least}分钟", f"observed for fewer than {least} minutes") if early else ("", "")
    about = {"patient": record["patient"], "encounter": record["encounter"], "target": record["id"]}
    step = "prescription.skin_test"
    other = second_person.agree(act, about, second, step=step, subject=told["drug"], objection=objection)
    test = act.fetch("skin_test", running["id"])
    values = {"result": told["result"], "read_at": act.now, "read_by": act.who.staff, "second": other}
    act.update("skin_test", test, values)
    told = {**told, "solution_no": test["solution_no"]}
    cause = machine.move(act, edge, record, data=told)
    if told["result"] == skin.POSITIVE:
        _note_allergy(act, record, told["drug"], cause)


def _note_allergy(act: Acting, record: Record, drug: str, cause: int) -> None:
    classes = dictionary.drug(act, drug)["allergy_classes"].split(";")
    values = {
        "patient": record["patient"],
        "class": classes[0] or None,
        "drug": drug,
        "source": _SOURCE,
        "recorded_by": act.who.staff,
        "recorded_at": act.now,
    }
    told = {name: values[name] for name in ("class", "drug", "source")}
    machine.create_following(act, "allergy", "record", values, cause, **told)


ACTIONS: Mapping[str, Operation] = {"prescription.skin_test": skin_test}

"""What warns when a prescription is signed: allergy, dose, interaction, duplicate, age. `rights` holds what refuses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from typing import Any

from his.chart import dictionary, people
from his.chart.acting import Acting, Record
from his.chart.refusing import Alert, Refused
from his.hospital_time import DAY_S

ALLERGY, DOSE, INTERACTION = "E-RX-15", "E-RX-08", "E-RX-09"
"""Rules of blocks are named by the code they refuse with."""
CROSS_REACTIVITY, INTERACTION_WARNING, AGE, PREGNANCY = "allergy_cross", "interaction", "age", "pregnancy"

CHILD, UNUSUAL, SUPPLIED = "child_dose", "unusual_dose", "duplicate_supply"

SEVERE = "3"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the grid, complete: missing values came from the drug's usual ones."""

    drug: Record
    dose: Decimal
    route: str
    freq: Record
    days: int
    quantity: int

    @property
    def code(self) -> str:
        """The drug's code."""
        return str(self.drug["drug_code"])

    @property
    def classes(self) -> frozenset[str]:
        """Allergy classes of the drug."""
        return frozenset(filter(None, self.drug["allergy_classes"].split(";")))

    @property
    def largest_dose(self) -> Decimal:
        """What is compared with the daily limit: the dose of a day, or a single one that is larger."""
        return max(self.dose, self.daily_dose)

    @property
    def daily_dose(self) -> Decimal:
        """Dose per day; of a single or as-needed dose that dose itself."""
        if not self.freq["period_days"]:
            return self.dose
        return self.dose * Decimal(self.freq["doses"]) / Decimal(self.freq["period_days"])


def lines(act: Acting, items: Iterable[Mapping[str, Any]]) -> list[Line]:
    """Return the grid's lines. Raises Refused E-GEN-06 for an unknown drug, route or frequency, or a bad number."""
    return [_line(act, each) for each in items]


def packs(drug: Record, dose: Decimal, freq: Record, days: int) -> int:
    """Return the packs that cover the days: units per dose × doses ÷ units per pack, rounded up.

    Source: reference tables, README, deriving pack quantity. As-needed doses count as one.
    """
    doses = Decimal(freq["doses"] or 1)
    if freq["period_days"]:
        doses = doses * days / Decimal(freq["period_days"])
    strength = re.match(r"([\d.]+)([^\d.:/(]+)", drug["strength"])
    per_unit = Decimal(1)
    if strength is not None and strength.group(2) == drug["dose_unit"]:
        per_unit = Decimal(strength.group(1))
    per_pack = re.match(r"\d+", drug["pack_spec"])
    units = dose / per_unit * doses / Decimal(per_pack.group() if per_pack else 1)
    return max(1, int(units.to_integral_value(ROUND_CEILING)))


def alerts(act: Acting, prescription: Record, grid: Sequence[Line]) -> list[Alert]:
    """Return every alert the grid raises, blocks first."""
    person = act.fetch("patient", prescription["patient"])
    active = [each for each in people.allergies(act, person["id"]) if each["class"] != "NKA"]
    found = [
        *_allergy_alerts(act, grid, active),
        *_dose_alerts(act, person, grid),
        *_pair_alerts(act, prescription, grid),
        *_person_alerts(act, person, grid),
    ]
    order = {"block": 0, "warn": 1, "info": 2}
    return sorted(found, key=lambda each: order[each.level])


def is_severe(act: Acting, patient: str, shown: Sequence[Alert], grid: Sequence[Line]) -> bool:
    """Say whether an allergy block among `shown` rests on a severe allergy."""
    blocked = {code for each in shown if each.rule == ALLERGY for code in each.items}
    classes = {name for each in grid if each.code in blocked for name in each.classes}
    return any(
        each["severity"] == SEVERE and (each["class"] in classes or each["drug"] in blocked)
        for each in people.allergies(act, patient)
    )


def _line(act: Acting, item: Mapping[str, Any]) -> Line:
    drug = dictionary.drug(act, item.get("drug"))
    freq = dictionary.require_row(act, "frequencies", "code", item.get("freq") or drug["freq_code"])
    route = dictionary.require_row(act, "routes", "code", item.get("route") or drug["route_code"])
    if (item.get("dose_unit") or drug["dose_unit"]) != drug["dose_unit"]:
        raise Refused("E-GEN-06")
    dose = _positive(item.get("dose") or drug["usual_dose"])
    days = int(_positive(item.get("days") or dictionary.limit(act, "rx_usual_days"), whole=True))
    given = item.get("quantity")
    quantity = packs(drug, dose, freq, days) if not given else int(_positive(given, whole=True))
    return Line(drug=drug, dose=dose, route=route["code"], freq=freq, days=days, quantity=quantity)


def _positive(value: object, *, whole: bool = False) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation as malformed:
        raise Refused("E-GEN-06") from malformed
    if not number.is_finite() or not 0 < number < 100_000 or (whole and number != number.to_integral_value()):
        raise Refused("E-GEN-06")
    return number


def _allergy_alerts(act: Acting, grid: Sequence[Line], active: Sequence[Record]) -> list[Alert]:
    classes = {each["class"] for each in active if each["class"] and not each["drug"]} | {
        each["class"] for each in active if each["class"] and each["drug"]
    }
    drugs = {each["drug"] for each in active if each["drug"]}
    direct = [each for each in grid if each.classes & classes or each.code in drugs]
    crossing: dict[str, list[Line]] = {"high": [], "low": []}
    for name in sorted(classes):
        entry = act.one('SELECT "cross_reactivity" FROM "allergy_classes" WHERE "class_code" = ?', name)
        for pair in filter(None, (entry or {}).get("cross_reactivity", "").split(";")):
            other, _, strength = pair.partition(":")
            crossing[strength] += [each for each in grid if other in each.classes and each not in direct]
    found = []
    blocked = direct + crossing["high"]
    if blocked:
        found.append(_alert(ALLERGY, "block", blocked, "患者对该药过敏", "The patient is allergic to this drug"))
    if crossing["low"]:
        words = ("与患者过敏药物可能交叉过敏", "May cross-react with the patient's allergy")
        found.append(_alert(CROSS_REACTIVITY, "warn", crossing["low"], *words))
    return found


def _dose_alerts(act: Acting, person: Record, grid: Sequence[Line]) -> list[Alert]:
    limited = [each for each in grid if each.drug["max_daily_dose"]]
    over = [each for each in limited if each.largest_dose > Decimal(each.drug["max_daily_dose"])]
    share = _share_of_an_adult(act, person)
    much = [
        each for each in limited
        if each not in over and each.largest_dose > Decimal(each.drug["max_daily_dose"]) * share
    ]  # fmt: skip
    factor = dictionary.limit(act, "rx_unusual_factor")
    odd = [each for each in grid if each not in limited and each.dose > Decimal(each.drug["usual_dose"]) * factor]
    found = []
    if over:
        found.append(_alert(DOSE, "block", over, "单次或日剂量超上限", "Dose above the limit"))
    if much:
        found.append(_alert(CHILD, "warn", much, "超过按体重折算的儿童日剂量", "Above a child's dose by weight"))
    if odd:
        found.append(_alert(UNUSUAL, "warn", odd, "剂量远高于常用量", "Far above the usual dose"))
    return found


def _share_of_an_adult(act: Acting, person: Record) -> Decimal:
    """Return which part of an adult's daily limit holds for this person: a child's by its weight, measured or usual."""
    years, _, _ = people.age(act, person["birth_date"])
    if years is None or years > dictionary.limit(act, "child_max_years"):
        return Decimal(1)
    usual = years * dictionary.limit(act, "child_kg_per_year") + dictionary.limit(act, "child_kg_at_birth")
    return min(Decimal(1), (_weight(act, person) or Decimal(usual)) / dictionary.limit(act, "adult_kg"))


def _weight(act: Acting, person: Record) -> Decimal | None:
    """Return the weight in kg as measured last, None if nobody has."""
    found = act.one(
        'SELECT "weight" FROM "vitals" WHERE "patient" = ? AND "weight" IS NOT NULL '
        'ORDER BY "recorded_at" DESC, LENGTH("id") DESC, "id" DESC LIMIT 1',
        person["id"],
    )
    return None if found is None else Decimal(found["weight"])


def _pair_alerts(act: Acting, prescription: Record, grid: Sequence[Line]) -> list[Alert]:
    standing = _standing(act, prescription)
    found = []
    pairs = [(one, other.drug, True) for place, one in enumerate(grid) for other in grid[:place]]
    pairs += [(one, other, other["encounter"] == prescription["encounter"]) for one in grid for other in standing]
    for one, other, same_visit in pairs:
        both = tuple(sorted({one.code, str(other["drug_code"])}))
        if one.code == other["drug_code"] or (one.drug["atc"] and one.drug["atc"] == other["atc"]):
            found.append(_duplicate(both, same_visit=same_visit))
            continue
        rule = act.one(
            'SELECT * FROM "drug_interactions" '
            'WHERE ("drug_a" = ? AND "drug_b" = ?) OR ("drug_a" = ? AND "drug_b" = ?)',
            one.code,
            other["drug_code"],
            other["drug_code"],
            one.code,
        )
        if rule is not None:
            block = rule["his_action"] == "block"
            words = {"zh": rule["effect_zh"], "en": rule["effect_en"]}
            name = INTERACTION if block else INTERACTION_WARNING
            found.append(Alert(rule=name, level="block" if block else "warn", items=both, **words))
    return list(dict.fromkeys(found))


def _standing(act: Acting, prescription: Record) -> list[Record]:
    """Return what the patient takes besides: of this visit, and of others as long as their supply lasts."""
    return act.rows(
        'SELECT DISTINCT d.*, p."encounter" FROM "rx_item" i JOIN "prescription" p ON p."id" = i."prescription" '
        'JOIN "drugs" d ON d."drug_code" = i."drug" '
        'WHERE p."patient" = ? AND p."id" != ? AND i."status" = \'active\' AND p."status" IN '
        "('issued', 'reviewed', 'charged', 'dispensing', 'checked', 'dispensed') "
        'AND (p."encounter" = ? OR p."signed_at" + i."days" * ? > ?)',
        prescription["patient"],
        prescription["id"],
        prescription["encounter"],
        DAY_S,
        act.now,
    )


def _duplicate(both: tuple[str, ...], *, same_visit: bool) -> Alert:
    if same_visit:
        return Alert(rule=INTERACTION, level="block", items=both, zh="重复用药", en="Duplicate drug")
    words = {"zh": "既往处方尚未用完，重复用药", "en": "Still supplied by an earlier prescription"}
    return Alert(rule=SUPPLIED, level="warn", items=both, **words)


def _person_alerts(act: Acting, person: Record, grid: Sequence[Line]) -> list[Alert]:
    years, _, _ = people.age(act, person["birth_date"])
    if years is None:
        return []
    found = []
    young = [each for each in grid if each.drug["min_age_years"] and years < int(each.drug["min_age_years"])]
    if young:
        found.append(_alert(AGE, "warn", young, "低于该药最小年龄", "Below the drug's minimum age"))
    careful = [each for each in grid if each.drug["preg_lact_caution"] == "1"]
    if careful and people.is_of_childbearing_age(act, person):
        found.append(_alert(PREGNANCY, "info", careful, "妊娠期哺乳期慎用", "Caution in pregnancy and lactation"))
    return found


def _alert(rule: str, level: str, found: Sequence[Line], zh: str, en: str) -> Alert:
    return Alert(rule=rule, level=level, items=tuple(sorted({each.code for each in found})), zh=zh, en=en)

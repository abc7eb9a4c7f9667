"""What is checked when a prescription is signed. Limits refuse; allergy, dose and interaction rules make alerts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from typing import Any

from his.chart import dictionary, people
from his.chart.acting import Acting, Record
from his.chart.refusing import Alert, Refused

ALLERGY, DOSE, INTERACTION = "E-RX-15", "E-RX-08", "E-RX-09"
"""Rules of blocks are named by the code they refuse with."""
CROSS_REACTIVITY, INTERACTION_WARNING, AGE, PREGNANCY = "allergy_cross", "interaction", "age", "pregnancy"

EMERGENCY = "E"
SEVERE = "3"
_CHILDBEARING = range(15, 50)
_TITLES_FOR_LEVEL = {"限制": ("ATT", "ACP", "CHP"), "特殊": ("ACP", "CHP")}
_FLAG_FOR_CONTROL = {"精二": "P", "精一": "N", "麻醉": "N"}


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


def check_limits(act: Acting, prescription: Record, grid: Sequence[Line], long_supply_reason: str | None) -> None:
    """Refuse what nobody may push through: no diagnosis, too many drugs, too many days, no right to prescribe."""
    if not act.one(
        'SELECT 1 FROM "diagnosis" WHERE "encounter" = ? AND "status" = \'active\'', prescription["encounter"]
    ):
        raise Refused("E-RX-07")
    if not grid:
        raise Refused("E-GEN-06")
    if len(grid) > dictionary.limit(act, "rx_max_drugs"):
        raise Refused("E-RX-05")
    key = "rx_max_days_emergency" if prescription["type"] == EMERGENCY else "rx_max_days"
    if max(each.days for each in grid) > dictionary.limit(act, key):
        if not long_supply_reason:
            raise Refused("E-RX-06")
        dictionary.require_code(act, "long_supply_reason", long_supply_reason)
    if any(not _may_prescribe(act, each.drug) for each in grid):
        raise Refused("E-RX-16")


def alerts(act: Acting, prescription: Record, grid: Sequence[Line]) -> list[Alert]:
    """Return every alert the grid raises, blocks first."""
    person = act.fetch("patient", prescription["patient"])
    active = [each for each in people.allergies(act, person["id"]) if each["class"] != "NKA"]
    found = [
        *_allergy_alerts(act, grid, active),
        *_dose_alerts(grid),
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


def _may_prescribe(act: Acting, drug: Record) -> bool:
    titles = _TITLES_FOR_LEVEL.get(drug["antibacterial_level"])
    flag = _FLAG_FOR_CONTROL.get(drug["control_class"])
    if titles is not None and act.who.title not in titles:
        return False
    if flag is None:
        return True
    found = act.one('SELECT "rx_flags" FROM "staff" WHERE "id" = ?', act.who.staff)
    return found is not None and flag in (found["rx_flags"] or "").split(";")


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


def _dose_alerts(grid: Sequence[Line]) -> list[Alert]:
    over = [
        each for each in grid if each.drug["max_daily_dose"] and each.daily_dose > Decimal(each.drug["max_daily_dose"])
    ]
    return [_alert(DOSE, "block", over, "单次或日剂量超上限", "Dose above the limit")] if over else []


def _pair_alerts(act: Acting, prescription: Record, grid: Sequence[Line]) -> list[Alert]:
    standing = act.rows(
        'SELECT d.* FROM "rx_item" i JOIN "prescription" p ON p."id" = i."prescription" '
        'JOIN "drugs" d ON d."drug_code" = i."drug" '
        'WHERE p."encounter" = ? AND p."id" != ? AND i."status" = \'active\' AND p."status" IN '
        "('issued', 'reviewed', 'charged', 'dispensing', 'checked')",
        prescription["encounter"],
        prescription["id"],
    )
    found = []
    pairs = [(one, other.drug) for place, one in enumerate(grid) for other in grid[:place]]
    pairs += [(one, other) for one in grid for other in standing]
    for one, other in pairs:
        both = sorted({one.code, str(other["drug_code"])})
        if one.code == other["drug_code"] or (one.drug["atc"] and one.drug["atc"] == other["atc"]):
            found.append(Alert(rule=INTERACTION, level="block", items=tuple(both), zh="重复用药", en="Duplicate drug"))
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
            found.append(Alert(rule=name, level="block" if block else "warn", items=tuple(both), **words))
    return found


def _person_alerts(act: Acting, person: Record, grid: Sequence[Line]) -> list[Alert]:
    years, _, _ = people.age(act, person["birth_date"])
    if years is None:
        return []
    found = []
    young = [each for each in grid if each.drug["min_age_years"] and years < int(each.drug["min_age_years"])]
    if young:
        found.append(_alert(AGE, "warn", young, "低于该药最小年龄", "Below the drug's minimum age"))
    careful = [each for each in grid if each.drug["preg_lact_caution"] == "1"]
    if careful and person["sex"] == "2" and years in _CHILDBEARING:
        found.append(_alert(PREGNANCY, "info", careful, "妊娠期哺乳期慎用", "Caution in pregnancy and lactation"))
    return found


def _alert(rule: str, level: str, found: Sequence[Line], zh: str, en: str) -> Alert:
    return Alert(rule=rule, level=level, items=tuple(sorted({each.code for each in found})), zh=zh, en=en)

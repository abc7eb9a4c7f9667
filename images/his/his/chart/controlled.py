"""Narcotics and psychotropics: the form they are written on, how many days and doses, how long the paper is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from his.chart.acting import Acting, Record

_INJECTION, _SLOW, _OTHER = "injection", "slow", "other"


@dataclass(frozen=True, kw_only=True)
class Breach:
    """A rule of the table that a prescription breaks, in words."""

    zh: str
    en: str


def form_of(drug: Record) -> str:
    """Return injection, slow (release) or other: the forms the table tells apart."""
    if "注射" in drug["form_zh"]:
        return _INJECTION
    return _SLOW if any(word in drug["generic_zh"] for word in ("缓释", "控释")) else _OTHER


def rule(act: Acting, drug: Record) -> Record | None:
    """Return the rule for a drug, None if it is not controlled."""
    return act.one(
        'SELECT * FROM "control_rules" WHERE "control_class" = ? AND "form" = ?', drug["control_class"], form_of(drug)
    )


def breaches(act: Acting, prescription: Record, items: Sequence[Record]) -> list[Breach]:
    """Return what the prescription breaks: its form, the days, the doses of its lines (rows of `rx_item`)."""
    found = []
    for item in items:
        drug = act.one('SELECT * FROM "drugs" WHERE "drug_code" = ?', item["drug"]) or {}
        wanted = rule(act, drug)
        if wanted is None:
            continue
        zh, en = drug["generic_zh"], drug["generic_en"]
        if prescription["type"] != wanted["rx_type"]:
            found.append(Breach(zh=f"{zh}须用专用处方", en=f"{en} needs the special prescription form"))
        if int(item["days"]) > int(wanted["max_days"]):
            most = wanted["max_days"]
            found.append(Breach(zh=f"{zh}不得超过{most}日用量", en=f"{en}: at most {most} days"))
        if wanted["max_doses"] and item["quantity"] > int(wanted["max_doses"]):
            most = wanted["max_doses"]
            found.append(Breach(zh=f"{zh}限{most}次常用量", en=f"{en}: at most {most} dose"))
    return found


def kept_years(act: Acting, prescription: Record, ordinary: int) -> int:
    """Return for how many years the paper is kept: `ordinary` unless its form is one of the controlled ones."""
    found = act.one('SELECT MAX("kept_years") AS n FROM "control_rules" WHERE "rx_type" = ?', prescription["type"])
    return ordinary if found is None or found["n"] is None else int(found["n"])

"""Who may prescribe what, on which form, how many drugs and for how long. Nobody pushes these limits through."""

from __future__ import annotations

from collections.abc import Sequence

from his.chart import controlled, dictionary
from his.chart.acting import Acting, Record
from his.chart.refusing import Refused
from his.clinic.checking import Line

EMERGENCY = "E"


def check(act: Acting, prescription: Record, grid: Sequence[Line], long_supply_reason: str | None) -> None:
    """Refuse what the hospital never lets pass.

    E-RX-07 without a diagnosis, E-RX-05 for too many drugs, E-RX-06 for too many days or doses, E-RX-16 without the
    right to prescribe, E-GEN-03 for a controlled drug on the wrong form.
    """
    if not act.one(
        'SELECT 1 FROM "diagnosis" WHERE "encounter" = ? AND "status" = \'active\'', prescription["encounter"]
    ):
        raise Refused("E-RX-07")
    if not grid:
        raise Refused("E-GEN-06")
    if len(grid) > dictionary.limit(act, "rx_max_drugs"):
        raise Refused("E-RX-05")
    _check_days(act, prescription, grid, long_supply_reason)
    if not all(_may_prescribe(act, each.drug) for each in grid):
        raise Refused("E-RX-16")
    _check_form(act, prescription, grid)


def is_controlled(act: Acting, grid: Sequence[Line]) -> bool:
    """Say whether a line is a narcotic or psychotropic: a form of its own, and the password again."""
    return any(_form(act, each.drug) for each in grid)


def _check_days(act: Acting, prescription: Record, grid: Sequence[Line], reason: str | None) -> None:
    if not all(_fits_its_rule(act, each) for each in grid):
        raise Refused("E-RX-06", hint_zh="麻醉、精神药品限量", hint_en="Limit of narcotics and psychotropics")
    key = "rx_max_days_emergency" if prescription["type"] == EMERGENCY else "rx_max_days"
    if max(each.days for each in grid) > dictionary.limit(act, key):
        if not reason:
            raise Refused("E-RX-06")
        dictionary.require_code(act, "long_supply_reason", reason)


def _fits_its_rule(act: Acting, line: Line) -> bool:
    """Say whether days and doses of a controlled drug keep to the table `control_rules`, whatever the reason."""
    rule = controlled.rule(act, line.drug)
    if rule is None:
        return True
    return line.days <= int(rule["max_days"]) and not (rule["max_doses"] and line.quantity > int(rule["max_doses"]))


def _may_prescribe(act: Acting, drug: Record) -> bool:
    if not _has_title(act, "rx_titles"):
        return False
    level = f"rx_titles_{drug['antibacterial_level']}"
    if dictionary.text_limit(act, level) and not _has_title(act, level):
        return False
    form = _form(act, drug)
    if not form:
        return True
    found = act.one('SELECT "rx_flags" FROM "staff" WHERE "id" = ?', act.who.staff)
    return found is not None and form in (found["rx_flags"] or "").split(";")


def _has_title(act: Acting, key: str) -> bool:
    return act.who.title in dictionary.text_limit(act, key).split(";")


def _check_form(act: Acting, prescription: Record, grid: Sequence[Line]) -> None:
    """A controlled drug stands on its own form, alone with its like; that form holds nothing else."""
    forms = {_form(act, each.drug) for each in grid}
    special = {each["rx_type"] for each in act.rows('SELECT DISTINCT "rx_type" FROM "control_rules"')}
    wanted = forms - {""}
    if forms == {prescription["type"]} or (not wanted and prescription["type"] not in special):
        return
    raise Refused(
        "E-GEN-03",
        hint_zh="麻醉、精神药品须单独用专用处方(麻精一/精二)，请更改处方类型或分开开立",
        hint_en="Narcotics and psychotropics need a prescription of their own kind: change the kind, or split it",
    )


def _form(act: Acting, drug: Record) -> str:
    """Return the form a drug has to stand on; '' = any ordinary one."""
    rule = controlled.rule(act, drug)
    return "" if rule is None else str(rule["rx_type"])

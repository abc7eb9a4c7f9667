"""Skin tests: which drugs of a prescription need one, and what the latest one of a person says."""

from __future__ import annotations

from collections.abc import Sequence

from his.chart import dictionary
from his.chart.acting import Acting, Record

NEGATIVE, POSITIVE = "NEG", "POS"
MISSING, OBSERVED = "missing", "observed"
_HOUR_S = 3600


def needed(lines: Sequence[Record]) -> list[Record]:
    """Return the lines of a prescription whose drug needs a test; `lines` as `stock.lines` gives them."""
    return [each for each in lines if each["skin_test_required"] == "1"]


def tests(act: Acting, patient: str, drug: str) -> list[Record]:
    """Return the tests of a person with a drug, or one of the same allergy class; latest first."""
    classes = _classes(act, drug)
    found = act.rows(
        'SELECT t.*, d."allergy_classes" FROM "skin_test" t JOIN "drugs" d ON d."drug_code" = t."drug" '
        'WHERE t."patient" = ? ORDER BY t."begun_at" DESC, LENGTH(t."id") DESC, t."id" DESC',
        patient,
    )
    return [each for each in found if each["drug"] == drug or classes & set(each["allergy_classes"].split(";"))]


def result(act: Acting, patient: str, drug: str) -> str:
    """Return NEG or POS of the latest test, `observed` while nobody has read it, `missing` if none counts any more."""
    for each in tests(act, patient, drug):
        if each["result"] is None:
            return OBSERVED
        hours = dictionary.limit(act, "skin_test_valid_hours")
        if each["result"] == POSITIVE or act.now - each["read_at"] <= hours * _HOUR_S:
            return str(each["result"])
        return MISSING
    return MISSING


def are_negative(act: Acting, patient: str, lines: Sequence[Record]) -> bool:
    """Say whether every drug of these lines that needs a test has a negative one that still counts."""
    return all(result(act, patient, each["drug"]) == NEGATIVE for each in needed(lines))


def _classes(act: Acting, drug: str) -> set[str]:
    return set(dictionary.drug(act, drug)["allergy_classes"].split(";")) - {""}

"""Codes are called what the reference tables call them."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from sandbox.grading import code_words

REFERENCE = Path(__file__).parents[3] / "fixtures" / "reference"
COLUMNS = {
    "drugs": ("drug_code", "generic_zh", "generic_en"),
    "allergy_classes": ("class_code", "name_zh", "name_en"),
    "icd10": ("code", "name_zh", "name_en"),
    "lab_panels": ("panel_code", "name_zh", "name_en"),
    "imaging_exams": ("exam_code", "name_zh", "name_en"),
}


@pytest.mark.parametrize("name", sorted(COLUMNS))
def test_names_are_those_of_the_reference_table(name: str) -> None:
    code, zh, en = COLUMNS[name]
    with (REFERENCE / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        assert code_words.NAMES[name] == {each[code]: (each[zh], each[en]) for each in csv.DictReader(lines)}


def test_what_an_alert_is_about_may_be_a_drug_a_panel_or_an_exam() -> None:
    assert code_words.name("drugs", "M021") == ("对乙酰氨基酚片", "Paracetamol")
    assert code_words.name("drugs", "P-GLU") == ("葡萄糖测定", "Glucose")
    assert code_words.name("icd10", "M021") is None
    assert code_words.name("unheard_of", "M021") is None

"""The words of report sentences cover what can be graded, and say what the code lists say."""

from __future__ import annotations

import csv
from pathlib import Path

from sandbox.contract import events, state
from sandbox.contract.catalogue import TABLES, TRANSITIONS
from sandbox.grading import field_words, words

CODE_LISTS = Path(__file__).parents[3] / "fixtures" / "reference" / "code_lists.csv"


def test_every_gradable_table_and_column_has_words() -> None:
    assert set(words.TABLES) == set(TABLES)
    assert {column for columns in TABLES.values() for column in columns} == set(words.COLUMNS)


def test_every_state_of_a_gradable_table_has_words() -> None:
    graded = {kind.partition(":")[2] for columns in TABLES.values() for kind in columns.values() if "state:" in kind}
    states = {each.target for each in TRANSITIONS if each.entity in graded}
    assert states - set(words.STATES) == set()


def test_codes_are_called_what_the_code_list_calls_them() -> None:
    with CODE_LISTS.open(encoding="utf-8", newline="") as rows:
        listed = {(row["list_id"], row["code"]): (row["name_zh"], row["name_en"]) for row in csv.DictReader(rows)}
    ours = {(name, code): pair for name, codes in words.CODES.items() for code, pair in codes.items()}
    assert ours == {key: pair for key, pair in listed.items() if key[0] in words.CODES}


def test_values_are_told_by_their_kind() -> None:
    assert words.value("bool", True) == ("是", "yes")
    assert words.value("bool", False) == ("否", "no")
    assert words.value("state:registration", "completed") == ("已诊毕", "completed")
    assert words.value("code:allergy_source", "SELF") == ("患者自述", "Reported by the patient")
    assert words.value("code:icd10", "J06.9") == ("J06.9", "J06.9")
    assert words.value("text", None) == ("空", "empty")
    assert words.value("int", 0) == ("0", "0")


def test_what_has_no_words_is_called_by_its_name() -> None:
    assert words.column("no_such") == ("no_such", "no_such")


def test_every_attribute_of_what_a_hospital_offers_has_words_of_its_own() -> None:
    served = {column for columns in state.TABLES.values() for column in columns}
    attributes = {name for action in events.ACTIONS.values() for name in action.attributes}
    assert attributes - set(field_words.FIELDS) - served == set()
    assert words.field("account") == ("账号", "account")
    assert words.field("patient") == ("患者", "patient")

"""The hospital's password policy, rule by rule."""

from __future__ import annotations

import pytest

from sandbox.people import operations, password_rules
from sandbox.people.password_rules import Rule, broken_rules


@pytest.mark.parametrize(
    ("password", "broken"),
    [
        ("Lotus-pond-77", []),
        ("Lotuspond7", []),
        ("莲花池塘-Lotus7", []),
        ("Lotus-pon", ["short"]),
        ("A1" + "b" * 126, []),
        ("A1" + "b" * 127, ["long"]),
        ("lotus-pondss", ["classes"]),
        ("lotuspondss7", ["classes"]),
        ("", ["short", "classes"]),
        ("Password-2030", ["common"]),
        ("Hospital-77x", ["common"]),
        ("xx-P0001-Lotus", ["login"]),
        ("xx-p0001-Lotus", ["login"]),
        ("爱丽丝-Lotus-77", ["name"]),
        ("admin", ["short", "classes", "common"]),
    ],
)
def test_a_password_breaks_these_rules(password: str, broken: list[Rule]) -> None:
    assert broken_rules(password, login="P0001", name="爱丽丝") == broken


def test_every_part_of_a_name_in_letters_counts() -> None:
    assert broken_rules("Liddell-pond-7", login="P1", name="Alice Liddell") == ["name"]
    assert broken_rules("Lotus-pond-77", login="P1", name="A B") == []


def test_72_bytes_are_no_border() -> None:
    base = "A1" + "莲" * 30
    assert len(base.encode()) > 72
    assert broken_rules(base + "x", login="P1", name="x") == broken_rules(base + "y", login="P1", name="x") == []


def test_every_rule_has_words_in_both_languages() -> None:
    for zh, en in password_rules.WORDS.values():
        assert zh
        assert en
        assert zh != en


def test_a_random_password_keeps_the_rules_it_will_be_judged_by() -> None:
    drawn = [operations.random_password() for _ in range(200)]
    assert len(set(drawn)) == 200
    assert {len(each) for each in drawn} == {16}
    assert all(not set(each) & set("0O1lIi") for each in drawn)
    # The common words have letters that a random draw may hit once in a very long while.
    assert all(set(broken_rules(each, login="P0001", name="爱丽丝")) <= {"common"} for each in drawn)

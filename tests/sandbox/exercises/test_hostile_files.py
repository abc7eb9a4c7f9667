"""Files written to stall whoever reads them: every one is refused soon, with a place, whatever it multiplies."""

from __future__ import annotations

import time

import pytest

from sandbox.exercises import loader, scripts
from sandbox.exercises.problems import LONGEST_WORD, MAX_PROBLEMS, nearest
from tests.sandbox.exercises.files import VALID, VOCABULARY

SIXTEEN = "vary: {v: [" + ", ".join(f"{{a: x{n}}}" for n in range(16)) + "]}\n"


def _many_parts() -> str:
    parts = ", ".join("{state: {table: allergy, where: {patient: $lin}, one: {source: SELF}}}" for _ in range(1500))
    return VALID.replace("order: [told, signed]", f"any_of: [{parts}]") + SIXTEEN


def _chain() -> str:
    names = ["late", *(f"t{n}" for n in range(1500))]
    chained = zip(names[1:], names, strict=False)
    return VALID + "".join(
        f"  - {{name: {name}, from: {before}, expect: {{score: 60, result: fail}}}}\n" for name, before in chained
    )


HOSTILE = {
    "a text in every hole": VALID.replace("en: 'See {$lin.name}'", f"en: '{'{$v.a}' * 10_000}'")
    + f"vary: {{v: [{{a: {'x' * 100_000}}}, {{a: y}}]}}\n",
    "a list in every place": VALID
    + f"vary: {{v: [{{a: [{','.join('1' * 9000)}]}}]}}\nnotes: [{','.join(['$v.a'] * 9000)}]\n",
    "sixteen long files": _many_parts(),
    "unknown keys in sixteen variants": VALID + SIXTEEN + "".join(f"zz{n}: 1\n" for n in range(9000)),
    "unknown fields beside many": VALID
    + f"vary: {{v: [{{{', '.join(f'fieldname{n}: 1' for n in range(3000))}}}]}}\n"
    + f"notes: [{', '.join(f'$v.fieldnamx{n}' for n in range(1500))}]\n",
    "a chain of tests": _chain(),
    "a very long id": VALID.replace("small-one", "small-" + "a" * 200_000),
    "a very long name": VALID.replace("patient: $lin, seat: doc", f"patient: ${'l' * 100_000}, seat: doc"),
    "a rubric of thousands": VALID.replace(
        "order: [told, signed]",
        f"rubric: {{levels: [{', '.join(f'{{points: {n}, zh: a, en: b}}' for n in range(3000))}]}}",
    )
    + SIXTEEN,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_that_multiplies_is_refused_within_three_seconds(name: str) -> None:
    spent = []
    for _ in range(3):
        begun = time.process_time()
        loaded, problems = loader.examine(HOSTILE[name].encode(), vocabulary=VOCABULARY)
        spent.append(time.process_time() - begun)
        assert loaded is None
        assert problems
        if spent[-1] < 3:
            break
    assert min(spent) < 3


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("say: {from: {zh: 患者, en: Patient}, zh: 过敏, en: Rash}", "jump: +9000y"),
        ("birth_date: -34y", "birth_date: -9000y"),
        ("paid_at: today 08:02", "paid_at: +99999mo 08:02"),
    ],
)
def test_a_date_beyond_the_calendar_is_told_like_any_other_mistake(old: str, new: str) -> None:
    assert old in VALID
    _, problems = loader.examine(VALID.replace(old, new).encode())
    assert [each.code for each in problems] == ["EX207"]


def test_what_variants_may_grow_to_is_told() -> None:
    def said(name: str) -> str:
        return loader.examine(HOSTILE[name].encode())[1][0].en

    assert said("a text in every hole") == "too large: characters filled in 1100000, limit 1048576"
    assert said("a list in every place") == "too large: nodes of all variants 100001, limit 100000"


def test_a_list_of_problems_ends_and_says_so() -> None:
    _, problems = loader.examine((VALID + "".join(f"zz{n}: 1\n" for n in range(500))).encode())
    assert len(problems) == MAX_PROBLEMS + 1
    assert [each.en for each in problems if each.code == "EX105"] == [
        f"too many problems: these are the first {MAX_PROBLEMS} found; correct them and check again"
    ]


def test_a_chain_of_derived_tests_has_an_end() -> None:
    _, problems = loader.examine(_chain().encode())
    wanted = f"no test derived in at most {scripts.MAX_DERIVED} steps named "
    assert problems[0].code == "EX302"
    assert problems[0].en.startswith(wanted)


def test_the_nearest_word_is_found_among_very_many() -> None:
    known = [f"word{n}" for n in range(5000)] + ["penicillin"]
    assert nearest("penicilin", known) == "penicillin"
    assert nearest("p" * (LONGEST_WORD + 1), known) == ""

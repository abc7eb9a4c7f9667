"""The mistakes a trainer makes most: each is told with its place, and what to write instead, in both languages."""

from __future__ import annotations

import pytest

from tests.sandbox.exercises import files

Change = tuple[str, str]

TITLE = "title: {zh: 小练习, en: Small}"
SIGNED = "signed: {action: prescription.sign, patient: $lin, max_days: {max: 7}}"

MISTAKES: dict[str, tuple[Change, str, str]] = {
    "indented with a tab": (
        ("version: 1", "version: 1\n\tlibrary: X05"),
        "4:1 EX101 cannot read: indent with spaces, not with tabs",
        "4:1 EX101 无法读取：缩进只能用空格，不能用制表符（Tab）",
    ),
    "a bracket left open": (
        (TITLE, "title: {zh: 小练习, en: Small"),
        "5:6 EX101 cannot read: a { before this is not closed, or a comma is missing",
        "5:6 EX101 无法读取：前面的 { 没有闭合，或缺少逗号",
    ),
    "a quotation mark left open": (
        ("clock: '08:30'", "clock: '08:30"),
        "14:23 EX101 cannot read: this does not line up with the lines above: check the indentation, and whether a "
        "quotation mark is open",
        "14:23 EX101 无法读取：与上一行对不齐：请检查缩进，以及上面的引号是否闭合",
    ),
    "a colon inside a text": (
        (TITLE, "title:\n  zh: 练习: 一\n  en: Small"),
        "5:9 EX101 cannot read: a colon too many here, or uneven indentation; quote a text with ': ' in it: '…'",
        "5:9 EX101 无法读取：此处多了一个冒号，或缩进不齐；含“: ”的文本请加引号：'…'",
    ),
    "a full-width colon behind a key": (
        (TITLE, "title: {zh：小练习, en: Small}"),
        "4:9 EX201 unknown key 'zh：小练习' in title; write 'key: value', with a half-width colon and a space after it",
        "4:9 EX201 title中有未知的键 'zh：小练习'；请写成“键: 值”，用半角冒号，冒号后加空格",
    ),
    "a comma inside a text": (
        ("zh: 过敏, en: Rash", "zh: 过敏,皮疹, en: Rash"),
        "15:90 EX201 unknown key '皮疹' in say of inject 'rash'; quote a text that holds a comma, or write a "
        "full-width one: ，",
        "15:90 EX201 情境事件 'rash' 的 say 中有未知的键 '皮疹'；含半角逗号的文本请加引号，或改用全角逗号“，”",
    ),
    "a key misspelt": (
        ("points: 40", "point: 40"),
        "21:17 EX201 unknown key 'point' in check 'order'; did you mean 'points'?",
        "21:17 EX201 检查项 'order' 中有未知的键 'point'；是否应为 'points'？",
    ),
    "the English text forgotten": (
        ("zh: 顺序, en: Order", "zh: 顺序"),
        "21:5 EX204 check 'order' needs both zh and en",
        "21:5 EX204 检查项 'order' 必须同时有 zh 和 en",
    ),
    "a code written as a number": (
        ("sex: '2'", "sex: 2"),
        "8:24 EX203 'sex' must be text, found 2; quote it: '2'",
        "8:24 EX203 'sex' 应为文本，实际为 2；请加引号：'2'",
    ),
    "yes for true": (
        ("zh: 顺序, en: Order", "zh: 顺序, en: Order, must: yes"),
        "21:64 EX203 'must' must be true or false, found yes",
        "21:64 EX203 'must' 应为true 或 false，实际为 yes",
    ),
    "minutes without a unit": (
        ("time: 20m", "time: 20"),
        "5:15 EX203 'time' must be a duration such as 10m, found 20",
        "5:15 EX203 'time' 应为时长（如 10m），实际为 20",
    ),
    "a date of the calendar": (
        ("birth_date: -34y", "birth_date: 1990-01-01"),
        "8:41 EX207 '1990-01-01' is not a date such as today, -34y, +3d 08:15",
        "8:41 EX207 '1990-01-01' 不是日期（如 today、-34y、+3d 08:15）",
    ),
    "an action by what the page calls it": (
        ("told: {action: allergy.record", "told: {action: 登记过敏"),
        "18:18 EX303 action, error code or rule '登记过敏' is not in the catalogue; nearest: allergy.record",
        "18:18 EX303 目录中没有动作、错误码或规则 '登记过敏'；最接近的是 allergy.record",
    ),
    "a code by its name": (
        ("class: PEN", "class: 青霉素类"),
        "18:56 EX305 '青霉素类' is not in allergy_classes; did you mean 'PEN'?",
        "18:56 EX305 '青霉素类' 不在 allergy_classes 中；是否应为 'PEN'？",
    ),
    "a drug by nearly its name": (
        (SIGNED, "signed: {action: prescription.sign, patient: $lin, drugs: {contains: 阿莫西林}}"),
        "19:72 EX305 '阿莫西林' is not in drugs; did you mean 'M001'?",
        "19:72 EX305 '阿莫西林' 不在 drugs 中；是否应为 'M001'？",
    ),
    "a person nobody introduced": (
        ("told: {action: allergy.record, patient: $lin,", "told: {action: allergy.record, patient: $lim,"),
        "18:43 EX301 $lim is not in cast or start; did you mean $lin?",
        "18:43 EX301 $lim 不在 cast 或 start 中；是否应为 $lin？",
    ),
    "an event misspelt": (
        ("order: [told, signed]", "order: [told, singed]"),
        "21:72 EX302 no event named 'singed'; did you mean 'signed'?",
        "21:72 EX302 没有名为 'singed' 的事件；是否应为 'signed'？",
    ),
    "points that do not add up": (
        ("points: 40", "points: 45"),
        "20:1 EX409 points add up to 105, not 100; 5 too many",
        "20:1 EX409 分值合计为 105，不是 100；多了 5 分",
    ),
    "a check that who does nothing passes": (
        ("one: {source: SELF}", "none: true"),
        "22:53 EX411 an idle trainee would satisfy this; add requires",
        "22:53 EX411 什么都不做的人也会满足此项；请加 requires",
    ),
    "an id used twice": (
        ("id: row", "id: order"),
        "22:10 EX206 id 'order' is already used on line 21",
        "22:10 EX206 标识 'order' 在第 21 行已经用过",
    ),
    "two questions in one check": (
        ("order: [told, signed]", "order: [told, signed], count: {event: told}"),
        "21:5 EX205 check 'order' needs exactly one of state, order, within, count, answer, rubric, any_of, all_of",
        "21:5 EX205 检查项 'order' 必须且只能有其中一个：state, order, within, count, answer, rubric, any_of, all_of",
    ),
    "a limit that gives nothing before it gives all": (
        ("order: [told, signed]", "within: {from: told, to: signed, full: 10m, zero: 5m}"),
        "21:108 EX413 zero must be above full",
        "21:108 EX413 zero 必须大于 full",
    ),
    "a column of another table": (
        ("one: {source: SELF}", "one: {diagnosis: SELF}"),
        "22:100 EX304 table 'allergy' has no column 'diagnosis'",
        "22:100 EX304 表 'allergy' 没有列 'diagnosis'",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_careless_mistake_is_told_with_its_place_and_what_to_write(name: str) -> None:
    change, english, chinese = MISTAKES[name]
    text = files.changed(change)
    assert english in files.problems(text)
    assert chinese in files.problems(text, "zh")


def test_a_file_saved_by_an_old_editor_says_how_to_save_it() -> None:
    content = files.VALID.encode("gbk")
    assert files.problems(content) == ["1:1 EX101 cannot read: it is not UTF-8; save it as UTF-8"]
    assert files.problems(content, "zh") == ["1:1 EX101 无法读取：不是 UTF-8 编码；请另存为 UTF-8"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: @x", "a text cannot begin with this sign; quote it: '…'"),
        ('a: "x', "a quotation mark before this is not closed"),
        ('a: "\\x"', "a \\ has a meaning of its own between double quotes; use single quotes"),
        ('a: "\\c"', "a \\ has a meaning of its own between double quotes; use single quotes"),
        ("a: [x", "a [ before this is not closed, or a comma is missing"),
        ("a: 1\nb\nc: 2", "a colon is missing: write 'key: value', with a space after it"),
    ],
)
def test_what_the_parser_says_is_put_into_an_authors_words(text: str, said: str) -> None:
    assert files.problems(text)[0].partition("cannot read: ")[2] == said

"""What the YAML parser's complaints mean to an author, and what to write instead."""

from __future__ import annotations

from sandbox.exercises.problems import Said

_QUOTE = "'…'"
_MEANINGS: tuple[tuple[str, Said], ...] = (
    ("character '\\t'", Said("缩进只能用空格，不能用制表符（Tab）", "indent with spaces, not with tabs")),
    (
        "cannot start any token",
        Said(f"文本不能以这个符号开头；请加引号：{_QUOTE}", f"a text cannot begin with this sign; quote it: {_QUOTE}"),
    ),
    (
        "mapping values are not allowed",
        Said(
            f"此处多了一个冒号，或缩进不齐；含“: ”的文本请加引号：{_QUOTE}",
            f"a colon too many here, or uneven indentation; quote a text with ': ' in it: {_QUOTE}",
        ),
    ),
    (
        "expected ',' or '}'",
        Said("前面的 { 没有闭合，或缺少逗号", "a { before this is not closed, or a comma is missing"),
    ),
    (
        "expected ',' or ']'",
        Said("前面的 [ 没有闭合，或缺少逗号", "a [ before this is not closed, or a comma is missing"),
    ),
    (
        "unexpected end of stream",
        Said("前面的引号没有闭合", "a quotation mark before this is not closed"),
    ),
    (
        "expected <block end>",
        Said(
            "与上一行对不齐：请检查缩进，以及上面的引号是否闭合",
            "this does not line up with the lines above: check the indentation, and whether a quotation mark is open",
        ),
    ),
    (
        "could not find expected ':'",
        Said("缺少冒号：应写成“键: 值”，冒号后有空格", "a colon is missing: write 'key: value', with a space after it"),
    ),
    (
        "escape",
        Said(
            '双引号里的 \\ 有特殊含义；请改用单引号',
            'a \\ has a meaning of its own between double quotes; use single quotes',
        ),
    ),
)  # fmt: skip


def meaning(problem: str) -> Said:
    """Return what is wrong in the author's words; the parser's own where nobody has met it yet."""
    for part, said in _MEANINGS:
        if part in problem:
            return said
    return Said(f"语法错误（{problem}）", problem)

"""What can be wrong in an exercise file: one code, place and sentence (zh and en) per problem."""

from __future__ import annotations

import difflib
import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, kw_only=True, order=True)
class Mark:
    """A place in the file, counted from 1."""

    line: int
    column: int


@dataclass(frozen=True, kw_only=True, order=True)
class Problem:
    mark: Mark
    code: str
    zh: str
    en: str

    def say(self, file: str, language: Literal["zh", "en"]) -> str:
        """Return `file:41:9 EX201 …` in one language."""
        sentence = self.zh if language == "zh" else self.en
        return f"{file}:{self.mark.line}:{self.mark.column} {self.code} {sentence}"


@dataclass(frozen=True)
class Said:
    """A part of a sentence that differs between the languages."""

    zh: str
    en: str


Fact = Said | str | int

TEMPLATES: Mapping[str, tuple[str, str]] = {
    "EX101": ("无法读取：{reason}", "cannot read: {reason}"),
    "EX102": ("键 '{k}' 在第 {n} 行已经写过", "key '{k}' was already given on line {n}"),
    "EX103": ("不允许锚点、别名、合并键和标签", "anchors, aliases, merge keys and tags are not allowed"),
    "EX104": ("文件过大：{what} {n}，上限 {m}", "too large: {what} {n}, limit {m}"),
    "EX105": (
        "问题太多，只列出先发现的 {n} 个；请改正后再检查",
        "too many problems: these are the first {n} found; correct them and check again",
    ),
    "EX201": ("{where}中有未知的键 '{k}'", "unknown key '{k}' in {where}"),
    "EX201.near": (
        "{where}中有未知的键 '{k}'；是否应为 '{near}'？",
        "unknown key '{k}' in {where}; did you mean '{near}'?",
    ),
    "EX201.comma": (
        "{where}中有未知的键 '{k}'；含半角逗号的文本请加引号，或改用全角逗号“，”",
        "unknown key '{k}' in {where}; quote a text that holds a comma, or write a full-width one: ，",
    ),
    "EX201.colon": (
        "{where}中有未知的键 '{k}'；请写成“键: 值”，用半角冒号，冒号后加空格",
        "unknown key '{k}' in {where}; write 'key: value', with a half-width colon and a space after it",
    ),
    "EX202": ("{where}缺少 '{k}'", "{where} needs '{k}'"),
    "EX203": ("'{k}' 应为{type}，实际为 {value}", "'{k}' must be {type}, found {value}"),
    "EX203.quote": (
        "'{k}' 应为{type}，实际为 {value}；请加引号：'{value}'",
        "'{k}' must be {type}, found {value}; quote it: '{value}'",
    ),
    "EX204": ("{where}必须同时有 zh 和 en", "{where} needs both zh and en"),
    "EX205": ("{where}必须且只能有其中一个：{list}", "{where} needs exactly one of {list}"),
    "EX206": ("标识 '{id}' 在第 {n} 行已经用过", "id '{id}' is already used on line {n}"),
    "EX207.duration": ("'{v}' 不是时长（如 10m）", "'{v}' is not a duration such as 10m"),
    "EX207.date": (
        "'{v}' 不是日期（如 today、-34y、+3d 08:15）",
        "'{v}' is not a date such as today, -34y, +3d 08:15",
    ),
    "EX301": ("${n} 不在 cast 或 start 中", "${n} is not in cast or start"),
    "EX301.near": (
        "${n} 不在 cast 或 start 中；是否应为 ${near}？",
        "${n} is not in cast or start; did you mean ${near}?",
    ),
    "EX302": ("没有名为 '{n}' 的{what}", "no {what} named '{n}'"),
    "EX302.near": ("没有名为 '{n}' 的{what}；是否应为 '{near}'？", "no {what} named '{n}'; did you mean '{near}'?"),
    "EX303": (
        "目录中没有动作、错误码或规则 '{a}'",
        "action, error code or rule '{a}' is not in the catalogue",
    ),
    "EX303.near": (
        "目录中没有动作、错误码或规则 '{a}'；最接近的是 {near}",
        "action, error code or rule '{a}' is not in the catalogue; nearest: {near}",
    ),
    "EX304.table": ("没有表 '{t}'", "there is no table '{t}'"),
    "EX304.table.near": ("没有表 '{t}'；最接近的是 '{near}'", "there is no table '{t}'; nearest: '{near}'"),
    "EX304.column": ("表 '{t}' 没有列 '{c}'", "table '{t}' has no column '{c}'"),
    "EX304.column.near": (
        "表 '{t}' 没有列 '{c}'；最接近的是 '{near}'",
        "table '{t}' has no column '{c}'; nearest: '{near}'",
    ),
    "EX304.attribute": ("动作 '{a}' 没有属性 '{c}'", "action '{a}' has no attribute '{c}'"),
    "EX304.attribute.near": (
        "动作 '{a}' 没有属性 '{c}'；最接近的是 '{near}'",
        "action '{a}' has no attribute '{c}'; nearest: '{near}'",
    ),
    "EX305": ("'{v}' 不在 {list} 中", "'{v}' is not in {list}"),
    "EX305.near": (
        "'{v}' 不在 {list} 中；是否应为 '{near}'？",
        "'{v}' is not in {list}; did you mean '{near}'?",
    ),
    "EX401": ("第 {version} 版已发布；请改用 {next}", "version {version} is released; use {next}"),
    "EX402": ("critical_cap 必须低于 pass", "critical_cap must be below pass"),
    "EX403": ("参加人数多于岗位数", "more players than seats"),
    "EX404": ("两个待建档人员的身份相同：{v}", "two absent people share the identity {v}"),
    "EX405": ("起始数据违反 HIS 规则：{code}", "start breaks a rule of the HIS: {code}"),
    "EX406": (
        "步骤 {step} 的提示共扣 {n} 分，而它的检查项只值 {m} 分",
        "hints of {step} cost {n}, its checks are worth {m}",
    ),
    "EX407": ("情境事件 '{id}' 在等待它自己", "inject '{id}' waits for itself"),
    "EX408": ("事件 '{e}' 没有被使用", "event '{e}' is used nowhere"),
    "EX409": ("分值合计为 {n}，不是 100；{fix}", "points add up to {n}, not 100; {fix}"),
    "EX411": (
        "什么都不做的人也会满足此项；请加 requires",
        "an idle trainee would satisfy this; add requires",
    ),
    "EX412": ("'{a}' 和 '{b}' 可能匹配同一行", "'{a}' and '{b}' can match the same row"),
    "EX413": ("zero 必须大于 full", "zero must be above full"),
    "EX414": ("times 允许 0 次；请改用 never", "times allows 0; use never"),
    "EX415": ("any_of 和 all_of 嵌套过深", "any_of and all_of are nested too deep"),
    "EX410": ("自测 '{t}':{zh}", "test '{t}': {en}"),
    "EX501": ("自测 '{t}' 仍是草稿（draft: true）", "test '{t}' is still a draft"),
    "EX502": ("缺少空操作的自测 'idle'(run: [])", "there is no test 'idle' with an empty run"),
    "EX502.scores": (
        "什么都不做也得 {n} 分{hit}",
        "doing nothing scores {n}{hit}, not exactly 0",
    ),
    "EX503": ("缺少名为 'reference' 的自测", "there is no test 'reference'"),
    "EX503.scores": (
        "标准做法 'reference' 得 {n} 分（{result}）{hints}，应为 100 分、通过、不用提示",
        "'reference' scores {n} ({result}){hints}; it must score 100, pass and open no hint",
    ),
    "EX504": ("只有 {n} 个自测，至少 8 个", "{n} tests; at least 8 are needed"),
    "EX505": ("没有自测会在检查项 '{id}' 上失分", "no test loses check '{id}'; add one that does this wrong"),
    "EX506": ("没有自测触发扣分规则 '{id}'", "no test hits rule '{id}'; add one that does it"),
    "EX506.critical": ("规则 '{id}' 是致命的，但自测 '{t}' 仍然通过", "rule '{id}' is critical, yet test '{t}' passes"),
    "EX507": ("没有自测触发情境事件 '{id}'", "no test fires inject '{id}'"),
    "EX508": (
        "变异 '{m}' 无人发现：{what}也得满分；{advice}",
        "mutant '{m}' survives: {what} still scores 100; {advice}",
    ),
    "EX508.killed": (
        "变异 '{m}' 被列为等价，却得 {n} 分（{by}）",
        "mutant '{m}' is excused, yet it scores {n} ({by})",
    ),
    "EX508.unknown": ("没有变异 '{m}'", "there is no mutant '{m}'"),
    "EX508.unknown.near": ("没有变异 '{m}'；最接近的是 '{near}'", "there is no mutant '{m}'; nearest: '{near}'"),
    "EX509": ("自测 '{t}' 无法评分：{zh}", "test '{t}' ends in an error: {en}"),
    "EX509.twice": ("自测 '{t}' 两次评分结果不同", "test '{t}' does not give the same bytes when graded twice"),
    "EX510": (
        "自测 '{t}' 在真实页面上与内存中不一致：{what}",
        "test '{t}' differs between memory and real pages: {what}",
    ),
    "EX511": ("模拟医院尚未提供 {action}", "the hospital does not offer {action} yet"),
    "EX511.fields": (
        "自测 '{t}' 的 '{step}' 在页面上做不到：{why}",
        "no page lets step '{step}' of test '{t}' be done: {why}",
    ),
    "EX512": ("至少需要 {n} 人参加；目前一套环境只能一人使用", "needs {n} players; an instance has one player yet"),
}


MAX_PROBLEMS = 100
"""Nobody reads more at once, and each costs a search for what was meant: a hostile file must not cost minutes."""
MAX_COMPARED = 300
"""Known words that one is compared with."""
LONGEST_WORD = 80
"""A longer word is no slip of the pen, and comparing takes the product of the lengths."""


class TooManyProblemsError(Exception):
    """As many problems as one list holds are recorded: reading on finds nothing anybody would see."""


@dataclass
class Problems:
    """Collects problems, each place and sentence once."""

    found: set[Problem] = field(default_factory=set)

    def add(self, code: str, mark: Mark, /, **facts: Fact) -> None:
        """Record a problem. A `near` fact picks the sentence that offers it. Raises TooManyProblemsError."""
        template = f"{code}.near" if facts.get("near") and f"{code}.near" in TEMPLATES else code
        zh, en = TEMPLATES[template]
        told = {name: fact if isinstance(fact, Said) else Said(str(fact), str(fact)) for name, fact in facts.items()}
        self.found.add(
            Problem(
                mark=mark,
                code=code.partition(".")[0],
                zh=zh.format_map({name: said.zh for name, said in told.items()}),
                en=en.format_map({name: said.en for name, said in told.items()}),
            )
        )
        if len(self.found) == MAX_PROBLEMS:
            self.add("EX105", mark, n=MAX_PROBLEMS)
            raise TooManyProblemsError

    def sorted(self) -> tuple[Problem, ...]:
        """Return all problems in the order of the file."""
        return tuple(sorted(self.found))


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word that is most like this one, '' if none is.

    Of very many words only the likeliest are compared: those that begin alike, nearest in length first.
    """
    if len(word) > LONGEST_WORD:
        return ""
    short = (each for each in known if len(each) <= LONGEST_WORD)
    likely = heapq.nsmallest(
        MAX_COMPARED, short, key=lambda each: (each[:1] != word[:1], abs(len(each) - len(word)), each)
    )
    close = difflib.get_close_matches(word, likely, n=1, cutoff=0.5)
    return close[0] if close else ""

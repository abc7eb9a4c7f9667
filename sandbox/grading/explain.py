"""Report sentences: one template per kind of check and outcome, in zh and en."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from sandbox.contract.catalogue import ACTIONS
from sandbox.contract.exercise_pack import Words
from sandbox.contract.journal import Row
from sandbox.exercises.plan import Compiled, Plan
from sandbox.grading import words

Pair = words.Pair
Fact = Pair | str | int

TEMPLATES: Mapping[tuple[str, str], Pair] = {
    ("state.one", "full"): ("{table}符合要求{rows}", "The {table} is right{rows}"),
    ("state.one", "part"): (
        "{table}{total}项中有{good}项正确{rows}；不符：{wrong}",
        "{good} of {total} parts of the {table} are right{rows}; wrong: {wrong}",
    ),
    ("state.one", "none"): ("{table}不符合要求{rows}；{wrong}", "The {table} is not right{rows}; {wrong}"),
    ("state.one", "not_reached"): (
        "没有发生：本次练习没有写过符合条件的{table}",
        "Nothing happened: no such {table} was written",
    ),
    ("state.none", "full"): ("没有不该有的{table}", "There is no {table} that should not be there"),
    ("state.none", "none"): (
        "有{n}条不该有的{table}{rows}",
        "Found {n} of the kind {table} that should not be there{rows}",
    ),
    ("state.count", "full"): ("{table}共{n}条，符合要求{rows}", "Found {n} of the kind {table}, as asked{rows}"),
    ("state.count", "part"): (
        "{table}共{n}条，要求{wanted}{rows}",
        "Found {n} of the kind {table}, asked for {wanted}{rows}",
    ),
    ("state.count", "none"): (
        "{table}共{n}条，要求{wanted}{rows}",
        "Found {n} of the kind {table}, asked for {wanted}{rows}",
    ),
    ("state.count", "not_reached"): (
        "没有发生：没有符合条件的{table}，要求{wanted}",
        "Nothing happened: no such {table}, asked for {wanted}",
    ),
    ("order", "full"): ("顺序正确：{chain}", "In the right order: {chain}"),
    ("order", "part"): (
        "{total}段顺序中有{good}段正确：{chain}；{faults}",
        "{good} of {total} steps in the right order: {chain}; {faults}",
    ),
    ("order", "none"): ("顺序不对：{chain}；{faults}", "Not in the right order: {chain}; {faults}"),
    ("order", "not_reached"): ("都没有发生：{chain}", "None of this happened: {chain}"),
    ("within", "full"): ("{start}到{to}用时{d}；{limit}", "{start} to {to} took {d}; {limit}"),
    ("within", "part"): ("{start}到{to}用时{d}；{limit}", "{start} to {to} took {d}; {limit}"),
    ("within", "none"): ("{start}到{to}用时{d}；{limit}", "{start} to {to} took {d}; {limit}"),
    ("within", "not_reached"): ("没有发生：{to}；{limit}", "Did not happen: {to}; {limit}"),
    ("within.groups", "full"): ("{n}组都按时完成；{limit}", "All {n} in time; {limit}"),
    ("within.groups", "part"): ("{n}组中部分按时完成{rows}；{limit}", "Some of {n} in time{rows}; {limit}"),
    ("within.groups", "none"): ("{n}组都没有按时完成{rows}；{limit}", "None of {n} in time{rows}; {limit}"),
    ("within.groups", "not_reached"): ("没有发生：{to}；{limit}", "Did not happen: {to}; {limit}"),
    ("count", "full"): ("{event}{n}次，符合要求{rows}", "{event}: {n}, as asked{rows}"),
    ("count", "part"): ("{event}{n}次，要求{wanted}{rows}", "{event}: {n}, asked for {wanted}{rows}"),
    ("count", "none"): ("{event}{n}次，要求{wanted}{rows}", "{event}: {n}, asked for {wanted}{rows}"),
    ("count", "not_reached"): ("没有发生符合条件的操作：{event}", "Did not happen as asked: {event}"),
    ("answer", "full"): ("回答正确：{given}{rows}", "Right answer: {given}{rows}"),
    ("answer", "part"): ("回答部分正确：{given}；应为{key}{rows}", "Partly right: {given}; the answer is {key}{rows}"),
    ("answer", "none"): ("回答不对：{given}；应为{key}{rows}", "Not right: {given}; the answer is {key}{rows}"),
    ("answer", "not_reached"): ("没有作答；应为{key}", "Not answered; the answer is {key}"),
    ("rubric", "full"): ("人工评分{mark}分：{level}", "Marked {mark}: {level}"),
    ("rubric", "part"): ("人工评分{mark}分：{level}", "Marked {mark}: {level}"),
    ("rubric", "none"): ("人工评分{mark}分：{level}", "Marked {mark}: {level}"),
    ("rubric", "pending"): ("待培训师评分：{levels}", "To be marked by the trainer: {levels}"),
    ("rubric", "not_reached"): ("没有发生任何操作，没有可评的内容", "Nothing happened, so there is nothing to mark"),
    ("any_of", "full"): ("第{n}种做法成立：{inner}", "Way {n} holds: {inner}"),
    ("any_of", "part"): ("最接近的是第{n}种做法：{inner}", "Way {n} comes closest: {inner}"),
    ("any_of", "none"): ("哪种做法都不成立：{inner}", "No way holds: {inner}"),
    ("any_of", "not_reached"): ("哪种做法都没有发生：{inner}", "No way was taken: {inner}"),
    ("all_of", "full"): ("全部成立：{inner}", "All hold: {inner}"),
    ("all_of", "part"): ("部分成立：{inner}", "Some hold: {inner}"),
    ("all_of", "none"): ("都不成立：{inner}", "None holds: {inner}"),
    ("all_of", "not_reached"): ("都没有发生：{inner}", "None of it happened: {inner}"),
    ("requires", "not_reached"): ("没有发生前提：{event}", "What it builds on did not happen: {event}"),
    ("check", "error"): ("无法评分，不扣分：{reason}", "Cannot be graded, costs nothing: {reason}"),
    ("never", "hit"): ("出现{n}次{rows}，扣{lost}分", "Happened {times}{rows}, minus {lost}"),
    ("never", "critical"): (
        "出现{n}次{rows}，扣{lost}分；属严重错误，本次不通过",
        "Happened {times}{rows}, minus {lost}; critical, the attempt fails",
    ),
    ("hint", "cost"): ("打开提示{hints}，扣{cost}分", "Opened {hints}, minus {cost}"),
    ("hint", "free"): ("打开提示{hints}，不扣分", "Opened {hints}, free"),
    ("near", "outcome"): ("#{seq} {action}被拒绝({code})", "#{seq} {action}: refused ({code})"),
    ("near", "field"): ("#{seq} {action}：{part}不符", "#{seq} {action}: not as asked in its {part}"),
}


def say(kind: str, outcome: str, **facts: Fact) -> Words:
    """Return the sentence of a kind and outcome, filled with facts in both languages."""
    zh, en = TEMPLATES[kind, outcome]
    told = {name: fact if isinstance(fact, tuple) else (str(fact), str(fact)) for name, fact in facts.items()}
    return Words(
        zh=zh.format_map({name: pair[0] for name, pair in told.items()}),
        en=_capital(en.format_map({name: pair[1] for name, pair in told.items()})),
    )


def joined(parts: Iterable[Pair], *, zh: str = "、", en: str = ", ") -> Pair:
    """Return several pairs as one."""
    listed = list(parts)
    return zh.join(pair[0] for pair in listed), en.join(pair[1] for pair in listed)


def rows(numbers: Sequence[int]) -> Pair:
    """Return journal numbers in brackets, nothing if there are none."""
    if not numbers:
        return "", ""
    shown = [f"#{number}" for number in numbers[:5]]
    rest = "…" if len(numbers) > len(shown) else ""
    return f"({'、'.join(shown)}{rest})", f" ({', '.join(shown)}{rest})"


def event(plan: Plan, name: str) -> Pair:
    """Return what people call an event: its actions."""
    actions = list(dict.fromkeys(action for pattern in plan.events[name] for action in pattern["actions"]))
    return joined((action_words(action) for action in actions[:3]), zh="或", en=" or ")


def action_words(action: str) -> Pair:
    """Return what people call an action."""
    known = ACTIONS.get(action)
    return (action, action) if known is None else (known.zh, known.en[:1].lower() + known.en[1:])


def placed(pair: Pair, row: Row | None) -> Pair:
    """Return an event's name with the number of its row, or that it did not happen."""
    if row is None:
        return f"{pair[0]}(未发生)", f"{pair[1]} (did not happen)"
    return f"{pair[0]}(#{row.seq})", f"{pair[1]} (#{row.seq})"


def duration(milliseconds: int) -> Pair:
    """Return `37分15秒`, `37 min 15 s`."""
    seconds = milliseconds // 1000
    parts = [
        (seconds // 86_400, "天", "d"),
        (seconds // 3600 % 24, "小时", "h"),
        (seconds // 60 % 60, "分", "min"),
        (seconds % 60, "秒", "s"),
    ]
    given = [part for part in parts if part[0]] or [(0, "秒", "s")]
    if len(given) == 1 and given[0][1] == "分":
        given = [(given[0][0], "分钟", "min")]
    return "".join(f"{n}{zh}" for n, zh, _ in given), " ".join(f"{n} {en}" for n, _, en in given)


def level(points: Fraction, told: Words) -> Pair:
    """Return a level of a rubric with its points."""
    shown = plain_number(points)
    return f"{shown}分 {told.zh}", f"{shown} {told.en}"


def span(milliseconds: int) -> str:
    """Return `37m15s`, as authors write durations."""
    return duration(milliseconds)[1].replace(" min", "m").replace(" ", "")


def limit(full_ms: int, zero_ms: int | None) -> Pair:
    """Return what a time limit asks for."""
    full = duration(full_ms)
    if zero_ms is None:
        return f"应在{full[0]}内", f"asked for {full[1]}"
    zero = duration(zero_ms)
    return f"{full[0]}内满分，{zero[0]}起零分", f"full to {full[1]}, none from {zero[1]}"


def number_range(low: int, high: int | None) -> Pair:
    """Return how many were asked for."""
    if high is None:
        return f"至少{low}", f"at least {low}"
    return (str(low), str(low)) if low == high else (f"{low}到{high}", f"{low} to {high}")


def wanted(matcher: Compiled, kind: str, names: Mapping[str, str]) -> Pair:
    """Return what a matcher asks for."""
    told = [_operator(operator, one, kind, names) for operator, one in matcher.items()]
    return joined(told, zh="且", en=" and ")


def _operator(operator: str, one: object, kind: str, names: Mapping[str, str]) -> Pair:
    if operator == "empty":
        return ("为空", "be empty") if one else ("不为空", "not be empty")
    listed = one if isinstance(one, list) else [one]
    shown = joined((_value(each, kind, names) for each in listed), zh="或", en=" or ")
    zh, en = _OPERATORS[operator]
    return zh.format(shown[0]), en.format(shown[1])


_OPERATORS: Mapping[str, Pair] = {
    "is": ("为{}", "be {}"),
    "in": ("为{}", "be {}"),
    "not": ("不为{}", "not be {}"),
    "not_in": ("不为{}", "not be {}"),
    "min": ("不小于{}", "be at least {}"),
    "max": ("不大于{}", "be at most {}"),
    "contains": ("含{}", "contain {}"),
    "like": ("形如{}", "look like {}"),
}


def _value(one: object, kind: str, names: Mapping[str, str]) -> Pair:
    if isinstance(one, Mapping):
        if "name" in one:
            name = names.get(str(one["name"]), str(one["name"]))
            return name, name
        text = str(one.get("number", one.get("date")))
        return text, text
    return words.value(kind, one)


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def plain_number(number: Fraction) -> str:
    """Return an exact decimal as authors write it."""
    return format(Decimal(number.numerator) / Decimal(number.denominator), "f")

"""What a mutant does wrong, in words, and which check could catch it if none does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.authoring import mentions
from sandbox.authoring.mutants import Mutant
from sandbox.contract.catalogue import ACTIONS
from sandbox.contract.exercise_pack import Words
from sandbox.exercises import plan as plans
from sandbox.exercises.plan import Plan
from sandbox.exercises.scripts import Act

_DOES: Mapping[str, tuple[str, str]] = {
    "drop": ("漏做 {a.zh}", "leaving out {a.en}"),
    "swap": ("先做 {b.zh} 再做 {a.zh}", "doing {b.en} before {a.en}"),
    "patient": ("把 {a.zh} 做到 {other} 身上", "aiming {a.en} at {other}"),
    "field": ("{a.zh} 的 {other} 填成 {value}", "giving {a.en} {value} as {other}"),
    "repeat": ("{a.zh} 做两次", "doing {a.en} twice"),
    "junk": ("最后多打开 {other} 的病历", "opening the chart of {other} at the end"),
    "late": ("{a.zh} 及其后各步拖过时限", "putting off {a.en} and all after it beyond the limit"),
}
_CATCHES: Mapping[str, tuple[str, str]] = {
    "drop": ("可加 count 或 state 检查 {action}", "add a `count` or `state` check on {action}"),
    "swap": (
        "可加 order 检查；若先后无关，在 equivalent 中说明",
        "add an `order` check or, if the order has no meaning, say so under `equivalent`",
    ),
    "patient": (
        "可加 never 规则：{action},patient: {{not: …}}",
        "add a never rule on {action} with `patient: {{not: …}}`",
    ),
    "field": ("可在 state 检查的 one 中写上 {other}", "name `{other}` in the `one` of a `state` check"),
    "repeat": (
        "可加 state 检查（one），或 count 加 times: 1",
        "add a `state` check with `one`, or `count` with `times: 1`",
    ),
    "junk": ("可用规则 privacy.unrelated_chart", "use the rule privacy.unrelated_chart"),
    "late": ("within 到 zero 应得 0 分", "a `within` must give nothing from `zero` on"),
}


def does(mutant: Mutant, acts: Mapping[str, Act]) -> Words:
    """Return what the mutant does wrong. `acts` are the reference's, by label."""
    kind, facts = _facts(mutant, acts)
    zh, en = _DOES[kind]
    return Words(zh=zh.format(**facts), en=en.format(**facts))


def catches(mutant: Mutant, acts: Mapping[str, Act], plan: Plan) -> Words:
    """Return which check could catch it: a kind to add, and those that look at the act already."""
    kind, facts = _facts(mutant, acts)
    zh, en = _CATCHES[kind]
    said = Words(zh=zh.format(**facts), en=en.format(**facts))
    near = [] if facts["act"] is None else looking(plan, facts["act"].action)
    if not near:
        return said
    listed = ", ".join(near)
    return Words(zh=f"{said.zh}（与此有关的：{listed}）", en=f"{said.en} (looking at it now: {listed})")


def looking(plan: Plan, action: str) -> list[str]:
    """Return the checks and rules that look at rows of this action, or at the records it is about."""
    table = ACTIONS[action].target
    of_event = {name for name, event in plan.events.items() if any(action in one["actions"] for one in event)}
    found = [check.id for check in plan.checks if _looks(check.part, check.requires, of_event, table, action)]
    return found + [
        rule.id
        for rule in plan.never
        if rule.event in of_event or (rule.state is not None and rule.state.table == table) or _by_rule(rule, action)
    ]


def _by_rule(rule: plans.Never, action: str) -> bool:
    return rule.use == "privacy.unrelated_chart" and action == "chart.open"


def _looks(part: plans.Part, requires: str | None, events: set[str], table: str, action: str) -> bool:
    for one in mentions.parts(part):
        if isinstance(one, plans.State) and table and one.table == table:
            return True
        if isinstance(one, plans.Order) and events & {*one.chain, one.without}:
            return True
        if isinstance(one, plans.Within) and events & {one.start, one.to}:
            return True
        if isinstance(one, plans.Count) and one.event in events:
            return True
        if isinstance(one, plans.Answer) and action == "answer.give":
            return True
    return requires in events


def _facts(mutant: Mutant, acts: Mapping[str, Act]) -> tuple[str, dict[str, Any]]:
    kind, _, what = mutant.id.partition(":")
    facts: dict[str, Any] = {"act": None, "action": "", "other": what, "value": ""}
    if kind == "junk":
        return kind, facts
    label, _, other = what.partition("." if kind == "field" else "/")
    act = facts["act"] = acts[label]
    facts |= {"a": _named(act), "action": act.action, "other": other}
    if kind == "swap":
        facts["b"] = _named(acts[other])
    elif kind == "field":
        changed = next(each for each in mutant.acts if each.label == label)
        value = changed.fields.get(other, changed.fields.get("items"))
        facts["value"] = f"'{_plain(value)}'"
    return kind, facts


def _named(act: Act) -> Words:
    action = ACTIONS[act.action]
    return Words(zh=f"{act.label}({action.zh})", en=f"{act.label} ({action.en})")


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_plain(one) for one in value)
    if isinstance(value, Mapping):
        return " ".join(f"{key}={inner}" for key, inner in value.items())
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)

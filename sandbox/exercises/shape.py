"""Checks a tree against the models piece by piece, so that one broken piece hides no problem of another."""

from __future__ import annotations

import types
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from sandbox.exercises import scalars, schema
from sandbox.exercises.problems import Fact, Problems, Said, nearest
from sandbox.exercises.tree import Node, shown

Path = tuple[str | int, ...]

_NOUNS = {
    "seats": Said("岗位", "seat"),
    "cast": Said("人物", "person"),
    "steps": Said("步骤", "step"),
    "hints": Said("提示", "hint"),
    "injects": Said("情境事件", "inject"),
    "events": Said("事件", "event"),
    "checks": Said("检查项", "check"),
    "never": Said("扣分规则", "never rule"),
    "tests": Said("自测", "test"),
}
TEXT = Said("文本", "text")
_TYPES = {
    "string_type": TEXT,
    "int_type": Said("整数", "a whole number"),
    "int_from_float": Said("整数", "a whole number"),
    "bool_type": Said("true 或 false", "true or false"),
    "list_type": Said("列表", "a list"),
    "dict_type": Said("键值结构", "a mapping"),
    "model_type": Said("键值结构", "a mapping"),
    "number_type": Said("数字", "a number"),
    "positive_type": Said("大于 0 的数字", "a number above 0"),
    "not_negative_type": Said("不小于 0 的数字", "a number from 0 up"),
    "duration_type": Said("时长（如 10m）", "a duration such as 10m"),
    "date_type": Said("日期（如 -34y）", "a date such as -34y"),
    "clock_type": Said("时刻（如 08:30）", "a time of day such as '08:30'"),
}
_UNIONS = {
    "key": Said("数字、文本或列表", "a number, text or a list"),
    "count": Said("整数或 {min, max}", "a whole number or {min, max}"),
    "times": Said("整数或 {min, max}", "a whole number or {min, max}"),
    "event": Said("事件名或键值结构", "the name of an event or a mapping"),
}
_IDENTIFIER = Said("小写字母、数字和连字符组成的标识", "lower-case letters, digits and hyphens")
_NAME = Said("小写字母、数字和下划线组成的名字", "lower-case letters, digits and underscores")


@dataclass(frozen=True)
class Checked:
    """What fits. `places`: section -> position in the file of each item of the list that is left."""

    exercise: schema.Exercise
    places: dict[str, list[int]]


def check(root: Node, problems: Problems) -> Checked:
    """Return what fits; pieces that do not are left out and reported. Complete only if nothing was reported."""
    fields: dict[str, Any] = {}
    places: dict[str, list[int]] = {}
    known = {_key(name): name for name in schema.Exercise.model_fields}
    for key in root.value:
        if key not in known:
            _unknown((key,), root, problems)
    for key, name in known.items():
        info = schema.Exercise.model_fields[name]
        if key in root.value:
            fields[name] = _section(key, info, root, problems, places)
        elif info.is_required():
            problems.add("EX202", root.mark, where=where(root, ()), k=key)
            fields[name] = None
        if fields.get(name) is None:
            fields[name] = _nothing(info.annotation) if info.is_required() else info.get_default()
    return Checked(schema.Exercise.model_construct(**fields), places)


def where(root: Node, path: Path) -> Said:
    """Return how people call the mapping at `path`: "hints of step 's1'", "the exercise"."""
    noun, rest = Said("练习文件", "the exercise"), list(path)
    for at in range(len(path) - 2, -1, -1):
        named = _NOUNS.get(str(path[at]))
        if named is not None and (isinstance(path[at + 1], int) or at == 0):
            name = _name_of(root, path[: at + 2])
            noun, rest = Said(f"{named.zh} '{name}' ", f"{named.en} '{name}'"), list(path[at + 2 :])
            break
    if not rest:
        return noun
    tail = ".".join(str(part) for part in rest)
    return Said(tail, tail) if noun.en == "the exercise" else Said(f"{noun.zh}的 {tail} ", f"{tail} of {noun.en}")


def _name_of(root: Node, path: Path) -> str:
    node = root
    for step in path:
        node = node.value[step]
    if isinstance(path[-1], str):
        return path[-1]
    inner = node.value if isinstance(node.value, dict) else {}
    return next((str(inner[key].value) for key in ("id", "name", "as") if key in inner), str(int(path[-1]) + 1))


def _section(key: str, info: FieldInfo, root: Node, problems: Problems, places: dict[str, list[int]]) -> Any:
    value, annotation = root.value[key].plain(), info.annotation
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is list and isinstance(value, list):
        found = [_piece(inner[0], one, (key, at), root, problems) for at, one in enumerate(value)]
        places[key] = [at for at, one in enumerate(found) if one is not None]
        return [one for one in found if one is not None]
    if origin is dict and isinstance(value, dict):
        for name in value:
            _piece(inner[0], name, (key, name), root, problems)
        pairs = {name: _piece(inner[1], one, (key, name), root, problems) for name, one in value.items()}
        return {name: one for name, one in pairs.items() if one is not None}
    whole = Annotated[annotation, *info.metadata] if info.metadata else annotation
    return _piece(whole, value, (key,), root, problems)


def _nothing(annotation: Any) -> Any:
    return {list: [], dict: {}}.get(get_origin(annotation))


def _piece(shape: Any, value: Any, path: Path, root: Node, problems: Problems) -> Any:
    try:
        return _adapter(shape).validate_python(value)
    except ValidationError as wrong:
        by_place: dict[Path, list[ErrorDetails]] = {}
        for each in wrong.errors(include_url=False):
            by_place.setdefault(_within_tree(root, path + tuple(each["loc"]), each["type"]), []).append(each)
        for place, errors in by_place.items():
            _report(place, errors, root, problems)
        return None


@cache
def _adapter(shape: Any) -> TypeAdapter[Any]:
    return TypeAdapter(shape, config=None if _is_part(shape) else {"strict": True})


def _is_part(shape: Any) -> bool:
    return isinstance(shape, type) and issubclass(shape, BaseModel)


def _within_tree(root: Node, path: Path, kind: str) -> Path:
    """Cut what pydantic adds to a place for its own unions; a missing key keeps its name."""
    node, found = root, []
    for step in path:
        inside = isinstance(node.value, dict | list) and (
            step in node.value if isinstance(node.value, dict) else isinstance(step, int) and step < len(node.value)
        )
        if not inside:
            break
        node = node.value[step]
        found.append(step)
    if kind == "missing":
        found = list(path)
    return tuple(found)


def _report(path: Path, errors: list[ErrorDetails], root: Node, problems: Problems) -> None:
    first = errors[0]
    kind, key = first["type"], path[-1]
    if kind == "missing":
        if key in ("zh", "en"):
            problems.add("EX204", root.place(*path[:-1]), where=where(root, path[:-1]))
        else:
            problems.add("EX202", root.place(*path[:-1]), where=where(root, path[:-1]), k=str(key))
    elif kind == "extra_forbidden":
        _unknown(path, root, problems)
    elif kind.startswith("EX"):
        problems.add(kind, root.place(*path), **first.get("ctx", {}))
    else:
        expected = _UNIONS[str(key)] if len(errors) > 1 and key in _UNIONS else _expected(first)
        wrong_type(path, expected, first["input"], root, problems)


def wrong_type(path: Path, expected: Said, value: Any, root: Node, problems: Problems) -> None:
    """Report a value of the wrong type; where text was meant, offer quotes."""
    mark = root.place(*path)
    key = next((part for part in reversed(path) if isinstance(part, str)), "")
    facts: dict[str, Fact] = {"k": key, "type": expected, "value": shown(value)}
    quotable = expected == TEXT and value is not None and not isinstance(value, list | dict)
    problems.add("EX203.quote" if quotable else "EX203", mark, **facts)


def _expected(error: ErrorDetails) -> Said:
    kind, facts = error["type"], error.get("ctx", {})
    if kind == "literal_error":
        offered = facts["expected"].replace(" or ", ", ")
        return Said(f" {offered.replace(', ', '、')} 之一", f"one of {offered}")
    if kind == "string_pattern_mismatch":
        pattern = facts["pattern"]
        known = {scalars.IDENTIFIER: _IDENTIFIER, scalars.NAME: _NAME}
        return known.get(pattern, Said(f"形如 {pattern} 的文本", f"text like {pattern}"))
    if kind in ("too_short", "too_long"):
        number = facts["min_length" if kind == "too_short" else "max_length"]
        least = kind == "too_short"
        return Said(f"{'至少' if least else '至多'} {number} 项", f"of {'at least' if least else 'at most'} {number}")
    if kind in ("greater_than_equal", "less_than_equal"):
        limit = facts.get("ge", facts.get("le"))
        up = kind == "greater_than_equal"
        return Said(f"{'不小于' if up else '不大于'} {limit} 的数", f"{'at least' if up else 'at most'} {limit}")
    return _TYPES.get(kind, Said("其他类型", "of another type"))


def _unknown(path: Path, root: Node, problems: Problems) -> None:
    around, key = path[:-1], str(path[-1])
    model = _model_at(around)
    mark = root.place(*path, key=True)
    if ":" in key or "：" in key:
        problems.add("EX201.colon", mark, k=key, where=where(root, around))
        return
    if around and root.at(path) is None:
        # `{zh: 过敏,皮疹, en: x}`: the rest of a text behind its comma has become a key without a value.
        problems.add("EX201.comma", mark, k=key, where=where(root, around))
        return
    known = [] if model is None else [_key(name, model) for name in model.model_fields]
    problems.add("EX201", mark, k=key, where=where(root, around), near=nearest(key, known))


def _key(name: str, model: type[BaseModel] = schema.Exercise) -> str:
    return model.model_fields[name].alias or name


def _model_at(path: Path) -> type[schema.Part] | None:
    shape: Any = schema.Exercise
    for step in path:
        shape = _bare(shape, of=list if isinstance(step, int) else None)
        if get_origin(shape) in (list, dict):
            shape = get_args(shape)[-1]
        elif _is_part(shape):
            fields = {_key(name, shape): info.annotation for name, info in shape.model_fields.items()}
            shape = fields.get(str(step))
        else:
            return None
    shape = _bare(shape, of=None)
    return shape if _is_part(shape) else None


def _bare(shape: Any, *, of: type | None) -> Any:
    """Return the member of a union that a path can enter."""
    if get_origin(shape) is Annotated:
        shape = get_args(shape)[0]
    if get_origin(shape) not in (Union, types.UnionType):
        return shape
    choices = [each for each in get_args(shape) if _is_part(each) or get_origin(each) in (list, dict)]
    return next((each for each in choices if of is None or get_origin(each) is of), None)

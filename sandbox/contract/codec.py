"""Frozen dataclass <-> JSON value, strict in both directions: unknown, missing or wrongly typed keys are refused."""

from __future__ import annotations

import types
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")

_SCALARS = frozenset({str, int, bool, type(None)})
"""Taken as they are: a hospital's state holds a hundred thousand, and a call for each would slow every reset."""


class CodecError(ValueError):
    """The value does not have the shape the contract says. The message starts with the path to the place."""


def to_json(value: object) -> Any:
    """Return plain dicts, lists, text, integers, booleans and None for a dataclass, list or scalar."""
    kind: Any = type(value)
    if kind in _SCALARS:
        return value
    names = _names(kind)
    if names is not None:
        return {name: to_json(getattr(value, name)) for name in names}
    if isinstance(value, dict):
        return {key: inner if type(inner) in _SCALARS else to_json(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [inner if type(inner) in _SCALARS else to_json(inner) for inner in value]
    if isinstance(value, str | int):
        return value
    raise CodecError(f"a {kind.__name__} cannot travel")


@cache
def _names(kind: type) -> tuple[str, ...] | None:
    """Return the fields of a dataclass, None for any other type: asked for every value of a journal."""
    return tuple(each.name for each in fields(kind)) if is_dataclass(kind) else None


def from_json(shape: type[T], value: object, *, at: str = "") -> T:
    """Return `value` as `shape`. Raises CodecError with the path of the first thing that does not fit."""
    result: T = _read(shape, value, at or shape.__name__)
    return result


def _read(shape: Any, value: object, at: str) -> Any:
    if shape is Any or shape is object:
        return value
    origin = get_origin(shape)
    if origin in (Union, types.UnionType):
        return _read_union(shape, value, at)
    if origin is Literal:
        if value not in get_args(shape):
            raise CodecError(f"{at}: {value!r} is not one of {get_args(shape)}")
        return value
    if origin in (tuple, list):
        return _read_sequence(shape, value, at)
    if origin is dict:
        if not isinstance(value, dict):
            raise CodecError(f"{at}: expected an object")
        inner = get_args(shape)[1]
        return {str(key): _read(inner, one, f"{at}.{key}") for key, one in value.items()}
    if is_dataclass(shape):
        return _read_dataclass(shape, value, at)
    if type(value) is not shape:
        raise CodecError(f"{at}: expected {shape.__name__}, found {type(value).__name__}")
    return value


def _read_union(shape: Any, value: object, at: str) -> Any:
    if value is None and type(None) in get_args(shape):
        return None
    problems = []
    for choice in get_args(shape):
        if choice is type(None):
            continue
        try:
            return _read(choice, value, at)
        except CodecError as problem:
            problems.append(str(problem))
    raise CodecError("; ".join(problems) or f"{at}: must not be null")


def _read_sequence(shape: Any, value: object, at: str) -> Any:
    if not isinstance(value, list | tuple):
        raise CodecError(f"{at}: expected a list")
    inner = get_args(shape)[0]
    items = [_read(inner, one, f"{at}[{index}]") for index, one in enumerate(value)]
    return tuple(items) if get_origin(shape) is tuple else items


@cache
def _fields(shape: Any) -> dict[str, tuple[Any, bool]]:
    """Return, per field, its type and whether it has to be there."""
    hints = get_type_hints(shape)
    return {
        each.name: (hints[each.name], each.default is MISSING and each.default_factory is MISSING)
        for each in fields(shape)
    }


def _read_dataclass(shape: Any, value: object, at: str) -> Any:
    if not isinstance(value, dict):
        raise CodecError(f"{at}: expected an object")
    known = _fields(shape)
    if not value.keys() <= known.keys():
        unknown = sorted(set(value) - set(known))
        raise CodecError(f"{at}: unknown {', '.join(map(str, unknown))}")
    given = {}
    for name, (hint, required) in known.items():
        if name in value:
            inner = value[name]
            given[name] = inner if type(inner) is hint else _read(hint, inner, f"{at}.{name}")
        elif required:
            raise CodecError(f"{at}: missing {name}")
    return shape(**given)

"""Frozen dataclass <-> JSON value, strict in both directions: unknown, missing or wrongly typed keys are refused."""

from __future__ import annotations

import types
from collections.abc import Callable
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
    try:
        kind: Any = shape
        result: T = _reader(kind)(value)
    except _MisfitError as misfit:
        raise CodecError(f"{at or shape.__name__}{''.join(reversed(misfit.path))}: {misfit.reason}") from None
    return result


class _MisfitError(Exception):
    """What does not fit; the path to it is put together on the way out, so that what fits costs nothing."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.path: list[str] = []


Reader = Callable[[object], Any]


@cache
def _reader(shape: Any) -> Reader:
    """Return how values of this shape are read, worked out once: a journal has a hundred thousand of them."""
    if shape is Any or shape is object:
        return lambda value: value
    origin = get_origin(shape)
    if origin in (Union, types.UnionType):
        return _union(get_args(shape))
    if origin is Literal:
        return _literal(get_args(shape))
    if origin in (tuple, list):
        return _sequence(get_args(shape)[0], tuple if origin is tuple else list)
    if origin is dict:
        return _mapping(get_args(shape)[1])
    return _dataclass(shape) if is_dataclass(shape) else _scalar(shape)


def _scalar(shape: Any) -> Reader:
    def read(value: object) -> Any:
        if type(value) is not shape:
            raise _MisfitError(f"expected {shape.__name__}, found {type(value).__name__}")
        return value

    return read


def _literal(choices: tuple[Any, ...]) -> Reader:
    def read(value: object) -> Any:
        if value not in choices:
            raise _MisfitError(f"{value!r} is not one of {choices}")
        return value

    return read


def _union(choices: tuple[Any, ...]) -> Reader:
    plain = frozenset(each for each in choices if each in _SCALARS)
    readers = [_reader(each) for each in choices if each is not type(None)]

    def read(value: object) -> Any:
        if type(value) in plain:
            return value
        problems = []
        for reader in readers:
            try:
                return reader(value)
            except _MisfitError as misfit:
                problems.append(misfit.reason)
        raise _MisfitError("must not be null" if value is None else "; ".join(problems))

    return read


def _sequence(inner: Any, made: type[tuple[Any, ...]] | type[list[Any]]) -> Reader:
    reader = _reader(inner)

    def read(value: object) -> Any:
        if not isinstance(value, list | tuple):
            raise _MisfitError("expected a list")
        items = []
        try:
            for one in value:
                items.append(reader(one))
        except _MisfitError as misfit:
            misfit.path.append(f"[{len(items)}]")
            raise
        return made(items)

    return read


def _mapping(inner: Any) -> Reader:
    reader = _reader(inner)
    anything = inner is Any or inner is object

    def read(value: object) -> Any:
        if not isinstance(value, dict):
            raise _MisfitError("expected an object")
        if anything:
            return {str(key): one for key, one in value.items()} if set(map(type, value)) - {str} else dict(value)
        found = {}
        for key, one in value.items():
            try:
                found[str(key)] = reader(one)
            except _MisfitError as misfit:
                misfit.path.append(f".{key}")
                raise
        return found

    return read


def _dataclass(shape: Any) -> Reader:
    hints = get_type_hints(shape)
    known = [
        (each.name, hints[each.name], each.default is MISSING and each.default_factory is MISSING)
        for each in fields(shape)
    ]
    names = frozenset(name for name, _, _ in known)

    def read(value: object) -> Any:
        if not isinstance(value, dict):
            raise _MisfitError("expected an object")
        if not value.keys() <= names:
            raise _MisfitError(f"unknown {', '.join(map(str, sorted(set(value) - names)))}")
        given = {}
        for name, hint, required in known:
            if name in value:
                inner = value[name]
                given[name] = inner if type(inner) is hint else _field(hint, inner, name)
            elif required:
                raise _MisfitError(f"missing {name}")
        return shape(**given)

    return read


def _field(hint: Any, value: object, name: str) -> Any:
    try:
        return _reader(hint)(value)
    except _MisfitError as misfit:
        misfit.path.append(f".{name}")
        raise

"""The scalar types of an exercise file: durations, dates, exact numbers, ids and names."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from sandbox.contract import moments

IDENTIFIER = r"^[a-z][a-z0-9-]{1,40}$"
NAME = r"^[a-z][a-z0-9_]{0,30}$"


def _duration(value: object) -> int:
    if not isinstance(value, str):
        raise PydanticCustomError("duration_type", "duration")
    try:
        return moments.duration_ms(value)
    except ValueError as wrong:
        raise PydanticCustomError("EX207.duration", "{v}", {"v": value}) from wrong


def _date(value: object) -> str:
    if not isinstance(value, str):
        raise PydanticCustomError("date_type", "date")
    if not moments.is_date(value):
        raise PydanticCustomError("EX207.date", "{v}", {"v": value})
    return value


def _clock(value: object) -> str:
    if not isinstance(value, str):
        raise PydanticCustomError("clock_type", "time of day")
    try:
        moments.clock_time(value)
    except ValueError as wrong:
        raise PydanticCustomError("clock_type", "time of day") from wrong
    return value


def _when(value: object) -> str:
    """A duration or a date: kept as written, for only the cell knows the hospital's clock."""
    try:
        _duration(value)
    except PydanticCustomError:
        return _date(value)
    return str(value)


def _number(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise PydanticCustomError("number_type", "number")
    return Decimal(value)


def _positive(value: object) -> Decimal:
    number = _number(value)
    if number <= 0:
        raise PydanticCustomError("positive_type", "number above 0")
    return number


def _not_negative(value: object) -> Decimal:
    number = _number(value)
    if number < 0:
        raise PydanticCustomError("not_negative_type", "number from 0 up")
    return number


_TEXT: dict[str, Any] = {"type": "string"}
_NUMBER: dict[str, Any] = {"type": "number"}
Milliseconds = Annotated[int, BeforeValidator(_duration), WithJsonSchema({**_TEXT, "examples": ["10m", "1h30m"]})]
TimeOfDay = Annotated[str, BeforeValidator(_clock), WithJsonSchema({**_TEXT, "examples": ["08:30"]})]
When = Annotated[str, BeforeValidator(_when), WithJsonSchema({**_TEXT, "examples": ["10m", "+1d 08:00"]})]
Positive = Annotated[Decimal, BeforeValidator(_positive), WithJsonSchema({**_NUMBER, "exclusiveMinimum": 0})]
NotNegative = Annotated[Decimal, BeforeValidator(_not_negative), WithJsonSchema({**_NUMBER, "minimum": 0})]
Number = Annotated[Decimal, BeforeValidator(_number), WithJsonSchema(_NUMBER)]
Identifier = Annotated[str, Field(pattern=IDENTIFIER)]
Name = Annotated[str, Field(pattern=NAME)]
Date = Annotated[str, BeforeValidator(_date), WithJsonSchema({**_TEXT, "examples": ["today", "+1d 08:00"]})]
_SCALAR: dict[str, Any] = {"type": ["string", "number", "boolean"]}
_OPERATORS: dict[str, Any] = {
    **dict.fromkeys(("not", "min", "max", "contains"), _SCALAR),
    **{name: {"type": "array", "items": _SCALAR, "minItems": 1} for name in ("in", "not_in")},
    "like": _TEXT,
    "empty": {"type": "boolean"},
}
_MATCHER: dict[str, Any] = {
    "anyOf": [
        _SCALAR,
        {"type": "object", "properties": _OPERATORS, "additionalProperties": False, "minProperties": 1},
    ]
}
Matchers = Annotated[dict[str, Any], WithJsonSchema({"type": "object", "additionalProperties": _MATCHER})]
"""Column -> matcher: a value, or operators that must all hold."""

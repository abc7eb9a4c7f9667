"""Sortable heads and pages of a list whose filter, order and page stand in its address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import request, url_for


@dataclass(frozen=True, kw_only=True)
class Head:
    """A column's head. `sorted` is the value of aria-sort."""

    title: str
    href: str
    sorted: str
    arrow: str
    number: bool


@dataclass(frozen=True, kw_only=True)
class Order:
    """By which column, and whether the largest comes first."""

    key: str
    descending: bool


def order(allowed: Sequence[str], default: str, *, descending: bool = False) -> Order:
    """Return the order the address asks for; anything unknown is the default."""
    key = request.args.get("sort", "")
    if key not in allowed:
        return Order(key=default, descending=descending)
    return Order(key=key, descending=request.args.get("down") == "1")


def heads(
    endpoint: str, columns: Sequence[tuple[str, str]], chosen: Order, query: Mapping[str, str], *, numbers: str = ""
) -> tuple[Head, ...]:
    """Return the heads of (key, title) columns; an empty key is not sortable and leads nowhere new."""
    return tuple(_head(endpoint, key, title, chosen, query, key in numbers.split()) for key, title in columns)


def _head(endpoint: str, key: str, title: str, chosen: Order, query: Mapping[str, str], number: bool) -> Head:
    if not key:
        return Head(title=title, href="", sorted="none", arrow="", number=False)
    here = key == chosen.key
    down = here and not chosen.descending
    return Head(
        title=title,
        href=_address(endpoint, query, sort=key, down="1" if down else "0"),
        sorted=("descending" if chosen.descending else "ascending") if here else "none",
        arrow=("↓" if chosen.descending else "↑") if here else "",
        number=number,
    )


def page_number() -> int:
    """Return the page the address asks for, from 1 on."""
    asked = request.args.get("page", "1")
    return max(1, int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1


def pages(total: int, size: int) -> int:
    """Return how many pages so many lines fill: at least one."""
    return max(1, -(-total // size))


def page_address(endpoint: str, query: Mapping[str, str], chosen: Order, page: int) -> str:
    """Return the address of another page of the same list."""
    return _address(endpoint, query, sort=chosen.key, down="1" if chosen.descending else "0", page=str(page))


def _address(endpoint: str, query: Mapping[str, str], **more: str) -> str:
    return f"{url_for(endpoint)}?{urlencode({**{name: value for name, value in query.items() if value}, **more})}"

"""What people are called on IT's pages, by their ids."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from sandbox.errors import NotFoundError
from sandbox.overview import Stores
from sandbox.people.model import PersonId

Who = Callable[[str], str]
"""Returns what the person with this id is called; a process, which has no account, by its id."""


def names(stores: Stores) -> Who:
    """Return who is who, each looked up once."""

    @cache
    def name(person: str) -> str:
        try:
            return stores.people.get(PersonId(person)).name
        except NotFoundError:
            return person

    return name

"""Which names a file declares, and the scope in which its pieces are read.

Names are taken from the tree, not from the models: a reference to a broken piece is not a second problem.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from sandbox.exercises import shape
from sandbox.exercises.problems import Problems, Said, nearest
from sandbox.exercises.shape import Path
from sandbox.exercises.tree import Node
from sandbox.exercises.vocabulary import Vocabulary

T = TypeVar("T")

WHAT = {
    "event": Said("事件", "event"),
    "step": Said("步骤", "step"),
    "seat": Said("岗位", "seat"),
    "hint": Said("提示", "hint"),
    "check": Said("检查项", "check"),
    "never": Said("扣分规则", "never rule"),
    "inject": Said("情境事件", "inject"),
    "test": Said("自测", "test"),
    "act": Said("自测动作", "act of this test"),
}
_RESERVED = ("start", "end")


@dataclass
class Scope:
    """Everything a piece of the file needs to be read: the tree, its names, the vocabulary, where to complain."""

    root: Node
    problems: Problems
    vocabulary: Vocabulary | None
    records: dict[str, str] = field(default_factory=dict)
    """$name -> table."""
    declared: dict[str, frozenset[str]] = field(default_factory=dict)
    """What (event, step …) -> ids."""
    places: dict[str, list[int]] = field(default_factory=dict)
    """Section -> where each item of the list stands in the file; broken ones are left out."""
    used: set[str] = field(default_factory=set)
    """Events that something refers to."""
    guessing: bool = False
    """Whether a piece could not be read to its end, or refers to an event that is not there."""

    def each(self, section: str, items: Sequence[T]) -> Iterator[tuple[int, T]]:
        """Yield the items of a list with their positions in the file."""
        return zip(self.places.get(section, ()), items, strict=True)

    def report(self, code: str, at: Path, *, key: bool = False, **facts: Said | str | int) -> None:
        """Record a problem at a path of the tree."""
        self.problems.add(code, self.root.place(*at, key=key), **facts)

    def items(self, section: str) -> list[Node]:
        """Return the nodes of a list as they stand in the file, broken ones included."""
        return _items(self.root, section)

    def stray(self, key: str, at: Path) -> None:
        """Report a key that has no meaning beside the others."""
        self.report("EX201", (*at, key), key=True, k=key, where=shape.where(self.root, at), near="")

    def refer(self, what: str, name: str, at: Path) -> bool:
        """Check that an id is declared, and remember that an event is used."""
        if what == "event":
            self.used.add(name)
        known = self.declared[what]
        if name in known:
            return True
        self.guessing = self.guessing or what == "event"
        self.report("EX302", at, what=WHAT[what], n=name, near=nearest(name, known))
        return False

    def record(self, name: str, at: Path) -> str | None:
        """Return the table of a `$name`, given without the sign."""
        table = self.records.get(name)
        if table is None:
            self.report("EX301", at, n=name, near=nearest(name, self.records))
        return table


def scope(root: Node, problems: Problems, vocabulary: Vocabulary | None, places: dict[str, list[int]]) -> Scope:
    """Return the scope of a file; ids given twice are reported."""
    made = Scope(root, problems, vocabulary, places=places)
    for name, person in _pairs(root, "cast"):
        kind = person.value.get("kind") if isinstance(person.value, dict) else None
        made.records[name] = "staff" if kind is not None and kind.value == "staff" else "patient"
    _aliases(made)
    hints = [hint for step in _items(root, "steps") for hint in _items(step, "hints")]
    made.declared = {
        "event": frozenset(name for name, _ in _pairs(root, "events")),
        "seat": frozenset(name for name, _ in _pairs(root, "seats")),
        "step": _ids(made, _items(root, "steps"), "id"),
        "hint": _ids(made, hints, "id"),
        "inject": _ids(made, _items(root, "injects"), "id"),
        "test": _ids(made, _items(root, "tests"), "name"),
        "check": _ids(made, _items(root, "checks"), "id"),
        "never": _ids(made, _items(root, "never"), "id"),
    }
    for name in _RESERVED:
        if name in made.declared["event"]:
            made.report("EX206", ("events", name), key=True, id=name, n=1)
    return made


def _aliases(made: Scope) -> None:
    places = {name: made.root.value["cast"].keys[name].line for name, _ in _pairs(made.root, "cast")}
    start = made.root.value.get("start")
    for table, rows in [] if start is None else _pairs(start, "add"):
        for index, row in enumerate(rows.value if isinstance(rows.value, list) else []):
            alias = row.value.get("as") if isinstance(row.value, dict) else None
            if alias is None:
                continue
            if not isinstance(alias.value, str):
                at = ("start", "add", table, index, "as")
                shape.wrong_type(at, Said("文本", "text"), alias.plain(), made.root, made.problems)
                continue
            if alias.value in places:
                made.problems.add("EX206", alias.mark, id=alias.value, n=places[alias.value])
            places.setdefault(alias.value, alias.mark.line)
            made.records.setdefault(alias.value, table)


def _pairs(node: Node, key: str) -> list[tuple[str, Node]]:
    found = node.value.get(key) if isinstance(node.value, dict) else None
    return [] if found is None or not isinstance(found.value, dict) else list(found.value.items())


def _items(node: Node, key: str) -> list[Node]:
    found = node.value.get(key) if isinstance(node.value, dict) else None
    return [] if found is None or not isinstance(found.value, list) else found.value


def _ids(made: Scope, nodes: Iterable[Node], key: str) -> frozenset[str]:
    lines: dict[str, int] = {}
    for node in nodes:
        given = node.value.get(key) if isinstance(node.value, dict) else None
        if given is None or not isinstance(given.value, str):
            continue
        if given.value in lines:
            made.problems.add("EX206", given.mark, id=given.value, n=lines[given.value])
        lines.setdefault(given.value, given.mark.line)
    return frozenset(lines)

"""Variants of an exercise: `vary` names sets of values, and `$set.field` stands for the value of the variant drawn.

Resolved in the tree, before anything is checked: every variant is a file of its own and must be right as one.
Several sets give every combination, the last one changing fastest.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.exercises.problems import Mark, Problems, Said, nearest
from sandbox.exercises.tree import MAX_BYTES, MAX_NODES, Node, shown

MAX_VARIANTS = 16
MAX_ALL_NODES = 5 * MAX_NODES
"""In all variants together: one value may stand in thousands of places, and every variant is read as a file."""
MAX_FILLED = 4 * MAX_BYTES
"""Characters filled into holes in all variants together."""
_WHOLE = re.compile(r"\$([a-z][a-z0-9_]{0,30})\.([a-z][a-z0-9_]{0,30})", re.ASCII)
_HOLE = re.compile(r"\{\$([a-z][a-z0-9_]{0,30})\.([a-z][a-z0-9_]{0,30})\}", re.ASCII)
_VARIANTS = Said("变体数", "variants")
_NODES, _FILLED = Said("所有变体的节点数", "nodes of all variants"), Said("填入的字符数", "characters filled in")

Drawn = Mapping[str, Mapping[str, Node]]
"""Set -> field -> value."""


class _StopError(Exception):
    """The variants together are too large; the problem is already recorded."""


@dataclass
class _Size:
    """What all variants together have grown to."""

    problems: Problems
    nodes: int = 0
    filled: int = 0

    def grow(self, mark: Mark, *, nodes: int = 0, filled: int = 0) -> None:
        """Count. Raises _StopError beyond a limit."""
        self.nodes += nodes
        self.filled += filled
        for what, number, most in ((_NODES, self.nodes, MAX_ALL_NODES), (_FILLED, self.filled, MAX_FILLED)):
            if number > most:
                self.problems.add("EX104", mark, what=what, n=number, m=most)
                raise _StopError


def variants(root: Node, problems: Problems) -> list[Node]:
    """Return the tree of every variant, the tree itself if nothing varies; none if together they are too large."""
    sets = _sets(root)
    number = math.prod(len(options) for options in sets.values())
    if number > MAX_VARIANTS:
        problems.add("EX104", root.value["vary"].mark, what=_VARIANTS, n=number, m=MAX_VARIANTS)
        return [root]
    size = _Size(problems)
    try:
        if not sets:
            return [_resolved(root, {}, size)]
        drawn = itertools.product(*sets.values())
        return [_variant(root, dict(zip(sets, one, strict=True)), size) for one in drawn]
    except _StopError:
        return []


def _sets(root: Node) -> dict[str, list[dict[str, Node]]]:
    """Return what can be drawn; options of another shape are `shape`'s to report."""
    vary = root.value.get("vary")
    if vary is None or not isinstance(vary.value, dict):
        return {}
    listed = {name: each.value for name, each in vary.value.items() if isinstance(each.value, list)}
    options = {name: [one.value for one in each if isinstance(one.value, dict)] for name, each in listed.items()}
    return {name: each for name, each in options.items() if each}


def _variant(root: Node, drawn: Drawn, size: _Size) -> Node:
    filled = {key: inner if key == "vary" else _resolved(inner, drawn, size) for key, inner in root.value.items()}
    return Node(root.mark, filled, root.keys)


def _resolved(node: Node, drawn: Drawn, size: _Size) -> Node:
    size.grow(node.mark, nodes=1)
    if isinstance(node.value, dict):
        return Node(node.mark, {key: _resolved(one, drawn, size) for key, one in node.value.items()}, node.keys)
    if isinstance(node.value, list):
        return Node(node.mark, [_resolved(one, drawn, size) for one in node.value])
    if not isinstance(node.value, str) or "$" not in node.value:
        return node
    whole = _WHOLE.fullmatch(node.value)
    if whole is not None:
        return Node(node.mark, _value(node, whole[1], whole[2], drawn, size))
    return Node(node.mark, _HOLE.sub(lambda hole: _filled(hole, drawn, node.mark, size), node.value))


def _value(node: Node, name: str, field: str, drawn: Drawn, size: _Size) -> object:
    found = drawn.get(name, {}).get(field)
    if found is not None:
        _measure(found, node.mark, size)
        return found.value
    known = [f"{each}.{one}" for each, fields in drawn.items() for one in fields]
    size.problems.add("EX301", node.mark, n=f"{name}.{field}", near=nearest(f"{name}.{field}", known))
    return node.value


def _measure(found: Node, mark: Mark, size: _Size) -> None:
    inner = found.value.values() if isinstance(found.value, dict) else found.value
    if isinstance(found.value, dict | list):
        for one in inner:
            size.grow(mark, nodes=1)
            _measure(one, mark, size)
    elif isinstance(found.value, str):
        size.grow(mark, filled=len(found.value))


def _filled(hole: re.Match[str], drawn: Drawn, mark: Mark, size: _Size) -> str:
    """Return a text's hole filled; holes that name people stay, for only the hospital knows them."""
    found = drawn.get(hole[1], {}).get(hole[2])
    if found is None:
        return hole[0]
    said = shown(found.value)
    size.grow(mark, filled=len(said))
    return said

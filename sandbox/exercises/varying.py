"""Variants of an exercise: `vary` names sets of values, and `$set.field` stands for the value of the variant drawn.

Resolved in the tree, before anything is checked: every variant is a file of its own and must be right as one.
Several sets give every combination, the last one changing fastest.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Mapping

from sandbox.exercises.problems import Problems, Said, nearest
from sandbox.exercises.tree import Node, shown

MAX_VARIANTS = 16
_WHOLE = re.compile(r"\$([a-z][a-z0-9_]{0,30})\.([a-z][a-z0-9_]{0,30})", re.ASCII)
_HOLE = re.compile(r"\{\$([a-z][a-z0-9_]{0,30})\.([a-z][a-z0-9_]{0,30})\}", re.ASCII)
_VARIANTS = Said("变体数", "variants")

Drawn = Mapping[str, Mapping[str, Node]]
"""Set -> field -> value."""


def variants(root: Node, problems: Problems) -> list[Node]:
    """Return the tree of every variant, the tree itself if nothing varies."""
    sets = _sets(root)
    number = math.prod(len(options) for options in sets.values())
    if number > MAX_VARIANTS:
        problems.add("EX104", root.value["vary"].mark, what=_VARIANTS, n=number, m=MAX_VARIANTS)
        return [root]
    if not sets:
        return [_resolved(root, {}, problems)]
    drawn = itertools.product(*sets.values())
    return [_variant(root, dict(zip(sets, one, strict=True)), problems) for one in drawn]


def _sets(root: Node) -> dict[str, list[dict[str, Node]]]:
    """Return what can be drawn; options of another shape are `shape`'s to report."""
    vary = root.value.get("vary")
    if vary is None or not isinstance(vary.value, dict):
        return {}
    listed = {name: each.value for name, each in vary.value.items() if isinstance(each.value, list)}
    options = {name: [one.value for one in each if isinstance(one.value, dict)] for name, each in listed.items()}
    return {name: each for name, each in options.items() if each}


def _variant(root: Node, drawn: Drawn, problems: Problems) -> Node:
    filled = {key: inner if key == "vary" else _resolved(inner, drawn, problems) for key, inner in root.value.items()}
    return Node(root.mark, filled, root.keys)


def _resolved(node: Node, drawn: Drawn, problems: Problems) -> Node:
    if isinstance(node.value, dict):
        return Node(node.mark, {key: _resolved(one, drawn, problems) for key, one in node.value.items()}, node.keys)
    if isinstance(node.value, list):
        return Node(node.mark, [_resolved(one, drawn, problems) for one in node.value])
    if not isinstance(node.value, str) or "$" not in node.value:
        return node
    whole = _WHOLE.fullmatch(node.value)
    if whole is not None:
        return Node(node.mark, _value(node, whole[1], whole[2], drawn, problems))
    return Node(node.mark, _HOLE.sub(lambda hole: _filled(hole, drawn), node.value))


def _value(node: Node, name: str, field: str, drawn: Drawn, problems: Problems) -> object:
    found = drawn.get(name, {}).get(field)
    if found is not None:
        return found.value
    known = [f"{each}.{one}" for each, fields in drawn.items() for one in fields]
    problems.add("EX301", node.mark, n=f"{name}.{field}", near=nearest(f"{name}.{field}", known))
    return node.value


def _filled(hole: re.Match[str], drawn: Drawn) -> str:
    """Return a text's hole filled; holes that name people stay, for only the hospital knows them."""
    found = drawn.get(hole[1], {}).get(hole[2])
    return hole[0] if found is None else shown(found.value)

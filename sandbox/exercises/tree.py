"""YAML reduced to mappings, sequences, text, true/false, null, integers and decimals; each value knows its place.

Built from parser events, so that anchors, aliases, tags, depth and size are refused before anything grows.
Scalar rules are ours: ruamel's own would read `0012345` as 12345 and dates as objects.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError, YAMLStreamError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from sandbox.exercises import syntax
from sandbox.exercises.problems import Mark, Problems, Said, TooManyProblemsError

MAX_BYTES = 256 << 10
MAX_DEPTH = 20
MAX_NODES = 20_000

START = Mark(line=1, column=1)
_INTEGER = re.compile(r"-?(0|[1-9]\d{0,17})", re.ASCII)
_DECIMAL = re.compile(r"-?(0|[1-9]\d{0,17})\.\d{1,12}", re.ASCII)
_WORDS = {"true": True, "false": False, "null": None, "": None}
_BYTES, _LEVELS, _NODES = Said("字节数", "bytes"), Said("层数", "depth"), Said("节点数", "nodes")
_SECOND = Said("文件中有第二个文档", "a second document begins")
_DIRECTIVE = Said("不允许 % 指令", "% directives are not allowed")
_ENCODING = Said("不是 UTF-8 编码；请另存为 UTF-8", "it is not UTF-8; save it as UTF-8")
_EMPTY = Said("文件不是键值结构", "it is not a mapping")


@dataclass
class Node:
    """A mapping (dict of nodes), a sequence (list of nodes) or a scalar, with its place and its keys' places."""

    mark: Mark
    value: Any
    keys: dict[str, Mark] = field(default_factory=dict)

    def plain(self) -> Any:
        """Return the value without places. Depth is capped, so recursion is safe."""
        if isinstance(self.value, dict):
            return {key: inner.plain() for key, inner in self.value.items()}
        if isinstance(self.value, list):
            return [inner.plain() for inner in self.value]
        return self.value

    def at(self, path: Iterable[str | int]) -> Any:
        """Return the plain value at `path`, which must be there."""
        node = self
        for step in path:
            node = node.value[step]
        return node.plain()

    def place(self, *path: str | int, key: bool = False) -> Mark:
        """Return where the thing at `path` stands, or the nearest thing around it; `key`: where its key stands."""
        node = self
        for at, step in enumerate(path):
            if isinstance(node.value, dict) and step in node.value:
                if key and at == len(path) - 1:
                    return node.keys[str(step)]
                node = node.value[step]
            elif isinstance(node.value, list) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
            else:
                break
        return node.mark


class _StopError(Exception):
    """The file cannot be read further; the problem is already recorded."""


def read(data: bytes, problems: Problems) -> Node | None:
    """Return the document's tree, None if it cannot be read. Everything wrong on the way is added to `problems`."""
    if len(data) > MAX_BYTES:
        problems.add("EX104", START, what=_BYTES, n=len(data), m=MAX_BYTES)
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        problems.add("EX101", START, reason=_ENCODING)
        return None
    try:
        root = _build(YAML(typ="safe", pure=True).parse(text), problems)
    except (_StopError, TooManyProblemsError):
        return None
    except MarkedYAMLError as wrong:
        at = wrong.problem_mark or wrong.context_mark
        mark = START if at is None else Mark(line=at.line + 1, column=at.column + 1)
        problems.add("EX101", mark, reason=syntax.meaning(str(wrong.problem or wrong.context or "syntax")))
        return None
    except (YAMLError, YAMLStreamError) as wrong:
        problems.add("EX101", START, reason=syntax.meaning(str(wrong).splitlines()[0]))
        return None
    if root is None or not isinstance(root.value, dict):
        problems.add("EX101", START if root is None else root.mark, reason=_EMPTY)
        return None
    return root


def _build(events: Iterator[Event], problems: Problems) -> Node | None:
    root: Node | None = None
    open_nodes: list[_Open] = []
    nodes = documents = 0
    for event in events:
        mark = Mark(line=event.start_mark.line + 1, column=event.start_mark.column + 1)
        if isinstance(event, DocumentStartEvent):
            documents += 1
            _check_document(event, documents, mark, problems)
            continue
        if isinstance(event, MappingEndEvent | SequenceEndEvent):
            done = open_nodes.pop().node
            root = _hang(done, open_nodes, problems) or root
            continue
        if not isinstance(event, ScalarEvent | MappingStartEvent | SequenceStartEvent | AliasEvent):
            continue
        nodes += 1
        _check_growth(nodes, len(open_nodes) + 1, mark, problems)
        if isinstance(event, AliasEvent) or event.anchor or event.tag:
            problems.add("EX103", mark)
        if isinstance(event, MappingStartEvent | SequenceStartEvent):
            open_nodes.append(_Open(Node(mark, {} if isinstance(event, MappingStartEvent) else [])))
        else:
            root = _hang(_scalar(event, mark), open_nodes, problems) or root
    return root


@dataclass
class _Open:
    node: Node
    key: str | None = None
    keyed: bool = False
    key_mark: Mark = START


def _check_document(event: DocumentStartEvent, number: int, mark: Mark, problems: Problems) -> None:
    if number > 1:
        problems.add("EX101", mark, reason=_SECOND)
        raise _StopError
    if event.version or event.tags:
        problems.add("EX101", mark, reason=_DIRECTIVE)
        raise _StopError


def _check_growth(nodes: int, depth: int, mark: Mark, problems: Problems) -> None:
    if depth > MAX_DEPTH:
        problems.add("EX104", mark, what=_LEVELS, n=depth, m=MAX_DEPTH)
        raise _StopError
    if nodes > MAX_NODES:
        problems.add("EX104", mark, what=_NODES, n=nodes, m=MAX_NODES)
        raise _StopError


def _scalar(event: ScalarEvent | AliasEvent, mark: Mark) -> Node:
    if isinstance(event, AliasEvent):
        return Node(mark, None)
    text: str = event.value
    if not event.implicit[0] or event.tag:
        return Node(mark, text)
    if text in _WORDS:
        return Node(mark, _WORDS[text])
    if _INTEGER.fullmatch(text):
        return Node(mark, int(text))
    if _DECIMAL.fullmatch(text):
        return Node(mark, Decimal(text))
    return Node(mark, text)


def _hang(node: Node, open_nodes: list[_Open], problems: Problems) -> Node | None:
    """Put a finished node into what is open around it; return it if nothing is."""
    if not open_nodes:
        return node
    around = open_nodes[-1]
    if isinstance(around.node.value, list):
        around.node.value.append(node)
    elif not around.keyed:
        around.key, around.keyed, around.key_mark = _key(node, problems), True, node.mark
    else:
        around.keyed = False
        _put(around, node, problems)
    return None


def _key(node: Node, problems: Problems) -> str | None:
    if node.value == "<<":
        problems.add("EX103", node.mark)
        return None
    if isinstance(node.value, str):
        return node.value
    problems.add("EX201", node.mark, k=shown(node.value), where=Said("映射", "a mapping"))
    return None


def shown(value: Any) -> str:
    """Return a scalar as the author wrote it, brackets for anything else."""
    if isinstance(value, list | dict):
        return "[…]" if isinstance(value, list) else "{…}"
    if value is None or isinstance(value, bool):
        return {True: "true", False: "false", None: "null"}[value]
    return str(value)


def _put(around: _Open, node: Node, problems: Problems) -> None:
    key = around.key
    if key is None:
        return
    if key in around.node.value:
        problems.add("EX102", around.key_mark, k=key, n=around.node.keys[key].line)
        return
    around.node.value[key] = node
    around.node.keys[key] = around.key_mark

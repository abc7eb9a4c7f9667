"""Corrected versions of X05, as authors release them."""

from __future__ import annotations

import re

from tests.graded import Archive
from tests.web import papers

# A person judges the record, not a state check.
MARKED = re.sub(
    rb"state: \{table: medical_record, [^\n]*\{complaint: [^\n]*",
    "rubric: {levels: [{points: 0, zh: 无, en: None}, {points: 10, zh: 一般, en: Fair}, "
    "{points: 15, zh: 好, en: Good}]}}".encode(),
    papers.EXERCISE.read_bytes().replace(b"version: 2", b"version: 4", 1),
    count=1,
)
EASIER = papers.EXERCISE.read_bytes().replace(b"version: 2", b"version: 3", 1)


def changed(old: bytes, new: bytes, content: bytes = EASIER) -> bytes:
    assert content.count(old) >= 1
    return content.replace(old, new, 1)


def severity_forgiven(archive: Archive) -> str:
    """Release a version that accepts every severity and asks for five points less for the time."""
    content = changed(b"severity: {in: ['1', '2']}", b"severity: {in: ['1', '2', '3']}")
    content = changed(b"full: 15m, zero: 20m", b"full: 10m, zero: 12m", content)
    return archive.release(content).id

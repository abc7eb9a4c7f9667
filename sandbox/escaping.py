"""Foreign text made harmless for terminals, logs and pages: what would be obeyed is written out instead."""

from __future__ import annotations

import re

_OBEYED = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
"""Control characters, line separators, marks that turn the direction of writing, halves of character pairs."""
_NAMED = {0x09: "\\t", 0x0A: "\\n", 0x0D: "\\r"}


def escaped(text: str) -> str:
    """Return the text on one line, with `\\n`, `\\x1b`, `\\u202e` written out."""
    return _OBEYED.sub(_written_out, text)


def escaped_lines(text: str) -> str:
    """Return the text with its lines kept and everything else written out."""
    return "\n".join(escaped(line) for line in text.split("\n"))


def _written_out(found: re.Match[str]) -> str:
    number = ord(found[0])
    return _NAMED.get(number) or (f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}")

"""Canonical JSON: one value, one sequence of bytes, on every machine. Digests are taken over this form only."""

from __future__ import annotations

import hashlib
import json

_SCALARS = frozenset({str, int, bool, type(None)})


def dumps(value: object) -> str:
    """Return compact JSON with sorted keys, text unescaped. Floats are refused: exact numbers travel as text."""
    _refuse_floats(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(value: object) -> str:
    """Return the SHA-256 (64 hex digits) of the canonical form."""
    return hashlib.sha256(dumps(value).encode("utf-8", "surrogatepass")).hexdigest()


def _refuse_floats(value: object) -> None:
    if isinstance(value, float):
        raise TypeError("floats have no canonical form; use text or integers")
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise TypeError(f"keys are text, not {key!r}")
            if type(inner) not in _SCALARS:
                _refuse_floats(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            if type(inner) not in _SCALARS:
                _refuse_floats(inner)

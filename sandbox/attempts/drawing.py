"""Which variant of an exercise an attempt gets. Pure: the attempt's random id decides, so that nobody else does."""

from __future__ import annotations

import hashlib

from sandbox.attempts.model import AttemptId


def variant(attempt: AttemptId, variants: int) -> int:
    """Return the index of the variant, from 0: evenly spread over random ids, the same for the same id."""
    digest = hashlib.sha256(f"variant {attempt}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % variants

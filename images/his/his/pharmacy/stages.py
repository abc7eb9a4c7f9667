"""The pharmacy's steps, and the states of the prescriptions that wait at each."""

from __future__ import annotations

from collections.abc import Mapping

STAGES: Mapping[str, str] = {"review": "issued", "pick": "charged", "check": "dispensing", "dispense": "checked"}
"""Step of the pharmacy -> state of the prescriptions that wait there."""
IN_HAND = (*STAGES.values(), "reviewed", "return_requested")
"""States in which somebody of the pharmacy has something to do with a prescription, or will have."""

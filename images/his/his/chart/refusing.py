"""Refusals: the one exception an operation raises when the hospital says no."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.contract import refusals


@dataclass(frozen=True, kw_only=True)
class Alert:
    """A warning the doctor sees. `rule` is the code of a block, or the name of a softer rule."""

    rule: str
    level: str
    """block, warn or info."""
    items: tuple[str, ...]
    zh: str
    en: str


class Refused(Exception):  # noqa: N818 the hospital refuses; it has not failed
    """The act does not happen; it is journaled with its code. Words come from sandbox.contract.refusals."""

    def __init__(self, code: str, *, alerts: tuple[Alert, ...] = (), hint_zh: str = "", hint_en: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.alerts = alerts
        self.hint_zh, self.hint_en = hint_zh, hint_en

    @property
    def zh(self) -> str:
        """The Chinese sentence of the catalogue."""
        return refusals.BY_CODE[self.code].zh

    @property
    def en(self) -> str:
        """The English sentence of the catalogue."""
        return refusals.BY_CODE[self.code].en


class Closed(Exception):  # noqa: N818 a condition, not a failure
    """The cell is not armed, or sealed already: nothing can be done in it."""


class Resting(Closed):
    """The hospital stands still for a while; what was done in it is kept."""

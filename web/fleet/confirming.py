"""What IT is asked before a deed to many instances: how many, whose, and what follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.overview import InstanceLine
from web.fleet import views
from web.fleet.views import InstanceRow
from web.wording import _, _n


@dataclass(frozen=True, kw_only=True)
class ConfirmView:
    deed: str
    title: str
    consequence: str
    button: str
    typed: bool
    """The number is to be typed: what goes does not come back."""
    rows: tuple[InstanceRow, ...]


def confirm(deed: str, lines: Sequence[InstanceLine]) -> ConfirmView:
    """Return the page that names what a deed does, and to how many."""
    count = len(lines)
    title, consequence, button = {"reset": _reset, "hibernate": _hibernate, "wake": _wake, "destroy": _destroy}[deed](
        count
    )
    return ConfirmView(
        deed=deed,
        title=title,
        consequence=consequence,
        button=button,
        typed=deed == "destroy",
        rows=tuple(views.row(line) for line in lines),
    )


def _reset(count: int) -> tuple[str, str, str]:
    return (
        _n("Reset %(n)s practice hospital?", "Reset %(n)s practice hospitals?", count),
        _(
            "What was entered in them is archived and replaced by a fresh hospital. "
            "Open attempts end without being counted."
        ),
        _n("Reset %(n)s", "Reset %(n)s", count),
    )


def _hibernate(count: int) -> tuple[str, str, str]:
    return (
        _n("Put %(n)s practice hospital to sleep?", "Put %(n)s practice hospitals to sleep?", count),
        _("They stop at once and free their memory. All work stays and comes back when their trainee continues."),
        _n("Put %(n)s to sleep", "Put %(n)s to sleep", count),
    )


def _wake(count: int) -> tuple[str, str, str]:
    return (
        _n("Wake %(n)s practice hospital?", "Wake %(n)s practice hospitals?", count),
        _("They start again where they stood, and take their memory."),
        _n("Wake %(n)s", "Wake %(n)s", count),
    )


def _destroy(count: int) -> tuple[str, str, str]:
    return (
        _n("Destroy %(n)s practice hospital?", "Destroy %(n)s practice hospitals?", count),
        _(
            "They close at once. What was entered is archived first; handed-in work and grades stay. "
            "Open attempts end without being counted."
        ),
        _n("Destroy %(n)s", "Destroy %(n)s", count),
    )


def done(deed: str, count: int) -> str:
    """Return what was done, for the next page."""
    if deed == "reset":
        return _n("%(n)s practice hospital is being reset.", "%(n)s practice hospitals are being reset.", count)
    if deed == "hibernate":
        return _n("%(n)s practice hospital goes to sleep.", "%(n)s practice hospitals go to sleep.", count)
    if deed == "wake":
        return _n("%(n)s practice hospital wakes.", "%(n)s practice hospitals wake.", count)
    return _n("%(n)s practice hospital is being closed.", "%(n)s practice hospitals are being closed.", count)

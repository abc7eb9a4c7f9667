"""Requests for laboratory and imaging: asked for and taken back at the doctor's desk, paid for at the window."""

from __future__ import annotations

from collections.abc import Callable

from tests.his.pages.ways.walking_on import Way, latest
from tests.his.stage import Stage

_LAB, _IMAGING = latest("lab_request", patient="$zhang"), latest("imaging_request", patient="$zhang")
_EXAM, _PANEL = "I009", "P-CBC"
_ANSWERS = {"screen_allergy": "N", "egfr": "90", "metformin": "N"}


def _chart(rest: str = "") -> Callable[[Stage], str]:
    def page(stage: Stage) -> str:
        visit = stage.one("registration", id=stage.bound("zhang_ticket"))["encounter"]
        return f"/clinic/charts/{visit}/request{rest}"

    return page


def _lab(stage: Stage) -> None:
    stage.diagnose()
    stage.does("doc", "lab_request.create", patient="$zhang", panel=_PANEL)


def _imaging(stage: Stage) -> None:
    stage.diagnose()
    stage.does("doc", "imaging_request.create", patient="$zhang", exam=_EXAM, **_ANSWERS)


WAYS = (
    Way(
        action="lab_request.create",
        source="-",
        seat="doc",
        before=Stage.diagnose,
        page=_chart(),
        fields={"panel": _PANEL},
        follows=(("charge_item.plan", "-"),),
    ),
    Way(
        action="lab_request.cancel",
        source="requested",
        seat="doc",
        before=_lab,
        page=_chart(),
        record=_LAB,
        fields={"reason": "PAT"},
    ),
    Way(
        action="imaging_request.create",
        source="-",
        seat="doc",
        before=Stage.diagnose,
        page=_chart(f"?exam={_EXAM}"),
        fields=_ANSWERS,
    ),
    Way(
        action="imaging_request.cancel",
        source="requested",
        seat="doc",
        before=_imaging,
        page=_chart(),
        record=_IMAGING,
        fields={"reason": "PAT"},
    ),
)

"""A card reader types what stands on a card and presses Enter: whoever it names stands at the window."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.his.pages.browser import Browser
from tests.his.stage import Stage

At = Callable[[str], Browser]
WINDOWS = {"reg": "/registration/", "nur": "/triage/", "cas": "/cashier/"}


@pytest.mark.parametrize("column", ["card_no", "insurance_no", "mrn"])
@pytest.mark.parametrize("seat", WINDOWS)
def test_a_swipe_into_the_field_in_front_brings_the_person(at: At, stage: Stage, seat: str, column: str) -> None:
    window = at(seat)
    window.opens(WINDOWS[seat])
    number = stage.one("patient", id=stage.bound("zhang"))[column]
    front = next(each for each in window.page.elements if each.tag == "input" and each.data("key") == "F3")
    assert "focus" in {name.removeprefix("data-") for name in front.attributes}
    window.sends(next(each for each in window.page.forms if "q" in each.names), {"q": number.lower()})
    assert window.page.marked("strip", stage.bound("zhang"))
    assert stage.told()[-1] == (seat, "patient.search")


@pytest.mark.parametrize("seat", ["reg", "cas"])
def test_a_name_that_one_person_has_is_still_to_be_chosen(at: At, stage: Stage, seat: str) -> None:
    window = at(seat)
    window.opens(f"{WINDOWS[seat]}?q=秦望山")
    assert window.page.link("patient", stage.bound("stranger"))
    assert not window.page.marked("strip")

"""The id of a click: taken from the front's request, made where that is missing, never longer than one can read out."""

from __future__ import annotations

import threading
from datetime import date

import pytest

from sandbox import causality


def drawn(count: int) -> str:
    return "ab" * count


@pytest.mark.parametrize(
    ("request_id", "cause"),
    [
        ("0123456789abcdef0123456789abcdef", "0123456789ab"),
        ("", "abababababab"),
        ("0123", "abababababab"),
        ("0123456789ABCDEF", "abababababab"),
        ("0123456789ab\n", "abababababab"),
        ("f" * 65, "abababababab"),
    ],
)
def test_a_click_has_twelve_digits_whatever_the_front_says(request_id: str, cause: str) -> None:
    assert causality.of_request(request_id, drawn) == cause


def test_a_night_is_named_as_long_as_a_click_and_by_its_date() -> None:
    night = causality.of_night(date(2026, 3, 2))
    assert night == "night-260302"
    assert len(night) == len(causality.fresh(drawn))


def test_another_thread_knows_nothing_of_what_is_bound_here() -> None:
    seen: list[dict[str, causality.Fact]] = []
    with causality.bound(cause="1"):
        other = threading.Thread(target=lambda: seen.append(dict(causality.facts())))
        other.start()
        other.join()
    assert seen == [{}]

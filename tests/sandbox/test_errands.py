"""An errand for rows: asked again when one was written, when it has more to do, and when it failed; else left alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.errands import WokenByRows
from sandbox.errors import StoreBusyError


class Told:
    """Answers as it is told, and counts how often it was asked."""

    def __init__(self, *answers: int | Exception) -> None:
        self._answers: Iterator[int | Exception] = iter(answers)
        self.asked = 0

    def tick(self) -> int:
        self.asked += 1
        answer = next(self._answers)
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_it_works_on_while_there_is_work_and_then_waits_for_a_row() -> None:
    written, errand = [1], Told(2, 1, 0, 3, 0)
    woken = WokenByRows(errand, lambda: written[-1])
    assert [woken.tick() for _ in range(5)] == [2, 1, 0, 0, 0]
    assert errand.asked == 3
    written.append(2)
    assert [woken.tick() for _ in range(3)] == [3, 0, 0]
    assert errand.asked == 5


def test_what_is_written_while_it_looks_is_looked_at() -> None:
    versions, errand = iter((1, 2, 2)), Told(0, 0)
    woken = WokenByRows(errand, lambda: next(versions))
    assert [woken.tick() for _ in range(3)] == [0, 0, 0]
    assert errand.asked == 2


def test_one_that_failed_is_asked_again_without_a_row() -> None:
    errand = Told(StoreBusyError("locked"), 0)
    woken = WokenByRows(errand, lambda: 1)
    with pytest.raises(StoreBusyError):
        woken.tick()
    assert [woken.tick() for _ in range(2)] == [0, 0]
    assert errand.asked == 2

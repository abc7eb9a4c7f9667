"""A rush takes turns; everybody else goes past it, and whoever only waits lets others go."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from web.practice import turns
from web.practice.turns import Turns

PATIENCE_S = 10.0


class Counter:
    """A WSGI application that notes how many requests it serves at the same time, and holds them until told."""

    def __init__(self, *, waits_aside: bool = False) -> None:
        self.inside = 0
        self.most = 0
        self.waits_aside = waits_aside
        self.entered = threading.Semaphore(0)
        self.go_on = threading.Event()
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], _start: Callable[..., Any]) -> Iterable[bytes]:
        if self.waits_aside:
            with turns.aside(environ):
                self._stay()
        else:
            self._stay()
        return [b"done"]

    def _stay(self) -> None:
        with self._lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        self.entered.release()
        assert self.go_on.wait(PATIENCE_S)
        with self._lock:
            self.inside -= 1


def ask(app: Turns, path: str) -> list[bytes]:
    return list(app({"PATH_INFO": path}, lambda *_: None))


def crowd(app: Turns, counter: Counter, paths: list[str], *, entered: int) -> int:
    """Send all at once, wait until so many are inside, let all go on; return how many were inside at most."""
    with ThreadPoolExecutor(len(paths)) as people:
        asked = [people.submit(ask, app, path) for path in paths]
        for _ in range(entered):
            assert counter.entered.acquire(timeout=PATIENCE_S)
        seen = counter.inside
        counter.go_on.set()
        assert [each.result(PATIENCE_S) for each in asked] == [[b"done"]] * len(paths)
    return seen


@pytest.mark.parametrize("path", ["/training/launch", "/practice/0011223344556677/status", "/practice/x/enter"])
def test_a_rush_takes_turns(path: str) -> None:
    counter = Counter()
    crowd(Turns(counter, at_once=2), counter, [path] * 9, entered=2)
    assert counter.most == 2


def test_others_go_past_it() -> None:
    counter = Counter()
    paths = ["/practice/x/status"] * 5 + ["/fleet", "/training", "/static/panel.css"]
    assert crowd(Turns(counter, at_once=1), counter, paths, entered=4) == 4


def test_who_only_waits_lets_others_go() -> None:
    counter = Counter(waits_aside=True)
    assert crowd(Turns(counter, at_once=1), counter, ["/practice/x/status"] * 6, entered=6) == 6


def test_a_turn_is_given_back_after_a_fault() -> None:
    def broken(_environ: dict[str, Any], _start: Callable[..., Any]) -> Iterable[bytes]:
        raise ValueError("a fault of ours")

    app = Turns(broken, at_once=1)
    for _ in range(3):
        with pytest.raises(ValueError, match="fault of ours"):
            ask(app, "/practice/x/status")

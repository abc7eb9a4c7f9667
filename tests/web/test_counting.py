"""Counts survive a busy database and many threads."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

from sandbox.errors import StoreBusyError
from sandbox.provisioning.model import InstanceId
from tests.builders import NOON
from web.counting import EVERY, Tally

A, B = InstanceId("a" * 16), InstanceId("b" * 16)


def test_the_latest_request_of_each_instance_is_written() -> None:
    written: list[dict[InstanceId, datetime]] = []
    tally = Tally(written.append)
    tally.note(A, now=NOON)
    tally.note(B, now=NOON + timedelta(seconds=1))
    tally.note(A, now=NOON + timedelta(seconds=2))
    assert written == []
    tally.note(B, now=NOON + EVERY)
    assert written == [{A: NOON + timedelta(seconds=2), B: NOON + EVERY}]


def test_what_could_not_be_written_is_written_later_and_never_goes_back() -> None:
    written: list[dict[InstanceId, datetime]] = []
    busy = [True]

    def write(seen: dict[InstanceId, datetime]) -> None:
        if busy:
            busy.pop()
            tally.note(B, now=NOON + timedelta(seconds=1))
            raise StoreBusyError("locked")
        written.append(seen)

    tally = Tally(write)
    tally.note(A, now=NOON)
    tally.note(B, now=NOON)
    tally.flush()
    tally.flush()
    assert written == [{A: NOON, B: NOON + timedelta(seconds=1)}]


def test_nothing_seen_writes_nothing() -> None:
    written: list[dict[InstanceId, datetime]] = []
    Tally(written.append).flush()
    assert written == []


def test_many_threads_lose_nobody() -> None:
    written: dict[InstanceId, datetime] = {}
    tally = Tally(written.update)
    start = threading.Barrier(8)

    def work(number: int) -> None:
        start.wait()
        for order in range(200):
            tally.note(InstanceId(f"{number}-{order}"), now=NOON + timedelta(seconds=order))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tally.flush()
    assert len(written) == 1600

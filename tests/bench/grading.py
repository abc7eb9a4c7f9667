"""How long grading takes beside reading: `python -m tests.bench.grading`. Prints a table; judges nothing."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from datetime import timedelta

from sandbox.exercises import loader
from sandbox.grading import evidence
from sandbox.grading import grade as grading
from tests.journals import MINUTE, START, Diary, change, check, file, never

ROWS = 10_000
ROUNDS = 15
ACTIONS = ("chart.open", "allergy.record", "prescription.sign", "registration.call", "registration.start")
ACTIONS += ("medical_record.sign", "diagnosis.add", "patient.search", "queue.view", "message.read")


def exercise() -> bytes:
    """Return an exercise of 40 checks of every kind, ten never rules."""
    events = {f"e{n}": {"action": action, "patient": "$ann"} for n, action in enumerate(ACTIONS[:7])}
    events |= {f"o{n}": {"action": action, "patient": "$bea"} for n, action in enumerate(ACTIONS[:3])}
    state = {"table": "allergy", "where": {"patient": "$ann"}, "count": {"min": 1}}
    kinds = [
        {"order": ["e0", "e1", "e2"]},
        {"within": {"from": "e0", "to": "e2", "full": "10m", "zero": "20m"}},
        {"count": {"event": "e3", "times": 5}},
        {"state": state},
        {"any_of": [{"count": {"event": "o0"}}, {"state": {**state, "scope": "created"}}]},
    ]
    checks = [check(f"check-{n}", 2.5, **kinds[n % len(kinds)]) for n in range(40)]
    rules = [never(f"never-{n}", 1, event={"action": action, "patient": "$bea"}) for n, action in enumerate(ACTIONS)]
    return file(checks=checks, never=rules, events=events)


def diary() -> Diary:
    """Return a journal of 10,000 rows, a third of which change records."""
    drawn, made = random.Random(7), Diary()
    for n in range(ROWS - 2):
        at = n * MINUTE // 40
        hospital = (START + timedelta(milliseconds=at)).isoformat(timespec="seconds")
        action, patient = drawn.choice(ACTIONS), drawn.choice(("p1", "p2", "p3"))
        changes = ()
        if n % 3 == 0:
            changes = tuple(
                change("allergy", f"al{n % 500}", name, "x") for name in ("id", "patient", "class", "status")
            )
        made.write(action, at, patient=patient, hospital=hospital, changes=changes)
    for n in range(500):
        made.present("allergy", f"al{n}", patient=f"p{n % 3 + 1}", status="active")
    return made


def timed(deed: Callable[[], object]) -> float:
    """Return the median of milliseconds over the rounds."""
    found = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        deed()
        found.append(1000 * (time.perf_counter() - begun))
    return statistics.median(found)


def main() -> None:
    """Measure and print."""
    loaded, made = loader.load(exercise()), diary()
    journal, state = made.journal(), made.state()
    digests = {"journal": "", "state": ""}
    read = evidence.read(journal, state, digests=digests)
    reading = timed(lambda: evidence.read(journal, state, digests=digests))
    judging = timed(lambda: grading.judge(loaded, read, grading.Circumstances()))
    validating = timed(lambda: loader.load(exercise()))
    rows = [
        ("reading 10,000 rows (verify the chain)", reading, ""),
        ("grading them, 40 checks", judging, "aim 50"),
        ("grading : reading", judging / reading, ""),
        ("checking this exercise file", validating, "aim 100"),
    ]
    for name, value, aim in rows:
        print(f"{name:<42} {value:>8.2f} {aim}")


if __name__ == "__main__":
    main()

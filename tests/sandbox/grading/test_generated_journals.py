"""Ten thousand generated attempts: the same bytes everywhere, and nothing but `error` once a journal was forged.

`make test` takes the first few hundred, `make test-long` all of them.
"""

from __future__ import annotations

import json
import locale
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sandbox.contract.journal import Row, row_hash
from sandbox.grading.evidence import Journal
from sandbox.grading.report import Report
from tests.journals import ANCHOR, ATTEMPT, NONCE, chained, change
from tests.sandbox.grading import lives
from tests.sandbox.grading.lives import Life

ROOT = Path(__file__).parents[3]
FEW, ALL = 200, 10_000
NUMBERS = [FEW, pytest.param(ALL, marks=[pytest.mark.slow, pytest.mark.timeout(3600)])]
PLACES = [("0", "UTC", "C"), ("1", "Asia/Shanghai", "zh_CN.UTF-8"), ("random", "America/New_York", "C.UTF-8")]
"""Hash seed, time zone, locale; where a machine lacks the locale the process runs in C."""

KINDS = ("state", "order", "within", "count", "answer", "any_of", "all_of", "rubric")
WANTED = {"pass", "fail", "provisional", "within error", "rubric pending", "near miss", "hint"}
WANTED |= {f"{kind} {outcome}" for kind in KINDS for outcome in ("full", "part", "none", "not_reached")}
WANTED |= {f"hit {rule['id']}" for rule in lives.NEVER} | {f"variant {number}" for number in range(3)}
WANTED |= {f"decision {kind}" for kind in ("mark", "set", "add", "waive")}


def in_another_process(number: int, seed: str, zone: str, language: str) -> dict[str, Any]:
    """Return what a process of its own makes of the first lives."""
    place = {"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": language if known(language) else "C"}
    done = subprocess.run(
        [sys.executable, "-m", lives.__name__, "0", str(number)],
        cwd=ROOT,
        env={**os.environ, **place, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def known(language: str) -> bool:
    """Say whether this machine has the locale."""
    was = locale.setlocale(locale.LC_ALL)
    try:
        locale.setlocale(locale.LC_ALL, language)
    except locale.Error:
        return False
    finally:
        locale.setlocale(locale.LC_ALL, was)
    return True


@pytest.mark.parametrize("number", NUMBERS)
def test_generated_journals_give_the_same_bytes_in_every_process_seed_zone_and_locale(number: int) -> None:
    first, *others = (in_another_process(number, *place) for place in PLACES)
    assert others == [first, first]
    assert first["reports"] == number
    assert set(first["seen"]) == WANTED


Forgery = Callable[[Life, random.Random], Journal]


def _rows(forge: Callable[[list[Row], random.Random], list[Row]]) -> Forgery:
    def forged(of: Life, drawn: random.Random) -> Journal:
        return replace(of.journal, rows=tuple(forge(list(of.journal.rows), drawn)))

    return forged


def _without(rows: list[Row], at: int) -> list[Row]:
    return rows[:at] + rows[at + 1 :]


def _swapped(rows: list[Row], drawn: random.Random) -> list[Row]:
    one, other = drawn.sample(range(len(rows)), 2)
    rows[one], rows[other] = rows[other], rows[one]
    return rows


def _renumbered(rows: list[Row], drawn: random.Random) -> list[Row]:
    return [replace(row, seq=seq) for seq, row in enumerate(_swapped(rows, drawn), start=1)]


def _inserted(rows: list[Row], drawn: random.Random) -> list[Row]:
    rows.insert(drawn.randrange(len(rows) + 1), replace(drawn.choice(rows), actor="doc", action="registration.call"))
    return rows


def _altered(rows: list[Row], drawn: random.Random) -> list[Row]:
    """Change one thing of one row, with or without a new hash for it; the last row's own hash ends the chain."""
    at = drawn.randrange(len(rows))
    was = rows[at]
    values: dict[str, Any] = {
        "actor": "nobody",
        "outcome": "ok" if was.outcome == "refused" else "refused",
        "patient": "p1" if was.patient != "p1" else "p2",
        "data": {**was.data, "value": "更好"},
        "changes": (*was.changes, change("allergy", "al1", "severity", "1")),
        "t": was.t + 1,
        "at": "2026-03-02T08:30:01" if was.at != "2026-03-02T08:30:01" else ANCHOR,
        "wall": "2026-11-22T00:00:01.000+00:00",
        "target": "al1" if was.target != "al1" else None,
    }
    name = drawn.choice(sorted(values))
    rows[at] = replace(was, **{name: values[name]})
    if drawn.random() < 0.5 and at < len(rows) - 1:
        rows[at] = replace(rows[at], hash=row_hash(rows[at]))
    return rows


FORGERIES: dict[str, Forgery] = {
    "a row taken out": _rows(lambda rows, drawn: _without(rows, drawn.randrange(len(rows)))),
    "a row put in": _rows(_inserted),
    "two rows swapped": _rows(_swapped),
    "two rows swapped and renumbered": _rows(_renumbered),
    "a row altered": _rows(_altered),
    "cut at the end": _rows(lambda rows, drawn: rows[: drawn.randrange(len(rows))]),
    "cut at the start": _rows(lambda rows, drawn: rows[drawn.randrange(1, len(rows) + 1) :]),
    "cut and chained anew": _rows(lambda rows, drawn: list(chained(rows[: drawn.randrange(len(rows))]))),
    "replayed after itself": _rows(
        lambda rows, drawn: [replace(row, seq=seq) for seq, row in enumerate(rows + rows, start=1)]
    ),
    "another attempt's": lambda of, drawn: Journal(attempt="b" * 16, nonce=NONCE, rows=of.journal.rows),
    "another cell's": lambda of, drawn: Journal(attempt=ATTEMPT, nonce="x" * 32, rows=of.journal.rows),
}


def forged(number: int) -> tuple[str, Report]:
    """Return what was done to the journal of this number, and the report that came of it."""
    drawn, honest = random.Random(f"forgery {number}"), lives.life(number)
    name = drawn.choice(sorted(FORGERIES))
    return name, replace(honest, journal=FORGERIES[name](honest, drawn)).graded()


@pytest.mark.parametrize("number", NUMBERS)
def test_a_generated_forgery_is_an_error_never_a_score(number: int) -> None:
    done: Counter[str] = Counter()
    for each in range(number):
        name, report = forged(each)
        done[name] += 1
        assert (report.result, report.score, report.score_to, report.exact) == ("error", "", "", ""), (each, name)
        assert (report.lines, report.losses, report.hints, report.digests) == ((), (), (), {}), (each, name)
        assert len(report.errors) == 1
    assert set(done) == set(FORGERIES)

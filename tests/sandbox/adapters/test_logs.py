"""A line of the log: JSON, small, harmless to terminals, with what was bound and nothing a caller slipped in."""

from __future__ import annotations

import io
import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox import causality
from sandbox.adapters import logs

HOSTILE = 'eve\r\n{"level":"info"}\x1b[2J\x9b2J\u2028\u202e\ud800'


def record(message: str, *args: object, extra: dict[str, Any] | None = None, trace: bool = False) -> logging.LogRecord:
    """Return a record as `logging` makes it."""
    error = sys.exc_info() if trace else None
    made = logging.getLogger("sandbox.test").makeRecord(
        "sandbox.test", logging.WARNING, "file.py", 1, message, args, error, "function", extra
    )
    made.created = datetime(2030, 3, 4, 12, 0, 0, 7000, tzinfo=UTC).timestamp()
    return made


def line(made: logging.LogRecord) -> dict[str, Any]:
    text = logs.formatter("worker").format(made)
    assert "\n" not in text
    assert len(text.encode()) < logs.MAX_LINE_BYTES
    said: dict[str, Any] = json.loads(text)
    return said


def test_a_line_says_when_how_bad_who_and_what() -> None:
    assert line(record("cell %s broke", "c1", extra={"code": "SBX-305", "ms": 12.5})) == {
        "at": "2030-03-04T12:00:00.007Z",
        "level": "warning",
        "logger": "sandbox.test",
        "process": "worker",
        "event": "cell c1 broke",
        "code": "SBX-305",
        "ms": 12.5,
    }


def test_what_is_bound_stands_in_every_line_inside_and_in_none_after() -> None:
    with causality.bound(cause="0123456789ab", instance="i1", cell=None):
        with causality.bound(cell="c1"):
            inner = line(record("x"))
        outer = line(record("x"))
    assert (inner["cause"], inner["instance"], inner["cell"]) == ("0123456789ab", "i1", "c1")
    assert (outer["cause"], "cell" in outer) == ("0123456789ab", False)
    assert causality.facts() == {}


def test_facts_that_nobody_agreed_on_stay_out() -> None:
    assert "password" not in line(record("x", extra={"password": "secret"}))


@pytest.mark.parametrize("for_people", [False, True])
def test_nothing_that_a_terminal_or_a_reader_of_lines_obeys_comes_through(for_people: bool) -> None:
    made = record("log-in of %s", HOSTILE, extra={"person": HOSTILE})
    text = logs.formatter("panel", for_people=for_people).format(made)
    plain = text.replace("\x1b[0m", "").encode("utf-8").decode()
    assert not set("\r\n\x9b\u2028\u202e") & set(plain)
    assert "\x1b[2J" not in plain
    assert "\\r\\n" in (plain if for_people else json.loads(plain)["event"])


def test_a_megabyte_of_a_name_is_a_line_of_two_kibibytes() -> None:
    said = line(record("log-in of %s", "名" * 1_000_000, extra={"person": "\x1b" * 1_000_000, "code": "SBX-101"}))
    assert said["event"].startswith("log-in of 名名")
    assert said["code"] == "SBX-101"


def failing(words: str) -> None:
    raise RuntimeError(words)


def test_a_trace_keeps_its_end_where_the_error_stands() -> None:
    try:
        failing("what went wrong " + "x" * 100)
    except RuntimeError:
        said = line(record("failed", trace=True))
    assert said["trace"].endswith("x" * 100)
    assert "RuntimeError: what went wrong" in said["trace"]


def test_people_read_a_trace_line_by_line() -> None:
    try:
        failing("line one\x1b[31m")
    except RuntimeError:
        text = logs.formatter("worker", for_people=True).format(record("failed", trace=True))
    assert "\nRuntimeError: line one\\x1b[31m" in text


@given(st.text(max_size=3000), st.dictionaries(st.sampled_from(logs.EXTRA), st.text(max_size=3000)))
def test_whatever_is_logged_is_one_whole_line(message: str, extra: dict[str, str]) -> None:
    said = line(record("%s", message, extra=extra))
    assert said["process"] == "worker"


def test_a_process_that_is_configured_twice_says_everything_once() -> None:
    stream = io.StringIO()
    logs.configure("panel", io.StringIO())
    logs.configure("panel", stream)
    logging.getLogger("anything").info("once")
    logging.captureWarnings(capture=False)
    assert [json.loads(one)["event"] for one in stream.getvalue().splitlines()] == ["once"]

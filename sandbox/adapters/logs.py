"""Logs: one JSON object per line, at most 2 KiB, nothing in it that a terminal or a reader of lines would obey.

`logging.getLogger(...)` stays the way to log. A line holds `at` (UTC, milliseconds), `level`, `logger`, `process`,
`event`, the bound facts (cause, instance, cell, action, attempt; `sandbox.causality`) and what a call passes as
`extra`: `code`, `ms` and their like. On a terminal the same is shown for people.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from sandbox import causality
from sandbox.escaping import escaped, escaped_lines

MAX_LINE_BYTES = 2048
EXTRA = (
    "cause", "instance", "cell", "action", "attempt", "code", "ms", "method", "page", "status", "person", "outcome",
    "night", "verdict", "late", "total", "reset", "closed", "retired", "deferred", "skipped", "failed", "left",
    "digests", "archives", "p50_s", "max_s", "total_s",
)  # fmt: skip
"""What a call may pass as `extra`; everything else of a record stays out."""
_SHARES = (1200, 600, 300, 120, 60)
"""Characters a value may have: the first share with which the line fits."""
_ALWAYS = ("at", "level", "logger", "process", "event", "cause", "instance", "cell", "code")


def configure(process: str, stream: TextIO | None = None) -> None:
    """Have this process log to `stream` (stderr): JSON lines, or lines for people if that is a terminal."""
    target = stream or sys.stderr
    handler = logging.StreamHandler(target)
    handler.setFormatter(formatter(process, for_people=target.isatty()))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    # It tells every ring of every timer.
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)


def formatter(process: str, *, for_people: bool = False) -> logging.Formatter:
    """Return what turns records of `logging` into lines."""
    said: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(allow=EXTRA),
        _surroundings(process),
    ]
    shown = _people() if for_people else [_line]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=said,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *shown],
    )


def _surroundings(process: str) -> Callable[[WrappedLogger, str, EventDict], EventDict]:
    def add(_logger: WrappedLogger, _method: str, said: EventDict) -> EventDict:
        record: logging.LogRecord = said["_record"]
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"at": at.replace("+00:00", "Z"), "level": said.pop("level"), "logger": said.pop("logger")}
        line |= {"process": process, "event": said.pop("event"), **causality.facts(), **said}
        if record.exc_info:
            line["trace"] = logging.Formatter().formatException(record.exc_info)
            line.pop("exc_info", None)
        return line

    return add


def _line(_logger: WrappedLogger, _method: str, said: EventDict) -> str:
    for share in _SHARES:
        line = json.dumps({name: _clipped(name, value, share) for name, value in said.items()}, ensure_ascii=False)
        if len(line.encode()) < MAX_LINE_BYTES:
            return line
    least = {name: _clipped(name, said[name], _SHARES[-1]) for name in _ALWAYS if name in said}
    return json.dumps(least, ensure_ascii=False)


def _clipped(name: str, value: Any, share: int) -> Any:
    if isinstance(value, bool | int | float) or value is None:
        return value
    text = str(value)
    if len(text) > share:
        # The end of a trace says what happened; of everything else the beginning does.
        text = "…" + text[-share:] if name == "trace" else text[:share] + "…"
    clean = escaped(text)
    return clean if len(clean) <= 2 * share else clean[: 2 * share] + "…"


def _people() -> list[Processor]:
    def clean(_logger: WrappedLogger, _method: str, said: EventDict) -> EventDict:
        shown = {name: escaped(value) if isinstance(value, str) else value for name, value in said.items()}
        trace = said.get("trace")
        if trace:
            shown["exception"] = escaped_lines(trace)
        shown.pop("trace", None)
        shown["timestamp"] = shown.pop("at")
        return shown

    return [clean, structlog.dev.ConsoleRenderer(colors=True, pad_event_to=0)]

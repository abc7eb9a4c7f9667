"""The provisioner's figures, ours beside the bare floor in one run: `python -m tests.bench.provisioner [rows…]`.

As root, on an otherwise idle machine, after `make hospital`. Prints a table, writes JSON (--json FILE), takes away
whatever it started, also when it fails. Machines differ: figures are printed and compared, never asserted by a test.
"""

from __future__ import annotations

import argparse
import functools
import inspect
import logging
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from sandbox import bootstrap
from sandbox.adapters import imaging
from sandbox.demo import preparing, site
from tests.bench import hop, idling, launching, nightly, rush, table
from tests.bench.stage import Stage
from tests.bench.table import Row

ROWS: Mapping[str, Callable[[Stage], tuple[Row, ...]]] = {
    "cold": launching.cold,
    "warm": launching.warm,
    "reset": launching.reset,
    "wake": launching.wake,
    "rush": rush.at_once,
    "nightly": nightly.nightly,
    "idle": idling.idle,
    "live": idling.live,
    "hop": hop.hop,
}


def main() -> int:
    """Measure the rows named, or all; return 1 if one could not be measured or misses its gate."""
    asked = _asked()
    rows: list[Row] = []
    failed: dict[str, str] = {}
    with site.alone():
        prepared = preparing.prepare()
        stage = Stage(prepared, bootstrap.worker_services(prepared.services.settings))
        stage.sweep()
        for name in asked.rows or ROWS:
            begun = time.monotonic()
            measure = ROWS[name]
            measure = functools.partial(measure, **_fewer(measure, asked))
            try:
                rows += measure(stage)
            except KeyboardInterrupt:
                raise
            except Exception as wrong:
                logging.getLogger(__name__).exception("%s", name)
                failed[name] = f"{type(wrong).__name__}: {wrong}"
            print(f"[{name}: {time.monotonic() - begun:.0f} s]", flush=True)
        engine = _engine(prepared.services.settings.worker.engine)
    text = table.to_json(rows, engine=engine, failed=failed)
    if asked.json:
        asked.json.write_text(text, encoding="utf-8")
    for row in rows:
        print("\n".join(table.lines(row)))
    for name, reason in failed.items():
        print(f"{name}: NOT MEASURED, {reason}")
    print(f"{table.machine()} {engine}")
    return 1 if failed or not all(gate.met for row in rows for gate in row.gates) else 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.provisioner", description=__doc__)
    parser.add_argument("rows", nargs="*", choices=[[], *ROWS], metavar="row", help=" ".join(ROWS))
    parser.add_argument("--json", type=Path, default=None, help="write everything with raw samples to this file")
    parser.add_argument("--rounds", type=int, default=None, help="fewer rounds, for a look")
    parser.add_argument("--cells", type=int, default=None, help="fewer cells, for a look")
    parser.add_argument("--seats", type=int, default=None, help="fewer seats, for a look")
    return parser.parse_args()


def _fewer(measure: Callable[..., object], asked: argparse.Namespace) -> dict[str, int]:
    """Return the smaller numbers that were asked for and that this row knows."""
    known = inspect.signature(measure).parameters
    return {name: value for name in ("rounds", "cells", "seats") if (value := getattr(asked, name)) and name in known}


def _engine(url: str) -> str:
    client = imaging.client(url)
    try:
        version = client.version()
        return f"engine {version['Version']}, API {version['ApiVersion']}"
    finally:
        client.close()


if __name__ == "__main__":
    sys.exit(main())

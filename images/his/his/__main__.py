"""python -m his serve | seed --into FILE | replay --golden FILE | templates --into FOLDER."""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import sys
from pathlib import Path

from flask import Flask

from his import offering, replaying, seeding, serving
from his.app import create_app
from his.database import Database
from his.hospital_time import Clock
from his.shell import ready_made
from sandbox.contract import codec, layout
from sandbox.contract.replay import Script


def main(arguments: list[str] | None = None) -> int:
    """Run one of the four commands; return the exit status."""
    parser = argparse.ArgumentParser(prog="his")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve")
    commands.add_parser("seed").add_argument("--into", type=Path, required=True)
    commands.add_parser("replay").add_argument("--golden", type=Path, required=True)
    commands.add_parser("templates").add_argument("--into", type=Path, required=True)
    given = parser.parse_args(arguments)
    if given.command == "serve":
        run = Path(os.environ.get(layout.RUN_VARIABLE, layout.RUN_MOUNT))
        data = Path(os.environ.get(layout.DATA_VARIABLE, layout.DATA_MOUNT))
        serving.serve(run, data)
        return 0
    if given.command == "templates":
        print(ready_made.fill(_closed_app(), given.into))
        return 0
    try:
        if given.command == "seed":
            print(seeding.seed(sys.stdin.buffer, given.into))
        else:
            _replay(given.golden)
    except ValueError as unfit:
        print(unfit, file=sys.stderr)
        return 2
    return 0


def _closed_app() -> Flask:
    """Return an app that nobody will be let into: its pages are wanted, not its hospital."""
    return create_app(offering.hospital(Database(Path("nowhere")), Clock()))


def _replay(golden: Path) -> None:
    script = codec.from_json(Script, json.load(sys.stdin))
    # Immutable: the file may lie in a read-only folder, where SQLite could not make its -shm.
    connection = sqlite3.connect(f"file:{golden}?mode=ro&immutable=1", uri=True)
    replays = replaying.replay(connection, script)
    # Not json.dump: it encodes in Python, piece by piece, and takes four times as long. ASCII: an engine keeps long
    # lines in pieces of 16 KiB, and half a Chinese character at the end of one is lost.
    sys.stdout.write(json.dumps(codec.to_json(replays), ensure_ascii=True, separators=(",", ":")))
    connection.close()


if __name__ == "__main__":
    sys.exit(main())

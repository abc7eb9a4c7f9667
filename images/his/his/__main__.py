"""python -m his serve | seed --into FILE | replay --golden FILE | prepare --into FOLDER.

Each command imports what it needs when it is given: a cell that serves has no use for seeding and replaying.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import sys
from pathlib import Path

from sandbox.contract import codec, layout
from sandbox.contract.replay import Script


def main(arguments: list[str] | None = None) -> int:
    """Run one of the four commands; return the exit status."""
    parser = argparse.ArgumentParser(prog="his")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve")
    commands.add_parser("seed").add_argument("--into", type=Path, required=True)
    commands.add_parser("replay").add_argument("--golden", type=Path, required=True)
    commands.add_parser("prepare").add_argument("--into", type=Path, required=True)
    given = parser.parse_args(arguments)
    if given.command == "serve":
        _serve()
        return 0
    if given.command == "prepare":
        _prepare(given.into)
        return 0
    try:
        if given.command == "seed":
            _seed(given.into)
        else:
            _replay(given.golden)
    except ValueError as unfit:
        print(unfit, file=sys.stderr)
        return 2
    return 0


def _serve() -> None:
    from his import serving

    run = Path(os.environ.get(layout.RUN_VARIABLE, layout.RUN_MOUNT))
    data = Path(os.environ.get(layout.DATA_VARIABLE, layout.DATA_MOUNT))
    serving.serve(run, data)


def _prepare(folder: Path) -> None:
    """Make what an image has ready, from an app that nobody will be let into."""
    from his import rules
    from his.app import DESKS, create_app
    from his.database import Database
    from his.hospital_time import Clock
    from his.shell import page_map, ready_made

    app = create_app(rules.hospital(Database(Path("nowhere")), Clock()))
    templates = ready_made.fill(app, folder / ready_made.FOLDER.name)
    drawn = page_map.draw(app, DESKS)
    (folder / page_map.FILE.name).write_text(json.dumps(drawn), "utf-8")
    print(f"{templates} templates, {sum(len(each['pages']) for each in drawn.values())} pages")


def _seed(file: Path) -> None:
    from his import seeding

    print(seeding.seed(sys.stdin.buffer, file))


def _replay(golden: Path) -> None:
    from his import replaying

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

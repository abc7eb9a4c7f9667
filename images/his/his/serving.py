"""Serves both sockets of a cell until it is told to stop; ready at once, with or without data."""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from wsgiref.types import WSGIApplication

import waitress
from waitress.server import BaseWSGIServer

from his import arming, rules, warming
from his.app import create_app
from his.chart.hospital import Hospital
from his.control import Control
from his.database import Database
from his.hospital_time import Clock
from his.shell import page_map
from sandbox.contract import layout

log = logging.getLogger(__name__)

_SAVE_EVERY_S = 5.0
_DRAIN_S = 1
_HTTP_THREADS, _CONTROL_THREADS = 4, 2


class JsonLines(logging.Formatter):
    """One JSON object per line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def serve(run: Path, data: Path) -> None:
    """Serve until SIGTERM, SIGINT or the stop command, then finish requests and close."""
    _log_to_stdout()
    stop: SimpleQueue[None] = SimpleQueue()

    def leave(*_: object) -> None:
        # No event: a handler runs while the main thread may hold its lock, and would wait for it for ever.
        stop.put(None)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, leave)
    database = Database(data / layout.DATABASE)
    hospital = rules.hospital(database, Clock())
    _resume(hospital, data / layout.DATABASE)
    app = create_app(hospital, page_map.ready())
    servers = [
        _listen(app, run / layout.HTTP_SOCKET, threads=_HTTP_THREADS),
        _listen(
            Control(hospital, data / layout.DATABASE, leave), run / layout.CONTROL_SOCKET, threads=_CONTROL_THREADS
        ),
    ]
    log.info("ready")
    warming.warm(app)
    while not _asked(stop, _SAVE_EVERY_S):
        save_clock(hospital)
    log.info("stopping")
    for each in servers:
        each.task_dispatcher.shutdown(cancel_pending=True, timeout=_DRAIN_S)
    save_clock(hospital)
    database.close()
    logging.shutdown()
    # The listening threads sit in select for ever; nothing of theirs is left to finish.
    os._exit(0)


def _asked(stop: SimpleQueue[None], within_s: float) -> bool:
    try:
        stop.get(timeout=within_s)
    except Empty:
        return False
    return True


def save_clock(hospital: Hospital) -> None:
    """Keep the working time, so that a restart goes on from here."""
    if hospital.is_open:
        with hospital.database.transaction() as connection:
            connection.execute('UPDATE "clock" SET "t" = MAX("t", ?)', (hospital.clock.now().t,))


def _resume(hospital: Hospital, file: Path) -> None:
    if not file.exists() or not file.stat().st_size:
        return
    armed = arming.resume(hospital) if hospital.database.is_seeded() else None
    if armed is None:
        hospital.database.close()
    else:
        log.info("resumed for %s, epoch %s", armed.instance, armed.epoch)


def _listen(app: WSGIApplication, socket: Path, *, threads: int) -> BaseWSGIServer:
    server: BaseWSGIServer = waitress.create_server(
        app,
        unix_socket=str(socket),
        unix_socket_perms="660",
        threads=threads,
        ident=None,
        clear_untrusted_proxy_headers=True,
    )
    Thread(target=server.run, name=socket.name, daemon=True).start()
    return server


def _log_to_stdout() -> None:
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # A full queue is normal when a page loads its assets; nobody can act on the warning.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)

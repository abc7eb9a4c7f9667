"""The control app: the worker's commands on their own socket, JSON in and out, every reply small and strict."""

from __future__ import annotations

import hashlib
import json
import logging
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from threading import Lock
from typing import TypeVar
from urllib.parse import parse_qs
from wsgiref.types import StartResponse, WSGIEnvironment

from his import arming, journal, sealing, state
from his.arming import ArmingError
from his.chart.hospital import Arming, Hospital
from his.hospital_time import iso_time
from sandbox.contract import CONTRACT_HEADER, CONTRACT_VERSION, canonical, codec
from sandbox.contract.control import (
    MAX_COMMAND_BYTES,
    Arm,
    Armed,
    ErrorReply,
    Head,
    Health,
    JournalPage,
    Problem,
    Rest,
    Rested,
    Sealed,
    Stopping,
)

log = logging.getLogger(__name__)

Command = TypeVar("Command")


def _encoded(reply: object) -> bytes:
    return json.dumps(codec.to_json(reply), ensure_ascii=False, separators=(",", ":")).encode()


class ControlError(Exception):
    """A command that cannot be carried out: status, code, one sentence."""

    def __init__(self, status: HTTPStatus, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


class Control:
    """A WSGI app. Commands run one after another; all may be repeated."""

    def __init__(self, hospital: Hospital, database: Path, stop: Callable[[], None]) -> None:
        self._hospital = hospital
        self._database = database
        self._stop = stop
        self._one = Lock()
        self._kept: bytes | None = None
        self._commands: dict[tuple[str, str], Callable[[WSGIEnvironment], object]] = {
            ("GET", "/health"): self._health,
            ("POST", "/arm"): self._arm,
            ("POST", "/rest"): self._rest,
            ("POST", "/seal"): self._seal,
            ("GET", "/journal"): self._journal,
            ("GET", "/state"): self._state,
            ("POST", "/stop"): self._stopping,
        }

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one command."""
        command = (environ["REQUEST_METHOD"], environ.get("PATH_INFO", ""))
        try:
            _require_contract(environ, arming_now=command[1] == "/arm")
            with self._one:
                reply, status = self._commands.get(command, _unknown)(environ), HTTPStatus.OK
        except ControlError as problem:
            reply, status = ErrorReply(error=Problem(code=problem.code, message=str(problem))), problem.status
        body = reply if isinstance(reply, bytes) else _encoded(reply)
        headers = [
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
            (CONTRACT_HEADER, str(CONTRACT_VERSION)),
        ]
        start_response(f"{status.value} {status.phrase}", headers)
        return [body]

    def _health(self, _: WSGIEnvironment) -> Health:
        armed = self._hospital.arming
        if armed is None:
            return Health(
                contract=CONTRACT_VERSION,
                condition="ready",
                instance=None,
                epoch=None,
                hospital_time=None,
                working_ms=0,
                idle_ms=0,
                head=Head(seq=0, hash=""),
            )
        now = self._hospital.clock.now()
        return Health(
            contract=CONTRACT_VERSION,
            condition="sealed" if armed.sealed else "armed",
            instance=armed.instance,
            epoch=armed.epoch,
            hospital_time=iso_time(armed.binding.anchor, now.seconds),
            working_ms=now.t,
            idle_ms=self._hospital.idle_ms(),
            head=self._head(),
        )

    def _arm(self, environ: WSGIEnvironment) -> Armed:
        command = _body(environ, Arm)
        armed = self._hospital.arming
        if armed is None:
            if not self._database.exists() or not self._database.stat().st_size:
                raise ControlError(HTTPStatus.CONFLICT, "no_data", "no dataset has been placed")
            armed = self._armed_now(command)
            log.info("armed for %s, epoch %s, cause %s", armed.instance, armed.epoch, command.cause or "-")
        elif (armed.instance, armed.epoch) != (command.instance, command.epoch):
            raise ControlError(HTTPStatus.CONFLICT, "already_armed", f"armed for {armed.instance}, epoch {armed.epoch}")
        first = journal.rows(self._hospital.database.connection(), limit=1)[0]
        return Armed(
            instance=armed.instance,
            epoch=armed.epoch,
            dataset_digest=armed.dataset_digest,
            head=Head(seq=first.seq, hash=first.hash),
        )

    def _armed_now(self, command: Arm) -> Arming:
        try:
            return arming.arm(self._hospital, command)
        except ArmingError as unfit:
            raise ControlError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_body", str(unfit)) from unfit
        finally:
            if self._hospital.arming is None:
                # The worker may place another file under the same name: this one must not stay open.
                self._hospital.database.close()

    def _rest(self, environ: WSGIEnvironment) -> Rested:
        wanted = _body(environ, Rest).resting
        armed = self._armed()
        if armed.sealed:
            raise ControlError(HTTPStatus.CONFLICT, "sealed", "the work in this cell is over")
        if wanted:
            self._hospital.rest()
        else:
            self._hospital.go_on()
        log.info("resting" if wanted else "going on")
        # Only what stands still has a digest that anybody could use; who wakes should not wait for it.
        digest = hashlib.sha256(self._changes(armed)).hexdigest() if wanted else ""
        return Rested(head=self._head(), state_digest=digest, resting=self._hospital.resting)

    def _seal(self, _: WSGIEnvironment) -> Sealed:
        if not self._armed().sealed:
            self._kept = None
            sealing.seal(self._hospital)
            log.info("sealed")
        return Sealed(head=self._head(), state_digest=hashlib.sha256(self._changes(self._armed())).hexdigest())

    def _journal(self, environ: WSGIEnvironment) -> JournalPage:
        self._armed()
        asked = parse_qs(environ.get("QUERY_STRING", ""))
        after, limit = _number(asked, "after", 0), _number(asked, "limit", journal.PAGE_LIMIT)
        rows = journal.page(self._hospital.database.connection(), after=after, limit=limit)
        return JournalPage(rows=rows, head=self._head())

    def _state(self, environ: WSGIEnvironment) -> bytes:
        armed = self._armed()
        if "whole" not in parse_qs(environ.get("QUERY_STRING", "")):
            return self._changes(armed)
        with self._standing_still() as connection:
            return state.encoded(connection, armed.binding.anchor)

    def _stopping(self, _: WSGIEnvironment) -> Stopping:
        self._stop()
        return Stopping()

    def _armed(self) -> Arming:
        if self._hospital.arming is None:
            raise ControlError(HTTPStatus.CONFLICT, "not_armed", "the cell is nobody's yet")
        return self._hospital.arming

    def _head(self) -> Head:
        return journal.head(self._hospital.database.connection())

    def _changes(self, armed: Arming) -> bytes:
        """Return what the state differs in from its dataset, in the form over which digests are taken.

        Of a hospital into which nobody can write any more it is read once: a reset asks for it three times.
        """
        still = armed.sealed or self._hospital.resting
        if still and self._kept is not None:
            return self._kept
        with self._standing_still() as connection:
            changes = state.changes(connection, armed.binding.anchor)
        content = canonical.dumps(codec.to_json(changes)).encode("utf-8", "surrogatepass")
        self._kept = content if still else None
        return content

    @contextmanager
    def _standing_still(self) -> Iterator[sqlite3.Connection]:
        """Let all tables be read as of one moment."""
        connection = self._hospital.database.connection()
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            connection.execute("COMMIT")


def _unknown(environ: WSGIEnvironment) -> object:
    command = f"{environ['REQUEST_METHOD']} {environ.get('PATH_INFO', '')}"
    raise ControlError(HTTPStatus.NOT_FOUND, "not_found", f"no command {command}")


def _require_contract(environ: WSGIEnvironment, *, arming_now: bool) -> None:
    spoken = environ.get("HTTP_" + CONTRACT_HEADER.upper().replace("-", "_"), "")
    known = {str(CONTRACT_VERSION)} if arming_now else {str(CONTRACT_VERSION), str(CONTRACT_VERSION + 1)}
    # A newer control plane may still archive this older cell, but never arm it.
    if spoken not in known:
        raise ControlError(
            HTTPStatus.BAD_REQUEST, "contract_mismatch", f"contract {spoken or 'missing'}, not {CONTRACT_VERSION}"
        )


def _body(environ: WSGIEnvironment, shape: type[Command]) -> Command:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if not 0 < length <= MAX_COMMAND_BYTES:
        message = f"{length} bytes, allowed are 1 to {MAX_COMMAND_BYTES}"
        raise ControlError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_body", message)
    try:
        return codec.from_json(shape, json.loads(environ["wsgi.input"].read(length)))
    except ValueError as unfit:
        raise ControlError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_body", str(unfit)) from unfit


def _number(asked: dict[str, list[str]], name: str, default: int) -> int:
    try:
        found = int(asked.get(name, [str(default)])[0])
    except ValueError as unfit:
        raise ControlError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_body", f"{name} is no number") from unfit
    if found < 0:
        raise ControlError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_body", f"{name} is negative")
    return found

"""A cell as the worker sees it: a process, two sockets, one file; killed, restarted, armed, sealed."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import sqlite3
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread
from urllib.parse import urlencode

import pytest

from sandbox.contract import CONTRACT_VERSION, canonical, layout, seats
from sandbox.contract import journal as chain
from sandbox.contract.exercise_pack import CastMember
from sandbox.contract.records import GOLDEN_LIMIT_BYTES
from tests.his import packs
from tests.his.cell import Cell, Connection, code_for_strangers

NOBODY_UID = 64_999


@pytest.fixture
def folder() -> Iterator[Path]:
    # pytest's own folders are too deep for the path of a socket.
    made = Path(tempfile.mkdtemp(prefix="his-"))
    yield made
    shutil.rmtree(made)


@pytest.fixture
def cell(folder: Path) -> Iterator[Cell]:
    made = Cell(folder)
    yield made
    made.close()


@pytest.fixture
def armed(cell: Cell, golden_file: Path) -> Cell:
    cell.start()
    cell.place(golden_file)
    status, _ = cell.arm(packs.make_arm(clock="real"))
    assert status == 200
    return cell


def fail_to_log_in(cell: Cell, name: str) -> None:
    """Post the log-in form with a wrong password: one journal row of a person's own."""
    page = cell.browse("GET", "/login")
    cookie = str(page.getheader("Set-Cookie")).partition(";")[0]
    found = dict(re.findall(r'name="(form_token|form_id)" value="([^"]+)"', page.text))  # type: ignore[attr-defined]
    form = urlencode({**found, "account": name, "password": "wrong"})
    reply = cell.browse("POST", "/login", form, cookie)
    assert reply.status in (200, 303, 409), reply.status


def test_a_cell_is_ready_without_data(cell: Cell) -> None:
    cell.start()
    status, health = cell.ask("GET", "/health")
    assert (status, health["condition"], health["head"]) == (200, "ready", {"seq": 0, "hash": ""})
    assert cell.browse("GET", "/").status == 503
    for socket in (layout.HTTP_SOCKET, layout.CONTROL_SOCKET):
        assert stat.S_IMODE((cell.run / socket).stat().st_mode) == 0o660


def test_commands_of_a_cell_that_is_nobodys(cell: Cell) -> None:
    cell.start()
    for method, path in (("POST", "/seal"), ("POST", "/rest"), ("GET", "/state"), ("GET", "/journal")):
        status, reply = cell.ask(method, path, {"resting": True} if path == "/rest" else None)
        assert (status, reply["error"]["code"]) == (409, "not_armed")
    status, reply = cell.arm(packs.make_arm())
    assert (status, reply["error"]["code"]) == (409, "no_data")
    assert cell.ask("GET", "/elsewhere")[0] == 404
    assert cell.ask("GET", "/health", contract="99")[1]["error"]["code"] == "contract_mismatch"


def test_arming_twice_answers_the_same(armed: Cell) -> None:
    command = packs.make_arm(clock="real")
    first, again = armed.arm(command), armed.arm(command)
    fail_to_log_in(armed, "PX-DOC")
    assert first == again == armed.arm(command)
    assert first[1]["head"]["seq"] == 1
    status, reply = armed.arm(packs.make_arm(epoch=2))
    assert (status, reply["error"]["code"]) == (409, "already_armed")


def test_a_newer_control_plane_may_look_but_not_arm(cell: Cell, golden_file: Path) -> None:
    cell.start()
    cell.place(golden_file)
    assert cell.ask("GET", "/health", contract=str(CONTRACT_VERSION + 1))[0] == 200
    assert cell.ask("POST", "/arm", {}, contract=str(CONTRACT_VERSION + 1))[1]["error"]["code"] == "contract_mismatch"


@pytest.mark.parametrize("body", [{}, {"instance": "x"}, [1]])
def test_a_command_of_the_wrong_shape_is_refused(cell: Cell, golden_file: Path, body: object) -> None:
    cell.start()
    cell.place(golden_file)
    status, reply = cell.ask("POST", "/arm", body)
    assert (status, reply["error"]["code"]) == (422, "invalid_body")
    assert cell.ask("GET", "/health")[1]["condition"] == "ready"


def test_a_pack_that_does_not_fit_leaves_the_cell_ready(cell: Cell, golden_file: Path) -> None:
    cell.start()
    cell.place(golden_file)
    unknown = CastMember(name="nobody", label="not-in-this-town")
    status, reply = cell.arm(packs.make_arm(pack=packs.make_pack(cast=(unknown,), add=())))
    assert (status, reply["error"]["code"]) == (422, "invalid_body")
    assert "not-in-this-town" in reply["error"]["message"]
    assert cell.arm(packs.make_arm())[0] == 200


def test_the_golden_file_is_small(golden_file: Path) -> None:
    assert golden_file.stat().st_size < GOLDEN_LIMIT_BYTES


def test_what_was_acknowledged_survives_a_kill(armed: Cell) -> None:
    for number in range(3):
        fail_to_log_in(armed, f"PX-{number}")
    before = armed.journal()
    health = armed.ask("GET", "/health")[1]
    armed.kill()
    armed.start()
    after = armed.ask("GET", "/health")[1]
    assert armed.journal() == before
    assert [each.action for each in before[1:]] == ["auth.login_failed"] * 3
    assert chain.broken_at(before, attempt=packs.ATTEMPT, nonce=packs.NONCE) is None
    assert (after["condition"], after["instance"], after["epoch"]) == ("armed", packs.INSTANCE, 1)
    # The clock goes on from what was saved: the time of the last row at least, never a fresh start.
    assert before[-1].t <= after["working_ms"] <= health["working_ms"] + 5_000
    fail_to_log_in(armed, "PX-DOC")
    assert chain.broken_at(armed.journal(), attempt=packs.ATTEMPT, nonce=packs.NONCE) is None


def test_a_kill_in_the_middle_of_work_loses_nothing_acknowledged(armed: Cell) -> None:
    acknowledged: list[str] = []

    def work() -> None:
        with suppress(OSError, http.client.HTTPException):
            for number in range(10_000):
                fail_to_log_in(armed, f"PX-{number}")
                acknowledged.append(f"PX-{number}")

    worker = Thread(target=work)
    worker.start()
    while len(acknowledged) < 8:
        worker.join(timeout=0.01)
    armed.kill()
    worker.join()
    armed.start()
    rows = armed.journal()
    assert chain.broken_at(rows, attempt=packs.ATTEMPT, nonce=packs.NONCE) is None
    assert [each.data["account"] for each in rows[1:]][: len(acknowledged)] == acknowledged
    assert len(rows) - 1 - len(acknowledged) in (0, 1)


def test_a_placed_but_never_armed_file_may_be_replaced(cell: Cell, golden_file: Path) -> None:
    cell.place(golden_file)
    cell.start()
    assert cell.ask("GET", "/health")[1]["condition"] == "ready"
    other = cell.data / "other"
    shutil.copyfile(golden_file, other)
    other.replace(cell.data / layout.DATABASE)
    assert cell.arm(packs.make_arm())[0] == 200
    fail_to_log_in(cell, "PX-DOC")
    cell.kill()
    cell.start()
    assert len(cell.journal()) == 2


def test_sealing_ends_the_work(armed: Cell) -> None:
    status, sealed = armed.ask("POST", "/seal")
    state = armed.ask("GET", "/state")[1]
    assert status == 200
    assert sealed["state_digest"] == canonical.digest(state)
    assert armed.ask("POST", "/seal")[1] == sealed
    last = armed.journal()[-1]
    assert (last.action, last.actor, last.hash) == ("attempt.end", "system", sealed["head"]["hash"])
    assert armed.browse("GET", "/login").status == 503
    armed.kill()
    armed.start()
    assert armed.ask("GET", "/health")[1]["condition"] == "sealed"
    assert armed.ask("GET", "/state")[1] == state
    assert armed.ask("POST", "/seal")[1] == sealed


def test_a_cell_at_rest_takes_no_write_and_its_clock_stands_still(armed: Cell) -> None:
    fail_to_log_in(armed, "PX-0")
    status, rested = armed.ask("POST", "/rest", {"resting": True})
    assert (status, rested["resting"]) == (200, True)
    assert rested["head"]["hash"] == armed.journal()[-1].hash
    assert rested["state_digest"] == canonical.digest(armed.ask("GET", "/state")[1])
    page = armed.browse("GET", "/login")
    assert (page.status, "休眠" in page.text) == (503, True)  # type: ignore[attr-defined]
    assert armed.browse("POST", "/login", "account=PX-1&password=wrong").status == 503
    stood = armed.ask("GET", "/health")[1]
    assert stood["condition"] == "armed"
    assert armed.ask("POST", "/rest", {"resting": True})[1] == rested
    assert armed.ask("GET", "/health")[1]["working_ms"] == stood["working_ms"]
    assert armed.ask("POST", "/rest", {"resting": False})[1] == rested | {"resting": False, "state_digest": ""}
    fail_to_log_in(armed, "PX-1")
    assert armed.journal()[-1].t >= stood["working_ms"]
    assert chain.broken_at(armed.journal(), attempt=packs.ATTEMPT, nonce=packs.NONCE) is None


def test_a_new_start_lifts_the_rest_and_the_clock_goes_on_where_it_stood(armed: Cell) -> None:
    fail_to_log_in(armed, "PX-0")
    rested = armed.ask("POST", "/rest", {"resting": True})[1]
    stood = armed.ask("GET", "/health")[1]["working_ms"]
    armed.kill()
    armed.start()
    assert armed.ask("GET", "/health")[1]["head"] == rested["head"]
    assert stood <= armed.ask("GET", "/health")[1]["working_ms"] < stood + 5_000
    fail_to_log_in(armed, "PX-1")
    assert armed.journal()[-1].data["account"] == "PX-1"


def test_a_cell_at_rest_can_be_sealed_and_a_sealed_one_rests_no_more(armed: Cell) -> None:
    armed.ask("POST", "/rest", {"resting": True})
    status, sealed = armed.ask("POST", "/seal")
    assert (status, armed.journal()[-1].hash) == (200, sealed["head"]["hash"])
    status, reply = armed.ask("POST", "/rest", {"resting": False})
    assert (status, reply["error"]["code"]) == (409, "sealed")
    assert "休眠" not in armed.browse("GET", "/login").text  # type: ignore[attr-defined]


def test_a_cell_logs_what_wanted_it(cell: Cell, golden_file: Path) -> None:
    cell.start()
    cell.place(golden_file)
    cell.arm(packs.make_arm(cause="c0ffee"))
    _, _, logged = cell.terminate()
    assert any(line.endswith("cause c0ffee") for line in (json.loads(each)["message"] for each in logged.splitlines()))


def test_sigterm_ends_a_cell_in_time_and_cleanly(armed: Cell) -> None:
    status, took, logged = armed.terminate()
    assert (status, took < 2) == (0, True)
    lines = [json.loads(each) for each in logged.splitlines()]
    assert [each["message"] for each in lines][-1] == "stopping"
    armed.start()
    assert armed.ask("GET", "/health")[1]["condition"] == "armed"


def test_the_stop_command_ends_a_cell(cell: Cell) -> None:
    cell.start()
    assert cell.ask("POST", "/stop") == (200, {"stopping": True})
    assert cell.wait() == 0


def test_no_trainee_header_moves_a_real_clock(armed: Cell) -> None:
    connection = Connection(armed.run / layout.HTTP_SOCKET)
    connection.request("GET", "/login", headers={"X-His-Test-Clock": "3600000"})
    connection.getresponse().read()
    connection.close()
    assert armed.ask("GET", "/health")[1]["working_ms"] < 60_000


def test_no_password_is_kept(armed: Cell) -> None:
    # Passwords can be derived from the nonce at both ends; nothing of them is in the file.
    password = seats.initial_password(packs.NONCE, "doc")
    stored = sqlite3.connect(armed.data / layout.DATABASE).execute("SELECT password FROM account").fetchall()
    assert {each[0] for each in stored} == {None}
    assert password not in (armed.data / layout.DATABASE).read_bytes().decode("latin-1")


def test_a_cell_that_may_create_nothing_beside_its_files(folder: Path, golden_file: Path) -> None:
    """The worker's folders: /data is root's, the three files are the cell's."""
    folder.chmod(0o711)
    (folder / "code").mkdir(mode=0o755)
    stranger = ("setpriv", f"--reuid={NOBODY_UID}", f"--regid={NOBODY_UID}", "--clear-groups", "/usr/bin/python3")
    cell = Cell(folder, command=stranger, code=code_for_strangers(folder / "code"))
    for name in layout.DATABASE_FILES:
        os.chown(cell.data / name, NOBODY_UID, NOBODY_UID)
        (cell.data / name).chmod(0o600)
    for name in (layout.HTTP_FOLDER, layout.CONTROL_FOLDER):
        os.chown(cell.run / name, NOBODY_UID, NOBODY_UID)
    cell.data.chmod(0o755)
    try:
        cell.start()
        cell.place(golden_file)
        assert cell.arm(packs.make_arm(clock="real"))[0] == 200
        fail_to_log_in(cell, "PX-DOC")
        cell.kill()
        cell.start()
        assert [each.action for each in cell.journal()][1:] == ["auth.login_failed"]
        assert cell.terminate()[0] == 0
        cell.start()
        fail_to_log_in(cell, "PX-DOC")
        assert len(cell.journal()) == 3
        assert sorted(each.name for each in cell.data.iterdir()) == sorted(layout.DATABASE_FILES)
    finally:
        cell.close()

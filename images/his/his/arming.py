"""Binds a hospital to one person and exercise: seats, cast, start data, injects, and row 1 of the journal."""

from __future__ import annotations

import json
import sqlite3
from datetime import date

from his import injects, start_pharmacy, starting
from his.chart.acting import NOBODY, Acting
from his.chart.hospital import Arming, Hospital
from his.chart.refusing import Refused
from his.hospital_time import Clock, Moment, seconds_of
from his.journal import Binding, last_t
from sandbox.contract import canonical, codec
from sandbox.contract.control import Arm
from sandbox.contract.exercise_pack import CastMember, ExercisePack, Seat
from sandbox.contract.seats import account_name

_TITLES = {"OPD": "ATT", "IPD": "ATT", "HOD": "CHP"}
_FLAGS = {"ATT": "P;N", "CHP": "P;N"}


class ArmingError(ValueError):
    """The pack does not fit the dataset; the message says where."""


def arm(hospital: Hospital, command: Arm) -> Arming:
    """Apply the pack in one transaction, write `attempt.begin`, start the clock. Raises ArmingError."""
    binding = Binding(attempt=command.attempt, nonce=command.nonce, anchor=date.fromisoformat(command.anchor))
    begin = Moment(t=0, seconds=seconds_of(command.pack.clock))
    with hospital.database.transaction() as connection:
        digest = _fact(connection, "dataset_digest")
        for key, value in _facts(command).items():
            connection.execute('INSERT INTO "meta" ("key", "value") VALUES (?, ?)', (key, value))
        connection.execute('INSERT INTO "clock" ("id", "t") VALUES (1, 0)')
        act = Acting(connection, NOBODY, begin, binding, command.pack)
        try:
            _apply(act, digest, command.language)
        except (LookupError, ValueError, Refused, sqlite3.IntegrityError) as unfit:
            raise ArmingError(str(unfit)) from unfit
    _start_clock(hospital.clock, command.pack, t=0, test=command.clock == "test")
    armed = _arming(command, digest, sealed=False)
    hospital.open(armed)
    return armed


def resume(hospital: Hospital) -> Arming | None:
    """Open a hospital that was armed before its process ended; the clock goes on from where it was saved."""
    connection = hospital.database.connection()
    stored = connection.execute('SELECT "value" FROM "meta" WHERE "key" = \'arm\'').fetchone()
    if stored is None:
        return None
    command = codec.from_json(Arm, json.loads(stored["value"]))
    saved = connection.execute('SELECT "t", "jumped" FROM "clock"').fetchone()
    t = max(saved["t"], last_t(connection))
    sealed = connection.execute('SELECT 1 FROM "meta" WHERE "key" = \'sealed\'').fetchone() is not None
    _start_clock(hospital.clock, command.pack, t=t, jumped_s=saved["jumped"], test=command.clock == "test")
    if sealed:
        hospital.clock.stop()
    arming = _arming(command, _fact(connection, "dataset_digest"), sealed=sealed)
    hospital.open(arming)
    return arming


def _apply(act: Acting, digest: str, language: str) -> None:
    for seat in act.pack.seats:
        injects.bind(act, seat.name, _hire(act, seat, language))
    bindings: dict[str, list[str]] = {}
    for person in act.pack.cast:
        found = _cast(act, person)
        bindings[person.name] = found
        for key in found:
            injects.bind(act, person.name, key)
    for change in act.pack.set:
        if not starting.change(act, change, injects.names(act)):
            raise LookupError(f"start.set finds no {change.table}")
    prescriptions: list[str] = []
    for row in act.pack.add:
        key = starting.add(act, row, injects.names(act))
        prescriptions += [key] if row.table == "prescription" else []
        if row.alias is not None:
            bindings[row.alias] = [key]
            injects.bind(act, row.alias, key)
    start_pharmacy.complete(act, prescriptions)
    act.forget_changes()
    injects.plan(act)
    seats = {each.name: injects.names(act)[each.name][0] for each in act.pack.seats}
    exercise = f"{act.pack.exercise}@{act.pack.version}:{act.pack.sha256}"
    facts = {"bindings": bindings, "seats": seats, "anchor": act.binding.anchor.isoformat()}
    facts |= {"variant": act.pack.variant} if act.pack.variant else {}
    act.record("attempt.begin", data={**facts, "exercise": exercise, "dataset": digest})
    injects.follow(act)


def _hire(act: Acting, seat: Seat, language: str) -> str:
    dept = seat.dept or ""
    title = _TITLES.get(seat.role)
    key = act.insert(
        "staff",
        {
            "staff_no": f"PX{seat.name.upper()}",
            # A person has one name: that of the language the trainee came with.
            "name": getattr(seat.title, language),
            "role": seat.role,
            "title": title,
            "dept": dept,
            "rx_flags": _FLAGS.get(title or "", ""),
        },
    )
    act.connection.execute(
        'INSERT INTO "account" ("name", "seat", "staff", "agreement") VALUES (?, ?, ?, ?)',
        (account_name(seat.name), seat.name, key, "due" if act.pack.agreement else ""),
    )
    act.insert(
        "his_account",
        {"staff": key, "name": account_name(seat.name), "roles": seat.role, "status": "initial_password"},
    )
    if seat.role == "OPD":
        # Otherwise nobody could register a patient with the trainee.
        act.connection.execute(
            'INSERT INTO "schedule" ("doctor", "dept", "half_day", "level", "quota") '
            'SELECT ?, ?, h."code", l."code", l."daily_quota_default" FROM "code_lists" h, "registration_levels" l '
            "WHERE h.\"list_id\" = 'half_day' AND l.\"code\" = 'GEN'",
            (key, dept),
        )
    return key


def _cast(act: Acting, person: CastMember) -> list[str]:
    if person.absent:
        return []
    table = "staff" if person.kind == "staff" else "patient"
    if person.label is None:
        return [starting.add_person(act, table, person.columns)]
    found = act.one(f'SELECT "id" FROM "{table}" WHERE "label" = ?', person.label)  # noqa: S608 names of our own
    if found is None:
        raise LookupError(f"the dataset has no {table} {person.label}")
    return [str(found["id"])]


def _start_clock(clock: Clock, pack: ExercisePack, *, t: int, test: bool, jumped_s: int = 0) -> None:
    clock.start(start_s=seconds_of(pack.clock), factor=pack.time_factor, t=t, jumped_s=jumped_s, test=test)


def _facts(command: Arm) -> dict[str, str]:
    return {"arm": canonical.dumps(codec.to_json(command))}


def _fact(connection: sqlite3.Connection, key: str) -> str:
    found = connection.execute('SELECT "value" FROM "meta" WHERE "key" = ?', (key,)).fetchone()
    if found is None:
        raise ArmingError(f"the dataset does not say its {key}")
    return str(found["value"])


def _arming(command: Arm, digest: str, *, sealed: bool) -> Arming:
    return Arming(
        instance=command.instance,
        epoch=command.epoch,
        trainee=command.trainee,
        language=command.language,
        dataset_digest=digest,
        binding=Binding(attempt=command.attempt, nonce=command.nonce, anchor=date.fromisoformat(command.anchor)),
        pack=command.pack,
        sealed=sealed,
    )

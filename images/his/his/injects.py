"""What the hospital does to the trainee, at a moment or after the first row of an event.

It says something, changes or adds a record, or lets time pass. An inject that cannot be carried out (it names somebody
nobody has created) leaves a refused row: the hospital goes on, and the release gate finds that it never fired.
"""

from __future__ import annotations

import sqlite3
from datetime import date

from his import starting
from his.chart import storing
from his.chart.acting import Acting
from his.chart.refusing import Refused
from his.hospital_time import moment_of, seconds_of
from sandbox.contract import binding, matching, moments
from sandbox.contract.exercise_pack import ExercisePack, Inject, Words
from sandbox.contract.journal import Row

_WAITING, _FIRED, _SPARED = 0, 1, 2


def plan(act: Acting) -> None:
    """Write down every inject of the pack; those with a moment are due then."""
    for position, each in enumerate(act.pack.injects):
        due = None if each.at is None else _due(each.at, act.pack, act.binding.anchor)
        act.connection.execute(
            'INSERT INTO "inject" ("id", "position", "due") VALUES (?, ?, ?)', (each.id, position, due)
        )


def fire_due(act: Acting) -> None:
    """Fire what is due by now, by due time, then in file order."""
    while due := act.one(
        'SELECT "id" FROM "inject" WHERE "fired" = ? AND "due" <= ? ORDER BY "due", "position"', _WAITING, act.now
    ):
        # One at a time: what it does may move the clock past others, or spare them.
        _fire(act, _named(act.pack, due["id"]))
        follow(act)


def follow(act: Acting) -> None:
    """Bind people the trainee created and fire what waits for the rows just written, in their order."""
    while act.followed < len(act.recorded):
        row = act.recorded[act.followed]
        act.followed += 1
        if row.action == "patient_index.create":
            _bind_absent(act, row)
        for name in _first_seen(act, row):
            _wake(act, name)


def names(act: Acting) -> dict[str, list[str]]:
    """Return the ids bound to each $name so far; a seat's name is bound to its member of staff."""
    bound: dict[str, list[str]] = {each.name: [] for each in act.pack.cast}
    for each in act.rows('SELECT "name", "id" FROM "binding" ORDER BY "name", LENGTH("id"), "id"'):
        bound.setdefault(each["name"], []).append(each["id"])
    return bound


def bind(act: Acting, name: str, key: str) -> None:
    """Bind one more record to a $name."""
    act.connection.execute('INSERT INTO "binding" ("name", "id") VALUES (?, ?) ON CONFLICT DO NOTHING', (name, key))


def _due(at: str, pack: ExercisePack, anchor: date) -> int:
    try:
        return seconds_of(pack.clock) + moments.duration_ms(at) // 1000
    except ValueError:
        return moment_of(at, anchor)


def _first_seen(act: Acting, row: Row) -> list[str]:
    if not act.pack.events:
        return []
    bound = matching.Bound(anchor=act.binding.anchor, names=names(act))
    seen = {each["name"] for each in act.rows('SELECT "name" FROM "seen_event"')}
    first = [
        name for name, event in act.pack.events.items() if name not in seen and matching.matches(event, row, bound)
    ]
    for name in first:
        act.connection.execute('INSERT INTO "seen_event" ("name", "seq") VALUES (?, ?)', (name, row.seq))
    return first


def _wake(act: Acting, event: str) -> None:
    for each in act.pack.injects:
        if each.when != event:
            continue
        if each.delay_ms:
            act.connection.execute(
                'UPDATE "inject" SET "due" = ? WHERE "id" = ? AND "due" IS NULL',
                (act.now + each.delay_ms // 1000, each.id),
            )
        else:
            _fire(act, each)


def _fire(act: Acting, inject: Inject) -> None:
    spared = inject.unless is not None and act.one('SELECT 1 FROM "seen_event" WHERE "name" = ?', inject.unless)
    taken = act.connection.execute(
        'UPDATE "inject" SET "fired" = ? WHERE "id" = ? AND "fired" = ?',
        (_SPARED if spared else _FIRED, inject.id, _WAITING),
    )
    if spared or taken.rowcount != 1:
        return
    act.connection.execute("SAVEPOINT inject")
    try:
        _happen(act, inject)
    except (LookupError, Refused, sqlite3.IntegrityError):
        act.connection.execute("ROLLBACK TO inject")
        act.forget_changes()
        act.record("inject.fired", system=True, outcome="refused", code="E-GEN-03", data={"inject": inject.id})
    act.connection.execute("RELEASE inject")


def _happen(act: Acting, inject: Inject) -> None:
    if inject.say is not None:
        _say(act, inject, inject.say)
    if inject.set is not None and not starting.change(act, inject.set, names(act)):
        raise LookupError(f"inject {inject.id} finds no {inject.set.table}")
    if inject.add is not None:
        starting.add(act, inject.add, names(act))
    act.record("inject.fired", system=True, data={"inject": inject.id})
    if inject.jump is not None:
        act.jump_to(moment_of(inject.jump, act.binding.anchor))


def _say(act: Acting, inject: Inject, said: Words) -> None:
    sender = inject.say_from
    act.connection.execute(
        'INSERT INTO "message" ("id", "from_zh", "from_en", "zh", "en", "at") VALUES (?, ?, ?, ?, ?, ?)',
        (
            storing.next_id(act.connection, "message"),
            "" if sender is None else sender.zh,
            "" if sender is None else sender.en,
            said.zh,
            said.en,
            act.now,
        ),
    )


def _bind_absent(act: Acting, row: Row) -> None:
    bound = names(act)
    before = {name: list(ids) for name, ids in bound.items()}
    absent = [each for each in act.pack.cast if each.absent]
    binding.bind(bound, row, absent, act.binding.anchor)
    for name, ids in bound.items():
        for key in ids:
            if key not in before.get(name, ()):
                bind(act, name, key)


def _named(pack: ExercisePack, key: str) -> Inject:
    return next(each for each in pack.injects if each.id == key)

"""Check in, call, pass over, queue again: what registration, triage desk and clinic do to the same queue."""

from __future__ import annotations

from collections.abc import Mapping

from his.chart import dictionary, half_days, machine, queue, rooms, waiting
from his.chart.acting import Acting, Record
from his.chart.hospital import Operation
from his.chart.refusing import Refused


def check_in(act: Acting, *, registration: str, version: int | None = None) -> None:
    """Put a paid visit into the queue of its clinic; who comes after later numbers were called waits behind some."""
    record = act.fetch("registration", registration)
    edge = machine.enter(act, "registration", "check_in", record, version=version)
    if not _is_its_time(act, record):
        raise Refused("E-GEN-03", hint_zh="不在就诊日期或时段", hint_en="Not the day or half-day of the visit")
    rows = queue.today(act, dept=record["dept"])
    turn = waiting.turn_after_others(act, rows, record) if waiting.comes_late(rows, record) else None
    cause = machine.move(act, edge, record, {"checked_in_at": act.now, "turn": turn})
    visit = act.fetch("encounter", record["encounter"])
    if visit["status"] == "planned":
        machine.follow(act, "encounter", "arrive", visit, cause)


def call(
    act: Acting, *, registration: str, reason: str = "", room: str | None = None, version: int | None = None
) -> None:
    """Call a waiting patient into a room, the doctor's own unless named; out of turn only with a reason.

    Raises Refused E-GEN-06 for a room of another department.
    """
    record = act.fetch("registration", registration)
    to = room or rooms.of_clinic(act, record)
    data = {"reason": reason or None, "room": to}
    edge = machine.enter(act, "registration", "call", record, version=version, data=data)
    if room is not None and not rooms.belongs(act, room, record["dept"]):
        raise Refused("E-GEN-06", hint_zh="该诊室不属于本科室", hint_en="The room belongs to another department")
    if not reason and not waiting.is_first(queue.today(act, dept=record["dept"]), record):
        raise Refused("E-GEN-06", hint_zh="未按顺序叫号,请填写理由", hint_en="Out of turn: give a reason")
    machine.move(act, edge, record, {"room": to}, data=data)


def pass_over(act: Acting, *, registration: str, calls: int = 0, version: int | None = None) -> None:
    """Mark a called patient who does not answer as missed, after so many calls or when the half-day is over.

    `calls`: how often he was called without an answer. Raises Refused E-GEN-03 after too few.
    """
    record = act.fetch("registration", registration)
    data = {"calls": calls}
    edge = machine.enter(act, "registration", "pass", record, version=version, data=data)
    needed = dictionary.limit(act, "calls_before_missed")
    if calls < needed and not half_days.is_over(act, record):
        raise Refused(
            "E-GEN-03",
            hint_zh=f"须呼叫{needed}次未应答才能过号，已呼叫{calls}次",
            hint_en=f"Only after {needed} calls without an answer; so far {calls}",
        )
    machine.move(act, edge, record, data=data)


def re_queue(act: Acting, *, registration: str, version: int | None = None) -> None:
    """Take a missed patient back into the queue of the same half-day, behind some of those who wait."""
    record = act.fetch("registration", registration)
    edge = machine.enter(act, "registration", "re_queue", record, version=version)
    if not _is_its_time(act, record):
        raise Refused("E-GEN-03", hint_zh="本午别已结束", hint_en="The half-day of this visit is over")
    turn = waiting.turn_after_others(act, queue.today(act, dept=record["dept"]), record)
    machine.move(act, edge, record, {"checked_in_at": act.now, "room": None, "turn": turn})


def _is_its_time(act: Acting, record: Record) -> bool:
    if waiting.is_emergency(act, record["dept"]):
        return act.now < waiting.emergency_until(act, record)
    return bool(record["visit_date"] == act.today and record["half_day"] == half_days.current(act))


ACTIONS: Mapping[str, Operation] = {
    "registration.check_in": check_in,
    "registration.call": call,
    "registration.pass": pass_over,
    "registration.re_queue": re_queue,
}

"""What time does to registrations: unpaid ones expire, called ones that nobody answers are missed, the day takes all.

Runs before every act. An ordinary visit ends with its day, an emergency visit so many hours after its sale.
"""

from __future__ import annotations

from his.chart import dictionary, half_days, machine, queue, waiting
from his.chart.acting import Acting, Record


def lapse(act: Acting) -> None:
    """Let everything lapse that is due by now, in order of its sale."""
    for record in _called(act):
        if _is_missed(act, record):
            machine.follow(act, "registration", "pass", record, None)
    for record in _overdue(act):
        queue.expire(act, record)


def _called(act: Acting) -> list[Record]:
    return act.rows(
        'SELECT * FROM "registration" WHERE "status" = \'called\' AND "visit_date" >= 0 ORDER BY "created_at", "id"'
    )


def _is_missed(act: Acting, record: Record) -> bool:
    """Say whether a call has gone unanswered into the time after the half-day; a last call gets its minutes."""
    over = half_days.is_over(act, record)
    if waiting.is_emergency(act, record["dept"]):
        over = act.now >= waiting.emergency_until(act, record)
    # A row of the dataset was never updated: its call was before the hospital began.
    called = int(record["updated_at"] or 0)
    return over and act.now >= called + dictionary.limit(act, "called_minutes") * 60


def _overdue(act: Acting) -> list[Record]:
    deadline = act.now - dictionary.limit(act, "unpaid_minutes") * 60
    found = act.rows(
        'SELECT * FROM "registration" WHERE ("status" = \'unpaid\' AND "created_at" <= ?) '
        "OR (\"visit_date\" BETWEEN 0 AND ? AND \"status\" IN ('unpaid', 'registered', 'checked_in', 'missed')) "
        'ORDER BY "created_at", "id"',
        deadline,
        act.today - 1,
    )
    return [each for each in found if each["status"] == "unpaid" or _has_ended(act, each)]


def _has_ended(act: Acting, record: Record) -> bool:
    if waiting.is_emergency(act, record["dept"]):
        return act.now >= waiting.emergency_until(act, record)
    return True

"""Whether everybody of an assignment finds a seat when it opens: told with numbers as soon as it is entered."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sandbox.overview import Stores
from sandbox.scheduling import advice, forecast
from sandbox.scheduling.advice import Shortfall
from sandbox.scheduling.forecast import Lesson
from web import presenting
from web.wording import _


def shortfall(
    stores: Stores, opens: datetime | None, due: datetime | None, people: Collection[str]
) -> Shortfall | None:
    """Return where these people and all that is entered already do not fit; None if they do, or nobody can tell.

    People who sit in a lesson at that time already are not counted twice, so it may be asked before and after.
    """
    vitals = stores.vitals.latest()
    if vitals is None or opens is None or not people:
        return None
    lesson = Lesson(start=opens, end=forecast.end(opens, due), people=frozenset(people), exam=False)
    entered = stores.demand.opening(opens - forecast.LONGEST_LESSON, lesson.end)
    return advice.of_lesson(lesson, [*forecast.timetable(entered), lesson], vitals)


def words(short: Shortfall) -> str:
    """Return the sentence for the trainer; what to do about it is IT's."""
    facts = {"time": presenting.due(short.at), "wanted": short.wanted, "seats": short.seats}
    if short.missing_bytes:
        return _(
            "Seats needed %(time)s: %(wanted)s; this machine has room for %(seats)s. About %(size)s of memory is"
            " missing: ask IT, or choose another time.",
            **facts,
            size=presenting.megabytes(short.missing_bytes),
        )
    return _(
        "Seats needed %(time)s: %(wanted)s; this machine has room for %(seats)s. Ask IT, or choose another time.",
        **facts,
    )

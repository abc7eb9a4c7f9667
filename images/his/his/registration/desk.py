"""The registration desk as the shell knows it: selling visits, checking in, giving back."""

from __future__ import annotations

from pathlib import Path

from his.chart.acting import Acting
from his.shell.desks import Desk, Tab


def _to_confirm(act: Acting) -> int:
    own = None if act.who.role == "REG" else act.who.dept
    found = act.one(
        'SELECT COUNT(*) AS n FROM "appointment" WHERE "status" = \'requested\' AND (? IS NULL OR "dept" = ?)', own, own
    )
    return 0 if found is None else int(found["n"])


def _to_check_in(act: Acting) -> int:
    found = act.one(
        'SELECT COUNT(*) AS n FROM "registration" WHERE "visit_date" = ? AND "status" = \'registered\'', act.today
    )
    return 0 if found is None else int(found["n"])


DESK = Desk(
    name="registration",
    pages=("his.registration.pages",),
    folder=Path(__file__).parent,
    tabs=(
        Tab(name="register", endpoint="registration.desk", key=1, roles=frozenset({"REG"})),
        Tab(name="checkin", endpoint="registration.checkin", key=2, roles=frozenset({"REG"}), waiting=_to_check_in),
    ),
)

REFUNDS = Desk(
    name="refunds",
    pages=("his.registration.refund_pages",),
    folder=Path(__file__).parent,
    tabs=(Tab(name="refund", endpoint="registration_refund.refunds", key=7, roles=frozenset({"REG", "CAS"})),),
)
"""Behind the cashier's own desk, which is where a cashier begins."""

SCHEDULES = Desk(
    name="schedules",
    pages=("his.registration.schedule_pages",),
    folder=Path(__file__).parent,
    tabs=(
        Tab(
            name="schedules",
            endpoint="registration_schedule.schedules",
            key=6,
            roles=frozenset({"OPD", "HOD"}),
        ),
    ),
)
"""For those whose clinics they are: behind the doctor's own desk."""

BOOKINGS = Desk(
    name="bookings",
    pages=("his.registration.booking_pages",),
    folder=Path(__file__).parent,
    tabs=(
        Tab(
            name="booking",
            endpoint="registration_booking.bookings",
            key=3,
            roles=frozenset({"REG"}),
            waiting=_to_confirm,
        ),
        Tab(name="booking", endpoint="registration_booking.bookings", key=1, roles=frozenset({"OPD", "IPD"})),
    ),
)
"""Follow-up visits: doctors book for their own department."""

PEOPLE = Desk(
    name="people",
    pages=("his.registration.people_pages",),
    folder=Path(__file__).parent,
    tabs=(
        Tab(name="people", endpoint="registration_people.find", key=4, roles=frozenset({"NUR"})),
        Tab(name="people", endpoint="registration_people.find", key=2, roles=frozenset({"MRC"})),
    ),
    guests=frozenset({"REG"}),
)
"""The patient index for nurses and the records desk; clerks are led here from their own desk."""

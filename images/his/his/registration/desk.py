"""The registration desk as the shell knows it: selling visits, checking in, giving back."""

from __future__ import annotations

from pathlib import Path

from his.chart.acting import Acting
from his.registration import pages, refund_pages
from his.shell.desks import Desk, Tab


def _to_check_in(act: Acting) -> int:
    found = act.one(
        'SELECT COUNT(*) AS n FROM "registration" WHERE "visit_date" = ? AND "status" = \'registered\'', act.today
    )
    return 0 if found is None else int(found["n"])


DESK = Desk(
    name="registration",
    blueprints=(pages.bp,),
    folder=Path(__file__).parent,
    tabs=(
        Tab(name="register", endpoint="registration.desk", key=1, roles=frozenset({"REG"})),
        Tab(name="checkin", endpoint="registration.checkin", key=2, roles=frozenset({"REG"}), waiting=_to_check_in),
    ),
)

REFUNDS = Desk(
    name="refunds",
    blueprints=(refund_pages.bp,),
    folder=Path(__file__).parent,
    tabs=(Tab(name="refund", endpoint="registration_refund.refunds", key=7, roles=frozenset({"REG", "CAS"})),),
)
"""Behind the cashier's own desk, which is where a cashier begins."""

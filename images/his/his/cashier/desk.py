"""The desks of money as the shell knows them: the window, refunds, one's own shift, finance."""

from __future__ import annotations

from pathlib import Path

from his.cashier import finance_pages, invoice_pages, pages, refund_pages, refund_views, shift_pages
from his.chart.acting import Acting
from his.shell.desks import Desk, Tab

_FOLDER = Path(__file__).parent


def _waiting(act: Acting) -> int:
    found = act.one('SELECT COUNT(*) AS n FROM "prescription" WHERE "status" = \'reviewed\'')
    return 0 if found is None else int(found["n"])


def _refunds(key: int | None, *roles: str) -> Tab:
    return Tab(
        name="refunds", endpoint="refunds.refunds", key=key, roles=frozenset(roles), waiting=refund_views.counted
    )


WINDOW = Desk(
    name="cashier",
    blueprints=(pages.bp, invoice_pages.bp),
    folder=_FOLDER,
    tabs=(Tab(name="charge", endpoint="cashier.desk", key=1, roles=frozenset({"CAS"}), waiting=_waiting),),
)
FINANCE = Desk(
    name="finance",
    blueprints=(finance_pages.bp,),
    folder=_FOLDER,
    tabs=(
        Tab(
            name="reconcile",
            endpoint="finance.shifts",
            key=1,
            roles=frozenset({"FIN"}),
            waiting=finance_pages.waiting,
        ),
    ),
)
REFUNDS = Desk(
    name="refund_chain",
    blueprints=(refund_pages.bp,),
    folder=_FOLDER,
    tabs=(_refunds(2, "CAS", "FIN", "HOD"), _refunds(None, "OPD", "PHA")),
)
SHIFT = Desk(
    name="shift",
    blueprints=(shift_pages.bp,),
    folder=_FOLDER,
    tabs=(
        Tab(name="shift", endpoint="cashier_shift.shift", key=3, roles=frozenset({"CAS"})),
        Tab(name="shift", endpoint="cashier_shift.shift", key=5, roles=frozenset({"REG"})),
    ),
)
DESKS = (WINDOW, FINANCE, REFUNDS, SHIFT)

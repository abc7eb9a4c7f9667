"""The desks of money as the shell knows them: the window, refunds, one's own shift, finance."""

from __future__ import annotations

from pathlib import Path

from his.chart.acting import Acting
from his.shell.desks import Desk, Later, Tab

_FOLDER = Path(__file__).parent
_TO_REFUND = Later(module="his.cashier.refund_views", function="counted")


def _waiting(act: Acting) -> int:
    found = act.one(
        'SELECT (SELECT COUNT(*) FROM "prescription" WHERE "status" = \'reviewed\') '
        '+ (SELECT COUNT(*) FROM "lab_request" WHERE "status" = \'requested\') '
        '+ (SELECT COUNT(*) FROM "imaging_request" WHERE "status" = \'requested\') AS n'
    )
    return 0 if found is None else int(found["n"])


def _to_reconcile(act: Acting) -> int:
    found = act.one('SELECT COUNT(*) AS n FROM "cashier_shift" WHERE "status" = \'closed\'')
    return 0 if found is None else int(found["n"])


def _refunds(key: int | None, *roles: str) -> Tab:
    return Tab(name="refunds", endpoint="refunds.refunds", key=key, roles=frozenset(roles), waiting=_TO_REFUND)


WINDOW = Desk(
    name="cashier",
    pages=("his.cashier.pages", "his.cashier.invoice_pages"),
    folder=_FOLDER,
    tabs=(Tab(name="charge", endpoint="cashier.desk", key=1, roles=frozenset({"CAS"}), waiting=_waiting),),
)
FINANCE = Desk(
    name="finance",
    pages=("his.cashier.finance_pages", "his.cashier.price_pages"),
    folder=_FOLDER,
    tabs=(
        Tab(
            name="reconcile",
            endpoint="finance.shifts",
            key=1,
            roles=frozenset({"FIN"}),
            waiting=_to_reconcile,
        ),
        Tab(name="prices", endpoint="prices.prices", key=3, roles=frozenset({"FIN"})),
    ),
)
REFUNDS = Desk(
    name="refund_chain",
    pages=("his.cashier.refund_pages",),
    folder=_FOLDER,
    tabs=(_refunds(2, "CAS", "FIN", "HOD", "OPD"), _refunds(None, "PHA")),
)
SHIFT = Desk(
    name="shift",
    pages=("his.cashier.shift_pages", "his.cashier.slip_pages"),
    folder=_FOLDER,
    tabs=(
        Tab(name="shift", endpoint="cashier_shift.shift", key=3, roles=frozenset({"CAS"})),
        Tab(name="shift", endpoint="cashier_shift.shift", key=5, roles=frozenset({"REG"})),
    ),
)
DESKS = (WINDOW, FINANCE, REFUNDS, SHIFT)

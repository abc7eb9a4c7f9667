"""The store's desk as the shell knows it: goods, the count, the ledger."""

from __future__ import annotations

from pathlib import Path

from his.chart.acting import Acting
from his.shell.desks import Desk, Tab

_ROLES = frozenset({"PHA"})


def _awaited(act: Acting) -> int:
    found = act.one('SELECT COUNT(*) AS n FROM "stock_batch" WHERE "status" = \'awaiting_check\'')
    return 0 if found is None else int(found["n"])


DESK = Desk(
    name="store",
    pages=("his.store.goods_pages", "his.store.count_pages", "his.store.ledger_pages"),
    folder=Path(__file__).parent,
    tabs=(Tab(name="store", endpoint="store_goods.goods", key=7, roles=_ROLES, waiting=_awaited),),
)

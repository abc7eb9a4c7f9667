"""The store's desk as the shell knows it: goods, the count, the ledger."""

from __future__ import annotations

from pathlib import Path

from his.chart.acting import Acting
from his.shell.desks import Desk, Tab
from his.store import count_pages, goods_pages, ledger_pages, receiving

_ROLES = frozenset({"PHA"})


def _awaited(act: Acting) -> int:
    return len(receiving.awaited(act))


DESK = Desk(
    name="store",
    blueprints=(goods_pages.bp, count_pages.bp, ledger_pages.bp),
    folder=Path(__file__).parent,
    tabs=(Tab(name="store", endpoint="store_goods.goods", key=7, roles=_ROLES, waiting=_awaited),),
)

"""The store's desk as the shell knows it: goods, the count, the ledger."""

from __future__ import annotations

from pathlib import Path

from his.shell.desks import Desk, Listed, Tab

_ROLES = frozenset({"PHA"})
_AWAITED = Listed(module="his.store.receiving", function="awaited")

DESK = Desk(
    name="store",
    pages=("his.store.goods_pages", "his.store.count_pages", "his.store.ledger_pages"),
    folder=Path(__file__).parent,
    tabs=(Tab(name="store", endpoint="store_goods.goods", key=7, roles=_ROLES, waiting=_AWAITED),),
)

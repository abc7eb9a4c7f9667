"""Batches: taken in, accepted or sent back at the store; locked, released and scrapped on the shelves; grown old."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.contract.exercise_pack import StartRow
from tests.his.pages.ways.walking_on import Lapse, Way, bound, latest, nothing
from tests.his.stage import Stage

_DRUG = "M008"
_BATCH = bound("batch")
_GOODS = latest("stock_batch", batch_no="AZ77")
_NOTE = {
    "drug": _DRUG,
    "batch_no": "AZ77",
    "expiry": "2028-01-31",
    "quantity": "100",
    "supplier": "模拟省医药公司",
    "delivery_no": "SH-9",
    "cost": "10.80",
}
_READ = {"batch_no": "AZ77", "expiry": "2028-01-31", "quantity": "100", "licence": "1"}
_DAY = 24 * 60
"""Minutes."""


def shelf(expiry: str, **columns: Any) -> tuple[StartRow, ...]:
    """Return a batch of twenty packs on the pharmacy's shelf."""
    row = {"drug": _DRUG, "batch_no": "BX1", "expiry": expiry, "quantity": 20, **columns}
    return (StartRow(table="stock_batch", alias="batch", row=row),)


def at_shelf(stage: Stage) -> str:
    return f"/pharmacy/shelves?q={_DRUG}&batch={_BATCH(stage)}"


def at_goods(stage: Stage) -> str:
    return f"/store?batch={_GOODS(stage)}"


def received(stage: Stage) -> None:
    stage.does("pha", "stock_batch.receive", **_NOTE)


def _locked(stage: Stage) -> None:
    stage.does("pha", "stock_batch.quarantine", target="$batch", reason="DAMAGE")


def _released(stage: Stage) -> None:
    stage.does("pha", "stock_batch.release", target="$batch", reason="复检合格", second="pha2")


def _goods(event: str, seat: str, **fields: str) -> Way:
    return Way(
        action=f"stock_batch.{event}",
        source="awaiting_check",
        seat=seat,
        before=received,
        page=at_goods,
        record=_GOODS,
        fields=fields,
    )


def _shelved(event: str, source: str, expiry: str, before: Callable[[Stage], object] = nothing, **fields: str) -> Way:
    return Way(
        action=f"stock_batch.{event}",
        source=source,
        seat="pha",
        add=shelf(expiry),
        before=before,
        page=at_shelf,
        record=_BATCH,
        fields=fields,
    )


WAYS = (
    Way(
        action="stock_batch.receive",
        source="-",
        seat="pha",
        page=lambda _: "/store",
        fields=_NOTE,
    ),
    _goods("accept", "pha2", **_READ),
    _goods("accept", "pha", **_READ, second="colleague"),
    _goods("reject", "pha", reason="DAMAGE"),
    _shelved("quarantine", "available", "+300d", reason="COLDCHAIN"),
    _shelved("quarantine", "near_expiry", "+40d", reason="COLDCHAIN"),
    _shelved("release", "quarantined", "+300d", _locked, basis="温度记录完整", second="colleague"),
    _shelved("scrap", "quarantined", "+300d", _locked, reason="DAMAGE", quantity="20", second="colleague"),
    _shelved("scrap", "expired", "-4d", reason="EXPIRED", quantity="20", second="colleague"),
)

LAPSES = (
    Lapse(action="stock_batch.near_expiry", source="available", add=shelf("+181d"), record=_BATCH, minutes=_DAY),
    Lapse(action="stock_batch.expire", source="near_expiry", add=shelf("today"), record=_BATCH, minutes=_DAY),
    Lapse(
        action="stock_batch.expire",
        source="available",
        add=shelf("today", status="quarantined"),
        before=_released,
        record=_BATCH,
        minutes=_DAY,
    ),
)

"""Stock that moves: the batch's quantity, the movement that says why, and its row in the journal."""

from __future__ import annotations

from typing import Any

from his.chart.acting import Acting, Record
from his.chart.refusing import Refused


def post(
    act: Acting,
    batch: Record,
    *,
    type: str,  # noqa: A002 the field's own name
    quantity: int,
    cause: int | None,
    prescription: Record | None = None,
    reversal_of: str | None = None,
    values: dict[str, Any] | None = None,
    data: dict[str, Any] | None = None,
) -> tuple[str, int]:
    """Add `quantity` packs (negative: take them) to a batch; return the movement's id and its row's number.

    Without a `cause` it is the acting person's own deed. `values` are further columns of the movement, `data` further
    attributes of its row. Refused E-STK-03 below zero.
    """
    left = batch["quantity"] + quantity
    if left < 0:
        raise Refused("E-STK-03")
    about: dict[str, Any] = {"target": batch["id"]}
    if prescription is not None:
        about |= {"patient": prescription["patient"], "encounter": prescription["encounter"]}
    act.update("stock_batch", batch, {"quantity": left})
    key = act.insert(
        "stock_movement",
        {
            "batch": batch["id"],
            "type": type,
            "quantity": quantity,
            "prescription": None if prescription is None else prescription["id"],
            "reversal_of": reversal_of,
            "posted_by": act.who.staff,
            "posted_at": act.now,
            **(values or {}),
        },
    )
    told = {"type": type, "quantity": quantity, **(data or {})}
    return key, act.record("stock_movement.post", cause=cause, **about, data=told)

"""How a doctor answers alerts: shown, heeded or pushed through with a reason; a block only with a second signer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from his.chart import colleague, dictionary
from his.chart.acting import Acting, Record
from his.chart.refusing import Alert, Refused


@dataclass(frozen=True, kw_only=True)
class Override:
    """Why an alert is pushed through."""

    reason: str
    text: str = ""


Agrees = Callable[[Record, Sequence[Alert]], bool]
"""Says whether the colleague on duty signs these blocks as the second person."""


def answer(
    act: Acting, about: Mapping[str, Any], shown: Sequence[Alert], override: Override | None, *, agrees: Agrees
) -> None:
    """Journal what is shown and what was answered; both stay even if the act is refused.

    Raises Refused with the code of the first block, E-GEN-06 for a warning, as long as they are not answered by a
    reason of the list `override_reason` and, for blocks, by a colleague who agrees. The refusal carries all alerts.
    """
    lasting = {**about, "lasting": True}
    for each in shown:
        act.record("alert.shown", **lasting, data={"rule": each.rule, "level": each.level, "items": list(each.items)})
    open_alerts = [each for each in shown if each.level != "info"]
    if not open_alerts:
        return
    blocks = [each for each in open_alerts if each.level == "block"]
    code = blocks[0].rule if blocks else "E-GEN-06"
    if override is None or not dictionary.has_code(act, "override_reason", override.reason):
        raise Refused(code, alerts=tuple(shown))
    second = colleague.on_duty(act) if blocks else None
    for each in open_alerts:
        answered = {
            "rule": each.rule,
            "level": each.level,
            "items": list(each.items),
            "reason": override.reason,
            "text": override.text or None,
            "second": second["staff_no"] if second is not None and each in blocks else None,
        }
        act.record("alert.override", **lasting, data=answered)
    if second is not None and not agrees(second, blocks):
        raise Refused(code, alerts=tuple(shown))

"""What the grader needs to know of copied text, computed when a record is signed; the HIS itself only stores it."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from difflib import SequenceMatcher
from typing import Any

from his.chart.acting import Acting, Record
from his.clinic.operations import versions


def facts(act: Acting, record: Record) -> dict[str, Any]:
    """Return similarity to the author's note before (0.00 to 1.00) and whether somebody else's identity is in it."""
    return {
        "type": record["type"],
        "similarity": _similarity(act, record),
        "foreign_identity": _is_foreign(act, record),
    }


def _similarity(act: Acting, record: Record) -> str:
    before = act.one(
        'SELECT * FROM "medical_record" WHERE "author" = ? AND "id" != ? AND "signed_at" IS NOT NULL '
        'ORDER BY "signed_at" DESC, "id" DESC LIMIT 1',
        record["author"],
        record["id"],
    )
    if before is None:
        return "0.00"
    ratio = SequenceMatcher(None, versions.text(before), versions.text(record), autojunk=False).ratio()
    return str(Decimal(ratio).quantize(Decimal("0.01"), ROUND_HALF_UP))


def _is_foreign(act: Acting, record: Record) -> bool:
    text = versions.text(record)
    person = act.fetch("patient", record["patient"])
    other_sex = {"1": "女", "2": "男"}.get(person["sex"])
    if other_sex and re.search(f"患者[,，、 ]?{other_sex}|{other_sex}性患者", text):
        return True
    return (
        act.one(
            'SELECT 1 FROM "patient" WHERE "id" != ? AND "name" != ? AND ((LENGTH("name") > 2 AND INSTR(?, "name")) '
            'OR (LENGTH("mrn") > 5 AND INSTR(?, "mrn")) OR (LENGTH("id_no") > 5 AND INSTR(?, "id_no")))',
            person["id"],
            person["name"],
            text,
            text,
            text,
        )
        is not None
    )

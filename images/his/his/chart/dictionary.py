"""Codes, limits and words that the hospital looks up: reference tables, never numbers in code."""

from __future__ import annotations

from decimal import Decimal

from his.chart.acting import Acting, Record
from his.chart.refusing import Refused

LIMITS = (
    "rx_max_drugs",
    "rx_max_days",
    "rx_max_days_emergency",
    "rx_usual_days",
    "rx_valid_days",
    "rx_kept_years",
    "unpaid_minutes",
    "lock_failures",
    "lock_minutes",
    "author_days",
    "search_hits",
    "password_min_length",
    "password_classes",
    "session_minutes",
    "screen_lock_minutes",
    "am_starts_minute",
    "booking_days",
    "appointment_cancel_minutes",
    "no_show_max",
    "no_show_days",
    "add_on_max",
    "pm_starts_minute",
    "night_starts_minute",
    "newborn_days",
    "child_max_years",
    "near_expiry_days",
    "aged_from_years",
    "called_minutes",
    "calls_before_missed",
    "emergency_hours",
    "late_goes_behind",
    "receive_min_days",
    "count_gap_percent",
    "price_gap_percent",
    "export_rows",
    "skin_test_minutes",
    "skin_test_valid_hours",
    "colleague_minutes",
    "similarity_warn_permille",
    "childbearing_min_years",
    "childbearing_max_years",
    "egfr_contrast_min",
    "rx_valid_days_extended",
    "rx_unusual_factor",
    "child_kg_at_birth",
    "child_kg_per_year",
    "adult_kg",
    "account_enrol_minutes",
    "account_training_minutes",
    "invoice_book",
)
"""Keys of the table `limits` that the guards use: whole numbers. A dataset without one of them is refused."""

COLD = "2-8℃"
"""Storage of drugs of the cold chain."""

TEXT_LIMITS = (
    "women_department",
    "children_department",
    "reauth_for",
    "treatment_fees",
    "rx_titles",
    "rx_titles_限制",
    "rx_titles_特殊",
    "screen_DX_0",
    "screen_CT_0",
    "screen_CT_1",
    "screen_MR_0",
    "screen_MR_1",
)
"""Keys of `limits` that hold text: a department's code, or several words joined by `;`."""


def limit(act: Acting, key: str) -> int:
    """Return one of LIMITS."""
    found = act.one('SELECT "value" FROM "limits" WHERE "key" = ?', key)
    if found is None:
        raise LookupError(f"the dataset has no limit {key}")
    return int(found["value"])


def text_limit(act: Acting, key: str) -> str:
    """Return one of TEXT_LIMITS, empty if the dataset does not use it."""
    found = act.one('SELECT "value" FROM "limits" WHERE "key" = ?', key)
    return "" if found is None else str(found["value"])


def has_code(act: Acting, list_id: str, code: str | None) -> bool:
    """Say whether `code` stands in a code list."""
    return act.one('SELECT 1 FROM "code_lists" WHERE "list_id" = ? AND "code" = ?', list_id, code) is not None


def require_code(act: Acting, list_id: str, code: str | None) -> str:
    """Return the code. Raises Refused E-GEN-06 if it is missing or not in the list."""
    if code is None or not has_code(act, list_id, code):
        raise Refused("E-GEN-06")
    return code


def require_row(act: Acting, table: str, column: str, code: str | None) -> Record:
    """Return the reference row. Raises Refused E-GEN-06 for an unknown code."""
    found = act.one(f'SELECT * FROM "{table}" WHERE "{column}" = ?', code)  # noqa: S608 names of our own
    if found is None:
        raise Refused("E-GEN-06")
    return found


def drug(act: Acting, code: str | None) -> Record:
    """Return the drug of a code. Raises Refused E-GEN-06 if it is unknown."""
    return require_row(act, "drugs", "drug_code", code)


def is_cold(drug: Record) -> bool:
    """Say whether a drug (a row with its `storage`) belongs into the fridge."""
    return bool(drug["storage"] == COLD)


def price(act: Acting, fee_code: str) -> Decimal:
    """Return the price of a service."""
    return Decimal(require_row(act, "fee_items", "fee_code", fee_code)["price_cny"])


def codes(act: Acting, list_id: str) -> list[Record]:
    """Return a code list for a drop-down."""
    return act.rows(
        'SELECT "code", "name_zh", "name_en" FROM "code_lists" WHERE "list_id" = ? ORDER BY "code"', list_id
    )


def find_drugs(act: Acting, text: str, limit_rows: int = 9) -> list[Record]:
    """Return the drugs whose initials, code or Chinese name begin with or contain `text`, with stock at hand."""
    wanted = text.strip().lower()
    return act.rows(
        'SELECT d.*, (SELECT COALESCE(SUM(b."quantity"), 0) FROM "stock_batch" b WHERE b."drug" = d."drug_code" '
        "AND b.\"place\" = 'OP' AND b.\"status\" IN ('available', 'near_expiry')) AS stock FROM \"drugs\" d "
        'WHERE LOWER(d."initials") LIKE ? OR LOWER(d."drug_code") = ? OR d."generic_zh" LIKE ? '
        'OR LOWER(d."generic_en") LIKE ? ORDER BY (LOWER(d."initials") LIKE ?) DESC, d."drug_code" LIMIT ?',
        f"{wanted}%",
        wanted,
        f"%{text.strip()}%",
        f"{wanted}%",
        f"{wanted}%",
        limit_rows,
    )


def find_services(act: Acting, table: str, key: str, text: str, limit_rows: int = 9) -> list[Record]:
    """Return the panels or examinations whose initials, code or name begin with or contain `text`."""
    wanted = text.strip().lower()
    return act.rows(
        f'SELECT * FROM "{table}" WHERE LOWER("initials") LIKE ? OR LOWER("{key}") LIKE ? '  # noqa: S608
        'OR "name_zh" LIKE ? OR LOWER("name_en") LIKE ? '
        f'ORDER BY (LOWER("initials") LIKE ?) DESC, "{key}" LIMIT ?',
        f"{wanted}%",
        f"%{wanted}%",
        f"%{text.strip()}%",
        f"%{wanted}%",
        f"{wanted}%",
        limit_rows,
    )


def find_diagnoses(act: Acting, text: str, limit_rows: int = 9) -> list[Record]:
    """Return the diagnoses whose initials, code or Chinese name begin with or contain `text`."""
    wanted = text.strip().lower()
    return act.rows(
        'SELECT * FROM "icd10" WHERE LOWER("initials") LIKE ? OR LOWER("code") LIKE ? OR "name_zh" LIKE ? '
        'OR LOWER("name_en") LIKE ? ORDER BY (LOWER("initials") LIKE ?) DESC, "code" LIMIT ?',
        f"{wanted}%",
        f"{wanted}%",
        f"%{text.strip()}%",
        f"%{wanted}%",
        f"{wanted}%",
        limit_rows,
    )

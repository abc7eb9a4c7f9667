"""What a dataset is made of: JSON lines that `python -m his seed` turns into one golden SQLite file.

Line 1 is the header; every other line is {"table": …, "row": {…}}. Tables are those of `state.TABLES` (same columns,
ids given by the fixtures) and the reference tables below (every value text, as in fixtures/reference). A `time` is an
integer: seconds from midnight of the anchor; a `day` is an integer: days from the anchor. So nothing ever ages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

GOLDEN_LIMIT_BYTES = 24 << 20
"""A golden file must stay below: the cell's file-size limit hits SQLite late (see trust, fsize)."""

PEOPLE_EXTRA: Mapping[str, Mapping[str, str]] = {
    "patient": {"label": "text"},
    "staff": {"label": "text", "rx_flags": "text", "licence_no": "text"},
}
"""Columns that a seeded row may have beside the gradable ones. `label` is what an exercise's `cast.from` names;
`rx_flags` the prescription types beyond the ordinary that the person may sign, joined by `;`: P (class II
psychotropic), N (narcotic and class I)."""

ID_PREFIX: Mapping[str, str] = {
    "patient": "p",
    "allergy": "al",
    "staff": "s",
    "registration": "rg",
    "encounter": "en",
    "appointment": "ap",
    "clinic_day": "cd",
    "add_on": "ao",
    "diagnosis": "dx",
    "medical_record": "mr",
    "prescription": "rx",
    "rx_item": "ri",
    "lab_request": "lr",
    "imaging_request": "im",
    "charge_item": "ch",
    "invoice": "iv",
    "stock_batch": "sb",
    "stock_movement": "sm",
    "skin_test": "sk",
    "cashier_shift": "cs",
    "shift_total": "st",
    "price_change": "pc",
    "mail": "ml",
    "incident": "ic",
    "vitals": "vs",
    "his_account": "ha",
}
"""Ids are this prefix and a number from 1 on, in order of creation: seeded rows first, the cell goes on from there."""

NUMBERS: Mapping[tuple[str, str], tuple[str, int]] = {
    ("patient", "mrn"): ("9", 9),
    ("prescription", "rx_no"): ("R", 8),
    ("invoice", "number"): ("F", 8),
}
"""Numbers people see: a prefix and so many digits, from 1 on, without gaps. The cell goes on from the highest."""

REFERENCE: Mapping[str, tuple[str, ...]] = {
    "hospital": ("key", "value_zh", "value_en"),
    "roles": ("role_code", "name_zh", "name_en", "group"),
    "permission": ("permission", "name_zh", "name_en", "role", "scope"),
    "departments": ("dept_code", "name_zh", "name_en", "kind", "setting", "initials"),
    "registration_levels": ("code", "name_zh", "name_en", "fee_code", "daily_quota_default", "refund_until"),
    "fee_items": ("fee_code", "name_zh", "name_en", "category_zh", "unit_zh", "price_cny", "insurance_class"),
    "insurance_types": ("code", "name_zh", "name_en", "as_main", "sim_outpatient_ratio"),
    "code_lists": ("list_id", "code", "name_zh", "name_en"),
    "allergy_classes": ("class_code", "name_zh", "name_en", "category", "cross_reactivity", "initials"),
    "drugs": (
        "drug_code", "generic_zh", "generic_en", "atc", "form_zh", "strength", "pack_spec", "pack_unit_zh",
        "route_code", "freq_code", "usual_dose", "dose_unit", "max_daily_dose", "allergy_classes", "control_class",
        "antibacterial_level", "skin_test_required", "high_alert", "preg_lact_caution", "min_age_years",
        "insurance_class", "price_cny", "storage", "note_zh", "initials",
    ),
    "drug_interactions": ("drug_a", "drug_b", "severity", "effect_zh", "effect_en", "his_action"),
    "frequencies": ("code", "name_zh", "name_en", "doses", "period_days"),
    "routes": ("code", "name_zh", "name_en", "needs_execution_sheet"),
    "icd10": ("code", "name_zh", "name_en", "sex_limit", "age_min", "age_max", "dept_code", "chronic", "initials"),
    "control_rules": ("control_class", "form", "rx_type", "max_days", "max_doses", "kept_years"),
    "lab_panels": (
        "panel_code", "name_zh", "name_en", "specimen_code", "price_cny", "tat_routine_min", "tat_stat_min",
        "exec_dept", "fasting", "initials",
    ),
    "specimen_types": ("code", "name_zh", "name_en", "container_zh", "cap_colour", "additive"),
    "imaging_exams": (
        "exam_code", "modality", "body_part_zh", "side_required", "name_zh", "name_en", "contrast", "price_cny",
        "tat_min", "exec_dept", "prep_or_contraindication_zh", "initials",
    ),
    "record_templates": (
        "key", "dept_code", "name_zh", "name_en", "complaint", "present", "past", "examination", "plan",
        "complaint_en", "present_en", "past_en", "examination_en", "plan_en",
    ),
    "schedule": ("doctor", "dept", "half_day", "level", "quota"),
    "vital_signs": (
        "code", "rank", "name_zh", "name_en", "unit_zh", "unit_en", "decimals", "min", "max", "low", "high", "triage",
    ),
    "rooms": ("room", "dept_code", "name_zh", "name_en"),
    "pinyin": ("han", "initial"),
    "limits": ("key", "value", "unit", "note_zh", "note_en"),
}  # fmt: skip
"""Reference tables. `schedule` holds the clinics of every hospital day; `limits` the numbers the guards use
(rx_max_drugs, rx_max_days, rx_max_days_emergency, unpaid_minutes, …): editable, never in code."""


RUNNING: Mapping[str, tuple[str, ...]] = {"reservation": ("prescription", "rx_item", "batch", "quantity")}
"""Tables of the hospital's own running, not graded, that a dataset fills: packs that lie picked on the counter."""


@dataclass(frozen=True, kw_only=True)
class DatasetHeader:
    """Line 1 of the stream."""

    name: str
    seed: int
    anchor: str
    """ISO date from which birth dates were computed."""
    contract: int
    faker: str
    """Version of Faker: its output may change in a patch release."""

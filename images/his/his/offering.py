"""What this hospital offers: every action by its name in the journal."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from his.admin import accounts as admin_accounts
from his.admin import auditing, dictionaries, granting
from his.cashier import operations as cashier
from his.chart import calling, mail, messages, privacy, vital_signs
from his.chart.hospital import Operation
from his.clinic.operations import charting, countersigning, prescribing, recording, requesting, returning, visiting
from his.pharmacy import operations as pharmacy
from his.records import merging
from his.registration import booking, cards, refunding, schedules
from his.registration import operations as registration
from his.reports import running
from his.store import ledger, receiving
from his.treatment import operations as treatment
from his.triage import operations as triage

ACTS: Mapping[str, Operation] = MappingProxyType(
    {
        **messages.ACTIONS,
        **mail.ACTIONS,
        **privacy.ACTIONS,
        **calling.ACTIONS,
        **vital_signs.ACTIONS,
        **triage.ACTIONS,
        **registration.ACTIONS,
        **booking.ACTIONS,
        **cards.ACTIONS,
        **refunding.ACTIONS,
        **schedules.ACTIONS,
        **cashier.ACTIONS,
        **merging.ACTIONS,
        **pharmacy.ACTIONS,
        **receiving.ACTIONS,
        **ledger.ACTIONS,
        **treatment.ACTIONS,
        **visiting.ACTIONS,
        **charting.ACTIONS,
        **recording.ACTIONS,
        **countersigning.ACTIONS,
        **prescribing.ACTIONS,
        **returning.ACTIONS,
        **requesting.ACTIONS,
        **admin_accounts.ACTIONS,
        **granting.ACTIONS,
        **dictionaries.ACTIONS,
        **auditing.ACTIONS,
        **running.ACTIONS,
    }
)
"""Operations of people, as pages and scripted runs call them."""

CONSEQUENCES = frozenset(
    {
        "appointment.miss",
        "encounter.plan", "encounter.arrive", "encounter.start", "encounter.finish", "encounter.undo_start",
        "encounter.cancel", "charge_item.plan", "invoice.issue", "invoice.reverse",
        "registration.expire", "prescription.expire", "stock_batch.expire",
        "stock_batch.near_expiry", "alert.shown",
        "alert.override", "colleague.answer", "inject.fired", "attempt.begin", "attempt.end",
        "his_account.lock", "his_account.enrol_training", "his_account.pass", "auth.reauth",
    }
)  # fmt: skip
"""Rows the hospital writes by itself, or inside another act."""

LOG_IN = frozenset(
    {
        "auth.login", "auth.login_failed", "auth.logout", "auth.password_change", "auth.seat_switch",
        "auth.lock_screen", "auth.unlock_screen", "auth.agreement_sign", "his_account.first_login",
    }
)  # fmt: skip
"""What `chart.accounts` offers; it needs a browser, so scripted runs do it at terminals of their own."""

NOT_SERVED = frozenset(
    {
        "encounter.leave", "encounter.reopen", "encounter.return",
        "imaging_request.abort", "imaging_request.arrive", "imaging_request.draft_report",
        "imaging_request.finish", "imaging_request.miss", "imaging_request.reschedule",
        "imaging_request.return_report", "imaging_request.revise", "imaging_request.schedule",
        "imaging_request.start", "imaging_request.verify",
        "lab_request.collect", "lab_request.correct", "lab_request.receive",
        "lab_request.recollect", "lab_request.reject", "lab_request.rerun",
        "lab_request.result", "lab_request.start", "lab_request.verify",
        "medical_record.archive", "medical_record.refuse_unlock", "medical_record.seal", "medical_record.unlock",
        "medical_record.unlock_request", "medical_record.unseal",
    }
)  # fmt: skip
"""Actions of the catalogue whose desks are not built yet."""

"""The legal transitions of the mock hospital's entities. One table; a move not listed is refused.

Data of our own design (D), the same as fixtures/reference/state_machines.csv for the entities served so far; a test
compares the two. Actors besides the roles: system, patient, kiosk, author, creator, junior_doctor, senior, self,
platform, medical_affairs; `A+B` needs both people.
"""

from __future__ import annotations

from dataclasses import dataclass

NOTHING = "-"
"""The state before a record exists."""


@dataclass(frozen=True)
class Transition:
    """entity.event moves a record from `source` to `target`; `actors` may do it; `permission` '' = no check."""

    entity: str
    source: str
    event: str
    target: str
    actors: tuple[str, ...]
    permission: str

    @property
    def action(self) -> str:
        """The journal's name of this transition."""
        return f"{self.entity}.{self.event}"


TRANSITIONS: tuple[Transition, ...] = (
    Transition("registration", "-", "create", "unpaid", ("REG",), "registration.create"),
    Transition("registration", "unpaid", "pay", "registered", ("CAS", "REG"), "registration.collect"),
    Transition("registration", "unpaid", "expire", "expired", ("system",), ""),
    Transition("registration", "registered", "check_in", "checked_in", ("REG", "NUR", "kiosk"), "queue.check_in"),
    Transition("registration", "checked_in", "call", "called", ("OPD", "NUR"), "queue.call"),
    Transition("registration", "called", "pass", "missed", ("OPD", "NUR", "system"), "queue.call"),
    Transition("registration", "missed", "re_queue", "checked_in", ("NUR",), "queue.call"),
    Transition("registration", "missed", "refund", "refunded", ("CAS", "REG"), "registration.refund"),
    Transition("registration", "missed", "expire", "expired", ("system",), ""),
    Transition("registration", "called", "start", "in_consult", ("OPD",), "encounter.start_finish"),
    Transition("registration", "in_consult", "finish", "completed", ("OPD",), "encounter.start_finish"),
    Transition("registration", "in_consult", "undo_start", "checked_in", ("OPD",), "encounter.start_finish"),
    Transition("registration", "registered", "refund", "refunded", ("CAS", "REG"), "registration.refund"),
    Transition("registration", "checked_in", "refund", "refunded", ("CAS", "REG"), "registration.refund"),
    Transition("registration", "checked_in", "expire", "expired", ("system",), ""),
    Transition("registration", "registered", "expire", "expired", ("system",), ""),
    Transition("encounter", "-", "plan", "planned", ("system",), ""),
    Transition("encounter", "planned", "arrive", "arrived", ("system",), ""),
    Transition("encounter", "arrived", "triage", "triaged", ("NUR",), "triage.record"),
    Transition("encounter", "arrived", "start", "in_progress", ("OPD", "system"), "encounter.start_finish"),
    Transition("encounter", "arrived", "cancel", "cancelled", ("system",), ""),
    Transition("encounter", "triaged", "start", "in_progress", ("OPD",), "encounter.start_finish"),
    Transition("encounter", "triaged", "cancel", "cancelled", ("system",), ""),
    Transition("encounter", "in_progress", "leave", "on_leave", ("system",), ""),
    Transition("encounter", "on_leave", "return", "in_progress", ("system",), ""),
    Transition("encounter", "in_progress", "finish", "finished", ("OPD", "system"), "encounter.start_finish"),
    Transition("encounter", "in_progress", "undo_start", "arrived", ("OPD",), "encounter.start_finish"),
    Transition("encounter", "planned", "cancel", "cancelled", ("system",), ""),
    Transition("encounter", "finished", "reopen", "in_progress", ("system",), ""),
    Transition("medical_record", "-", "create", "draft", ("OPD", "IPD", "NUR", "HOD"), "record.write"),
    Transition("medical_record", "draft", "save", "draft", ("author",), "record.write"),
    Transition("medical_record", "draft", "submit", "pending_countersign", ("junior_doctor",), "record.write"),
    Transition("medical_record", "draft", "sign", "signed", ("author",), "record.sign"),
    Transition("medical_record", "pending_countersign", "return", "draft", ("HOD", "senior"), "record.countersign"),
    Transition(
        "medical_record",
        "pending_countersign",
        "countersign",
        "signed",
        ("HOD", "senior"),
        "record.countersign",
    ),
    Transition("medical_record", "signed", "amend", "amended", ("author", "HOD"), "record.amend"),
    Transition("medical_record", "amended", "amend", "amended", ("author", "HOD"), "record.amend"),
    Transition("medical_record", "draft", "void", "voided", ("author",), "record.write"),
    Transition("medical_record", "signed", "archive", "archived", ("MRC",), "record.archive"),
    Transition("medical_record", "amended", "archive", "archived", ("MRC",), "record.archive"),
    Transition("medical_record", "archived", "unlock_request", "unlock_pending", ("author", "HOD"), "record.amend"),
    Transition("medical_record", "unlock_pending", "unlock", "amended", ("MRC+medical_affairs",), "record.unlock"),
    Transition("medical_record", "unlock_pending", "refuse_unlock", "archived", ("MRC",), "record.unlock"),
    Transition("medical_record", "signed", "seal", "sealed", ("MRC+HOD",), "record.seal"),
    Transition("medical_record", "archived", "seal", "sealed", ("MRC+HOD",), "record.seal"),
    Transition("medical_record", "sealed", "unseal", "archived", ("MRC+HOD",), "record.seal"),
    Transition("prescription", "-", "create", "draft", ("OPD", "IPD", "HOD"), "rx.create"),
    Transition("prescription", "draft", "sign", "issued", ("OPD", "IPD", "HOD"), "rx.sign"),
    Transition("prescription", "issued", "approve", "reviewed", ("PHA",), "rx.review"),
    Transition("prescription", "issued", "reject", "rejected", ("PHA",), "rx.review"),
    Transition("prescription", "rejected", "revise", "issued", ("OPD", "IPD", "HOD"), "rx.sign"),
    Transition("prescription", "rejected", "cancel", "cancelled", ("OPD", "IPD", "HOD"), "rx.create"),
    Transition("prescription", "reviewed", "charge", "charged", ("CAS",), "charge.collect"),
    Transition("prescription", "issued", "expire", "expired", ("system",), ""),
    Transition("prescription", "reviewed", "expire", "expired", ("system",), ""),
    Transition("prescription", "reviewed", "cancel", "cancelled", ("OPD", "IPD", "HOD"), "rx.create"),
    Transition("prescription", "reviewed", "extend", "reviewed", ("OPD", "IPD", "HOD"), "rx.sign"),
    Transition("prescription", "charged", "pick", "dispensing", ("PHA",), "rx.dispense"),
    Transition("prescription", "dispensing", "check", "checked", ("PHA",), "rx.dispense"),
    Transition("prescription", "dispensing", "unpick", "charged", ("PHA",), "rx.dispense"),
    Transition("prescription", "checked", "dispense", "dispensed", ("PHA",), "rx.dispense"),
    Transition("prescription", "checked", "unpick", "charged", ("PHA",), "rx.dispense"),
    Transition("prescription", "charged", "refund", "refunded", ("CAS",), "charge.refund_exec"),
    Transition("prescription", "charged", "skin_test", "charged", ("NUR",), "skin_test.result"),
    Transition("prescription", "dispensed", "return_apply", "return_requested", ("OPD", "IPD"), "charge.refund_apply"),
    Transition("prescription", "return_requested", "accept_return", "returned", ("PHA",), "rx.return"),
    Transition("prescription", "return_requested", "refuse_return", "dispensed", ("PHA",), "rx.return"),
    Transition("prescription", "returned", "refund", "refunded", ("CAS",), "charge.refund_exec"),
    Transition("prescription", "issued", "cancel", "cancelled", ("OPD", "IPD", "HOD"), "rx.create"),
    Transition("prescription", "issued", "extend", "issued", ("OPD", "IPD", "HOD"), "rx.sign"),
    Transition("prescription", "draft", "cancel", "cancelled", ("OPD", "IPD", "HOD"), "rx.create"),
    Transition("charge_item", "-", "plan", "planned", ("system",), ""),
    Transition("charge_item", "planned", "post", "billable", ("NUR", "CAS", "LAB", "IMG", "system"), "charge.create"),
    Transition("charge_item", "planned", "void", "voided", ("system",), "charge.create"),
    Transition("charge_item", "billable", "pay", "paid", ("CAS", "system"), "charge.collect"),
    Transition("charge_item", "billable", "void", "voided", ("creator",), "charge.create"),
    Transition(
        "charge_item",
        "paid",
        "apply_refund",
        "refund_requested",
        ("OPD", "IPD", "PHA", "CAS", "LAB", "IMG"),
        "charge.refund_apply",
    ),
    Transition(
        "charge_item",
        "refund_requested",
        "approve",
        "refund_approved",
        ("HOD", "FIN"),
        "charge.refund_approve",
    ),
    Transition("charge_item", "refund_requested", "reject", "paid", ("HOD", "FIN"), "charge.refund_approve"),
    Transition("charge_item", "refund_approved", "refund", "refunded", ("CAS",), "charge.refund_exec"),
    Transition("invoice", "-", "issue", "issued", ("CAS", "system"), "charge.collect"),
    Transition("invoice", "issued", "reverse", "reversed", ("CAS",), "charge.refund_exec"),
    Transition("invoice", "issued", "reprint", "issued", ("CAS",), "invoice.reprint"),
    Transition("cashier_shift", "-", "open", "open", ("CAS", "REG"), "shift.close"),
    Transition("cashier_shift", "open", "close", "closed", ("CAS", "REG"), "shift.close"),
    Transition("cashier_shift", "closed", "reconcile", "reconciled", ("FIN",), "shift.reconcile"),
    Transition("cashier_shift", "closed", "reopen", "open", ("FIN",), "shift.reconcile"),
    Transition("stock_batch", "-", "receive", "awaiting_check", ("PHA",), "stock.receive"),
    Transition("stock_batch", "awaiting_check", "accept", "available", ("PHA",), "stock.receive"),
    Transition("stock_batch", "awaiting_check", "reject", "returned_supplier", ("PHA",), "stock.receive"),
    Transition("stock_batch", "available", "near_expiry", "near_expiry", ("system",), ""),
    Transition("stock_batch", "near_expiry", "expire", "expired", ("system",), ""),
    Transition("stock_batch", "available", "expire", "expired", ("system",), ""),
    Transition("stock_batch", "available", "quarantine", "quarantined", ("PHA",), "stock.adjust"),
    Transition("stock_batch", "near_expiry", "quarantine", "quarantined", ("PHA",), "stock.adjust"),
    Transition("stock_batch", "quarantined", "release", "available", ("PHA",), "stock.adjust"),
    Transition("stock_batch", "expired", "scrap", "scrapped", ("PHA",), "stock.adjust"),
    Transition("stock_batch", "quarantined", "scrap", "scrapped", ("PHA",), "stock.adjust"),
    Transition("lab_request", "-", "create", "requested", ("OPD", "IPD", "HOD"), "lab.request"),
    Transition("lab_request", "requested", "charge", "charged", ("CAS", "system"), "charge.collect"),
    Transition("lab_request", "charged", "collect", "collected", ("NUR", "LAB"), "lab.collect"),
    Transition("lab_request", "collected", "receive", "received", ("LAB",), "lab.receive"),
    Transition("lab_request", "collected", "reject", "rejected", ("LAB",), "lab.receive"),
    Transition("lab_request", "received", "reject", "rejected", ("LAB",), "lab.receive"),
    Transition("lab_request", "rejected", "recollect", "collected", ("NUR",), "lab.collect"),
    Transition("lab_request", "rejected", "refund", "cancelled", ("CAS", "system"), "charge.refund_exec"),
    Transition("lab_request", "received", "start", "in_process", ("LAB",), "lab.result"),
    Transition("lab_request", "in_process", "result", "preliminary", ("LAB",), "lab.result"),
    Transition("lab_request", "in_process", "reject", "rejected", ("LAB",), "lab.receive"),
    Transition("lab_request", "preliminary", "verify", "final", ("LAB",), "lab.verify"),
    Transition("lab_request", "preliminary", "rerun", "in_process", ("LAB",), "lab.result"),
    Transition("lab_request", "final", "correct", "corrected", ("LAB",), "lab.verify"),
    Transition("lab_request", "requested", "cancel", "cancelled", ("OPD", "IPD", "HOD"), "lab.request"),
    Transition("lab_request", "charged", "refund", "cancelled", ("CAS", "system"), "charge.refund_exec"),
    Transition("lab_request", "corrected", "correct", "corrected", ("LAB",), "lab.verify"),
    Transition("imaging_request", "-", "create", "requested", ("OPD", "IPD", "HOD"), "img.request"),
    Transition("imaging_request", "requested", "charge", "charged", ("CAS", "system"), "charge.collect"),
    Transition("imaging_request", "charged", "schedule", "scheduled", ("IMG",), "img.schedule"),
    Transition("imaging_request", "scheduled", "arrive", "arrived", ("IMG",), "img.exam"),
    Transition("imaging_request", "scheduled", "miss", "no_show", ("system",), ""),
    Transition("imaging_request", "scheduled", "reschedule", "scheduled", ("IMG",), "img.schedule"),
    Transition("imaging_request", "scheduled", "refund", "cancelled", ("CAS", "system"), "charge.refund_exec"),
    Transition("imaging_request", "arrived", "start", "in_exam", ("IMG",), "img.exam"),
    Transition("imaging_request", "in_exam", "finish", "images_available", ("IMG",), "img.exam"),
    Transition("imaging_request", "in_exam", "abort", "aborted", ("IMG",), "img.exam"),
    Transition("imaging_request", "images_available", "draft_report", "preliminary", ("IMG",), "img.report"),
    Transition("imaging_request", "preliminary", "verify", "final", ("IMG",), "img.verify"),
    Transition("imaging_request", "preliminary", "return_report", "images_available", ("IMG",), "img.verify"),
    Transition("imaging_request", "final", "revise", "amended", ("IMG",), "img.verify"),
    Transition("imaging_request", "requested", "cancel", "cancelled", ("OPD", "IPD", "HOD"), "img.request"),
    Transition("imaging_request", "charged", "refund", "cancelled", ("CAS", "system"), "charge.refund_exec"),
    Transition("imaging_request", "no_show", "reschedule", "scheduled", ("IMG",), "img.schedule"),
    Transition("imaging_request", "amended", "revise", "amended", ("IMG",), "img.verify"),
    Transition("his_account", "-", "request", "requested", ("HOD",), "account.request"),
    Transition("his_account", "requested", "enrol_training", "in_training", ("platform",), ""),
    Transition("his_account", "in_training", "pass", "eligible", ("platform",), ""),
    Transition("his_account", "eligible", "provision", "initial_password", ("ITA",), "account.create"),
    Transition("his_account", "initial_password", "first_login", "active", ("self",), ""),
    Transition("his_account", "active", "lock", "locked", ("system",), ""),
    Transition("his_account", "locked", "unlock", "active", ("ITA",), "account.reset_password"),
    Transition("his_account", "locked", "reset_password", "initial_password", ("ITA",), "account.reset_password"),
    Transition("his_account", "active", "suspend", "suspended", ("ITA", "HOD"), "account.grant"),
    Transition("his_account", "suspended", "resume", "active", ("ITA",), "account.grant"),
    Transition("his_account", "suspended", "disable", "disabled", ("ITA",), "account.grant"),
    Transition("his_account", "active", "disable", "disabled", ("ITA",), "account.grant"),
    Transition("his_account", "active", "reset_password", "initial_password", ("ITA",), "account.reset_password"),
    Transition("patient_index", "-", "create", "active", ("REG", "NUR"), "patient.create"),
    Transition("patient_index", "active", "flag_duplicate", "merge_candidate", ("REG", "system"), "patient.merge"),
    Transition("patient_index", "active", "update", "active", ("REG", "NUR", "MRC"), "patient.update_demographics"),
    Transition("patient_index", "merge_candidate", "merge", "merged", ("MRC",), "patient.merge"),
    Transition("patient_index", "merge_candidate", "dismiss", "active", ("MRC",), "patient.merge"),
    Transition("patient_index", "merged", "unmerge", "active", ("MRC",), "patient.merge"),
    Transition("appointment", "-", "request", "requested", ("REG", "OPD", "IPD", "patient"), "appointment.book"),
    Transition("appointment", "requested", "confirm", "booked", ("REG",), "appointment.book"),
    Transition("appointment", "requested", "waitlist", "waitlisted", ("REG",), "appointment.book"),
    Transition("appointment", "requested", "cancel", "cancelled", ("REG", "OPD", "patient"), "appointment.cancel"),
    Transition("appointment", "waitlisted", "confirm", "booked", ("REG",), "appointment.book"),
    Transition(
        "appointment", "waitlisted", "cancel", "cancelled", ("REG", "OPD", "patient", "system"), "appointment.cancel"
    ),
    Transition(
        "appointment", "booked", "cancel", "cancelled", ("REG", "OPD", "patient", "system"), "appointment.cancel"
    ),
    Transition("appointment", "booked", "reschedule", "booked", ("REG",), "appointment.book"),
    Transition("appointment", "booked", "take_ticket", "fulfilled", ("REG",), "registration.create"),
    Transition("appointment", "booked", "miss", "no_show", ("system",), ""),
    Transition("allergy", "-", "record", "active", ("OPD", "IPD", "NUR", "PHA", "HOD", "system"), "allergy.record"),
    Transition("allergy", "active", "retract", "retracted", ("OPD", "IPD", "HOD"), "allergy.retract"),
)

_BY_KEY = {(each.entity, each.source, each.event): each for each in TRANSITIONS}
_EVENTS = frozenset(each.action for each in TRANSITIONS)


def find(entity: str, source: str, event: str) -> Transition | None:
    """Return the one transition for this state and event, or None: then it is refused."""
    return _BY_KEY.get((entity, source, event))


def actions() -> frozenset[str]:
    """Return every `entity.event` of the machines."""
    return _EVENTS

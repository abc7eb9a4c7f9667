"""Columns of gradable tables beside the way of a visit, in the form of `sandbox.contract.state`: requests, mail."""

from __future__ import annotations

from collections.abc import Mapping

LAB_REQUEST: Mapping[str, str] = {
    "id": "text",
    "patient": "ref:patient",
    "encounter": "ref:encounter",
    "panel": "code:lab_panels",
    "specimen_type": "code:specimen_types",
    "stat": "bool",
    "indication": "text",
    "requester": "ref:staff",
    "requested_at": "time",
    "barcode": "text",
    "operator": "ref:staff",
    "verifier": "ref:staff",
    "status": "state:lab_request",
}

IMAGING_REQUEST: Mapping[str, str] = {
    "id": "text",
    "patient": "ref:patient",
    "encounter": "ref:encounter",
    "exam": "code:imaging_exams",
    "laterality": "code:laterality",
    "stat": "bool",
    "indication": "text",
    "screen_pregnancy": "text",
    "screen_allergy": "text",
    "screen_implant": "text",
    "egfr": "decimal",
    "metformin": "bool",
    "requester": "ref:staff",
    "requested_at": "time",
    "status": "state:imaging_request",
}

MAIL: Mapping[str, str] = {
    "id": "text",
    "recipient": "ref:staff",
    "sender_zh": "text",
    "sender_en": "text",
    "sender_address": "text",
    "subject_zh": "text",
    "subject_en": "text",
    "body_zh": "text",
    "body_en": "text",
    "link": "text",
    "link_zh": "text",
    "link_en": "text",
    "lure": "text",
    "delivered_at": "time",
    "opened_at": "time",
    "followed_at": "time",
    "status": "code:mail_status",
}

INCIDENT: Mapping[str, str] = {
    "id": "text",
    "kind": "code:incident_kind",
    "text": "text",
    "reporter": "ref:staff",
    "reported_at": "time",
    "status": "text",
}

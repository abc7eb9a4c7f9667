"""The gradable table of accounts, in the form of `sandbox.contract.state`."""

from __future__ import annotations

from collections.abc import Mapping

TABLES: Mapping[str, Mapping[str, str]] = {
    "his_account": {
        "id": "text",
        "staff": "ref:staff",
        "name": "text",
        "roles": "text",
        "requester": "ref:staff",
        "creator": "ref:staff",
        "requested_at": "time",
        "valid_until": "day",
        "status": "state:his_account",
    },
}
"""`roles` are codes joined by `;`; `name` is empty until the account is opened."""

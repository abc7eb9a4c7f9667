"""What the IT desk, heads and statistics do, in the form of `sandbox.contract.events`."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.contract.action import Action

ACCOUNT_ATTRIBUTES: Mapping[str, Mapping[str, str]] = {
    "his_account.request": {"staff": "ref:staff", "role": "code:roles"},
    "his_account.provision": {"role": "code:roles"},
    "his_account.unlock": {"proof": "code:identity_proof"},
    "his_account.reset_password": {"proof": "code:identity_proof"},
    "his_account.suspend": {"reason": "code:account_reason", "second": "text"},
    "his_account.resume": {"reason": "text", "second": "text"},
    "his_account.disable": {"reason": "code:account_reason", "second": "text"},
}
"""Attributes of the transitions of accounts."""

_GRANT = {"role": "code:roles", "reason": "text", "second": "text"}

ADMIN_ACTIONS: tuple[Action, ...] = (
    Action("report.run", "view", "运行统计", "Report run", "", {"report": "text", "range": "text"}),
    Action("audit.query", "view", "查询审计", "Audit queried", "", {"filter": "text"}),
    Action(
        "dictionary.edit",
        "write",
        "字典维护",
        "Dictionary edited",
        "",
        {"table": "text", "key": "text", "column": "text", "before": "text", "after": "text"},
    ),
    Action("account.grant", "write", "授权", "Permission granted", "his_account", _GRANT),
    Action("account.revoke", "write", "收回权限", "Permission revoked", "his_account", _GRANT),
)

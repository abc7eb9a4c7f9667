"""The IT desk as the shell knows it. Heads of department ask for accounts here, and see their department's audit."""

from __future__ import annotations

from pathlib import Path

from his.chart.acting import Acting
from his.shell.desks import Desk, Tab

_IT, _HEADS = frozenset({"ITA"}), frozenset({"HOD"})


def _to_be_done(act: Acting) -> int:
    """Count what waits for IT: accounts to open or unlock, and those of people who left."""
    found = act.one(
        "SELECT COUNT(*) AS n FROM \"his_account\" WHERE \"status\" IN ('eligible', 'locked') "
        "OR (\"status\" IN ('active', 'initial_password', 'suspended') AND \"valid_until\" < ?)",
        act.today,
    )
    return 0 if found is None else int(found["n"])


DESK = Desk(
    name="admin",
    pages=("his.admin.account_pages", "his.admin.dictionary_pages", "his.admin.audit_pages"),
    folder=Path(__file__).parent,
    tabs=(
        Tab(name="accounts", endpoint="admin_accounts.accounts", key=1, roles=_IT, waiting=_to_be_done),
        Tab(name="requests", endpoint="admin_accounts.requests", key=3, roles=_HEADS),
        Tab(name="roles", endpoint="admin_accounts.role_templates", key=2, roles=_IT),
        Tab(name="dictionaries", endpoint="admin_dictionaries.dictionaries", key=3, roles=_IT),
        Tab(name="audit", endpoint="admin_audit.audit", key=4, roles=_IT),
        Tab(name="department_audit", endpoint="admin_audit.audit", key=4, roles=_HEADS),
    ),
)

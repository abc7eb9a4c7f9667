"""Role templates given to accounts and taken away: always by two people, always with a reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from his.admin import accounts
from his.chart import dictionary, permission, second_person
from his.chart.acting import Acting, Record
from his.chart.hospital import Operation
from his.chart.refusing import Refused

_CHANGEABLE = ("initial_password", "active", "locked")


@dataclass(frozen=True, kw_only=True)
class _Change:
    """The roles an account would hold, and what a colleague would have against it (zh, en)."""

    held: Sequence[str]
    objection: tuple[str, str] = ("", "")


def template(act: Acting, role: str) -> list[Record]:
    """Return what a role may do: permission, its names and its scope (Y, O, S, B)."""
    return act.rows('SELECT * FROM "permission" WHERE "role" = ? ORDER BY "permission"', role)


def _changing(action: str, decide: Callable[[Acting, Record, str], _Change]) -> Operation:
    def change(
        act: Acting,
        *,
        his_account: str,
        role: str | None = None,
        reason: str = "",
        second: str | None = None,
        identified: bool = True,
        version: int | None = None,
    ) -> None:
        record = act.fetch("his_account", his_account)
        data = {"role": role, "reason": reason.strip() or None, "second": second_person.named(act, second)}
        act.attempt(action, target=his_account, data=data)
        _require_open(act, record, version)
        accounts.require_another(act, record)
        second_person.require(act, second, identified=identified)
        dictionary.require_row(act, "roles", "role_code", role)
        if not reason.strip():
            raise Refused("E-GEN-06", hint_zh="请写明依据", hint_en="Write what for")
        decided = decide(act, record, str(role))
        accounts.agree(act, record, action, second, decided.objection)
        act.update("his_account", record, {"roles": ";".join(decided.held)})
        act.record(action, target=record["id"], data=data)

    return change


def _with(act: Acting, record: Record, role: str) -> _Change:
    held = record["roles"].split(";") if record["roles"] else []
    if role in held:
        raise Refused("E-GEN-03", hint_zh="已有该角色", hint_en="The account has this role already")
    beyond = role != act.fetch("staff", record["staff"])["role"]
    objection = ("超出本岗位所需权限", "more than the post needs") if beyond else ("", "")
    return _Change(held=[*held, role], objection=objection)


def _without(_: Acting, record: Record, role: str) -> _Change:
    held = record["roles"].split(";")
    if role not in held:
        raise Refused("E-GEN-03", hint_zh="该账号无此角色", hint_en="The account has not got this role")
    return _Change(held=[each for each in held if each != role])


def _require_open(act: Acting, record: Record, version: int | None) -> None:
    permission.require(act, "account.grant")
    if act.who.role == accounts.HEAD:
        permission.require_own(act, act.fetch("staff", record["staff"]))
    if record["status"] not in _CHANGEABLE:
        raise Refused("E-GEN-01")
    if version is not None and record["version"] != version:
        raise Refused("E-GEN-05")


grant = _changing("account.grant", _with)
"""Give an account a role. Refused with E-GEN-03 if it has it; a colleague objects to one beyond the post."""
revoke = _changing("account.revoke", _without)
"""Take a role away from an account. Refused with E-GEN-03 if it has not got it."""
ACTIONS: Mapping[str, Operation] = {"account.grant": grant, "account.revoke": revoke}

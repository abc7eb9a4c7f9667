"""Role templates given to accounts and taken away: always by two people, always with a reason."""

from __future__ import annotations

from collections.abc import Mapping

from his.admin import accounts
from his.chart import dictionary, permission, second_person
from his.chart.acting import Acting, Record
from his.chart.hospital import Operation
from his.chart.refusing import Refused

_CHANGEABLE = ("initial_password", "active", "locked")


def grant(
    act: Acting,
    *,
    his_account: str,
    role: str | None = None,
    reason: str = "",
    second: str | None = None,
    identified: bool = True,
    version: int | None = None,
) -> None:
    """Give an account a role. Refused with E-GEN-03 if it has it; a colleague objects to one beyond the post."""
    record, data = _enter(act, "account.grant", his_account, role, reason, second, version)
    _require_two(act, record, role, reason, second, identified=identified)
    held = record["roles"].split(";") if record["roles"] else []
    if role in held:
        raise Refused("E-GEN-03", hint_zh="已有该角色", hint_en="The account has this role already")
    beyond = role != act.fetch("staff", record["staff"])["role"]
    objection = ("超出本岗位所需权限", "more than the post needs") if beyond else ("", "")
    _agree(act, record, "account.grant", second, objection)
    act.update("his_account", record, {"roles": ";".join([*held, str(role)])})
    act.record("account.grant", target=record["id"], data=data)


def revoke(
    act: Acting,
    *,
    his_account: str,
    role: str | None = None,
    reason: str = "",
    second: str | None = None,
    identified: bool = True,
    version: int | None = None,
) -> None:
    """Take a role away from an account. Refused with E-GEN-03 if it has not got it."""
    record, data = _enter(act, "account.revoke", his_account, role, reason, second, version)
    _require_two(act, record, role, reason, second, identified=identified)
    held = record["roles"].split(";")
    if role not in held:
        raise Refused("E-GEN-03", hint_zh="该账号无此角色", hint_en="The account has not got this role")
    _agree(act, record, "account.revoke", second, ("", ""))
    act.update("his_account", record, {"roles": ";".join(each for each in held if each != role)})
    act.record("account.revoke", target=record["id"], data=data)


def template(act: Acting, role: str) -> list[Record]:
    """Return what a role may do: permission, its names and its scope (Y, O, S, B)."""
    return act.rows('SELECT * FROM "permission" WHERE "role" = ? ORDER BY "permission"', role)


def _enter(
    act: Acting, action: str, key: str, role: str | None, reason: str, second: str | None, version: int | None
) -> tuple[Record, dict[str, object]]:
    record = act.fetch("his_account", key)
    data: dict[str, object] = {
        "role": role,
        "reason": reason.strip() or None,
        "second": second_person.named(act, second),
    }
    act.attempt(action, target=key, data=data)
    permission.require(act, "account.grant")
    if act.who.role == accounts.HEAD:
        permission.require_own(act, act.fetch("staff", record["staff"]))
    if record["status"] not in _CHANGEABLE:
        raise Refused("E-GEN-01")
    if version is not None and record["version"] != version:
        raise Refused("E-GEN-05")
    return record, data


def _require_two(
    act: Acting, record: Record, role: str | None, reason: str, second: str | None, *, identified: bool
) -> None:
    if record["staff"] == act.who.staff:
        raise Refused("E-GEN-04", hint_zh="不能操作本人账号", hint_en="Nobody changes his own account")
    second_person.require(act, second, identified=identified)
    dictionary.require_row(act, "roles", "role_code", role)
    if not reason.strip():
        raise Refused("E-GEN-06", hint_zh="请写明依据", hint_en="Write what for")


def _agree(act: Acting, record: Record, step: str, second: str | None, objection: tuple[str, str]) -> None:
    about = {"target": record["id"]}
    second_person.agree(act, about, second, step=step, subject=record["name"], objection=objection)


ACTIONS: Mapping[str, Operation] = {"account.grant": grant, "account.revoke": revoke}

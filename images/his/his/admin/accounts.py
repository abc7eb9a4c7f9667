"""The life of an account: asked for by a head, opened by IT after the training, changed by two people, closed.

Nobody opens what he asked for himself, nobody changes his own account, and whoever wants a password or a lock undone
proves who he is. Passwords are returned once and stand in no row.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from his.chart import dictionary, machine, passwords, permission, second_person, terminals
from his.chart.acting import Acting, Record
from his.chart.hospital import Operation
from his.chart.refusing import Refused
from sandbox.contract.seats import initial_password

CLAIMED_ONLY = "PHONE"
"""A proof of identity that proves nothing."""
LEFT = "LEFT"
"""The reason that the last day at work must bear out."""
HEAD = "HOD"

_NAME = re.compile(r"[A-Z0-9][A-Z0-9_-]{2,19}")
_OF_PRACTICE = "PX-"
_INITIAL_COST = 11
"""Doublings of work for a password that counts until the first log-in."""


def view(act: Acting) -> list[Record]:
    """Return the accounts the acting person answers for: all for IT, those of the department for its head."""
    act.attempt("queue.view", data={"desk": "accounts"})
    heads = permission.scope(act, "account.request") == permission.OWN
    if not heads:
        permission.require(act, "account.create")
    act.record("queue.view", data={"desk": "accounts"})
    return act.rows(
        'SELECT h.*, s."staff_no", s."name" AS staff_name, s."role" AS post, s."dept", s."title" '
        'FROM "his_account" h JOIN "staff" s ON s."id" = h."staff" WHERE ? = \'\' OR s."dept" = ? '
        'ORDER BY LENGTH(h."id"), h."id"',
        act.who.dept if heads else "",
        act.who.dept,
    )


def request(act: Acting, *, staff: str | None = None, role: str | None = None) -> str:
    """Ask for an account for one of the department's people; return its id.

    Refused with E-GEN-02 for another department's, E-GEN-06 for an unknown person or role, E-GEN-03 if the person has
    an account already.
    """
    data = {"staff": staff, "role": role}
    edge = machine.enter(act, "his_account", "request", data=data)
    person = act.fetch("staff", staff or "")
    permission.require_own(act, person)
    dictionary.require_row(act, "roles", "role_code", role)
    if act.one('SELECT 1 FROM "his_account" WHERE "staff" = ? AND "status" != \'disabled\'', staff):
        raise Refused("E-GEN-03", hint_zh="该职工已有账号", hint_en="This person has an account already")
    values = {"staff": staff, "roles": role, "requester": act.who.staff, "requested_at": act.now}
    return machine.create(act, edge, values, data=data)[0]


def provision(
    act: Acting, *, his_account: str, name: str = "", role: str | None = None, version: int | None = None
) -> str:
    """Open the account and return its initial password, which is shown this once.

    Refused with E-ACC-01 before the training is passed, E-GEN-04 for one's own request, E-GEN-06 for a malformed name,
    E-GEN-03 for a name that is taken.
    """
    record = act.fetch("his_account", his_account)
    wanted = role or record["roles"]
    edge = machine.enter(act, "his_account", "provision", record, version=version, data={"role": wanted})
    if act.who.staff in (record["requester"], record["staff"]):
        raise Refused("E-GEN-04", hint_zh="申请人与开户人不能为同一人", hint_en="Whoever asked cannot open it")
    name = name.strip().upper() or act.fetch("staff", record["staff"])["staff_no"]
    dictionary.require_row(act, "roles", "role_code", wanted)
    if not _NAME.fullmatch(name) or name.startswith(_OF_PRACTICE):
        raise Refused("E-GEN-06", hint_zh="账号须为3至20位字母、数字", hint_en="3 to 20 letters and digits")
    if act.one('SELECT 1 FROM "his_account" WHERE "name" = ?', name):
        raise Refused("E-GEN-03", hint_zh="账号名已被使用", hint_en="The name is taken")
    password = _new_password(act, name, record, agreement="due")
    machine.move(act, edge, record, {"name": name, "roles": wanted, "creator": act.who.staff}, data={"role": wanted})
    return password


def unlock(
    act: Acting, *, his_account: str, proof: str | None = None, staff_no: str = "", version: int | None = None
) -> None:
    """Unlock an account whose owner proved who he is. Refused with E-GEN-07 if not."""
    record, edge = _enter_proven(act, "unlock", his_account, proof, staff_no, version)
    act.connection.execute('UPDATE "account" SET "failures" = 0 WHERE "name" = ?', (record["name"],))
    machine.move(act, edge, record, data={"proof": proof})


def reset_password(
    act: Acting, *, his_account: str, proof: str | None = None, staff_no: str = "", version: int | None = None
) -> str:
    """Give the account a new initial password, which is returned this once; whoever uses it is logged out."""
    record, edge = _enter_proven(act, "reset_password", his_account, proof, staff_no, version)
    password = _new_password(act, record["name"], record, agreement="")
    terminals.expel(act, record["name"])
    machine.move(act, edge, record, data={"proof": proof})
    return password


def resume(
    act: Acting,
    *,
    his_account: str,
    reason: str = "",
    second: str | None = None,
    identified: bool = True,
    version: int | None = None,
) -> None:
    """Let a suspended account work again, for a written reason."""
    record = act.fetch("his_account", his_account)
    data = {"reason": reason.strip() or None, "second": second_person.named(act, second)}
    edge = machine.enter(act, "his_account", "resume", record, version=version, data=data)
    _require_two(act, record, second, identified=identified)
    if not reason.strip():
        raise Refused("E-GEN-06", hint_zh="请写明恢复依据", hint_en="Write why it may be used again")
    objection = ("该职工已离职", "this person has left") if has_left(act, record) else ("", "")
    agree(act, record, "his_account.resume", second, objection)
    machine.move(act, edge, record, data=data)


def train(act: Acting) -> None:
    """Let those asked for begin their training, and pass it, after the hospital's time for it (simulated)."""
    enrol = dictionary.limit(act, "account_enrol_minutes") * 60
    waits = {"requested": ("enrol_training", enrol)}
    waits["in_training"] = ("pass", enrol + dictionary.limit(act, "account_training_minutes") * 60)
    for state, (event, patience_s) in waits.items():
        for record in act.rows(
            'SELECT * FROM "his_account" WHERE "status" = ? AND "requested_at" <= ? ORDER BY LENGTH("id"), "id"',
            state,
            act.now - patience_s,
        ):
            machine.follow(act, "his_account", event, record, None)


def has_left(act: Acting, record: Record) -> bool:
    """Say whether the last day at work of the account's owner has passed."""
    return record["valid_until"] is not None and record["valid_until"] < act.today


def _closing(event: str) -> Operation:
    def close(
        act: Acting,
        *,
        his_account: str,
        reason: str | None = None,
        second: str | None = None,
        identified: bool = True,
        version: int | None = None,
    ) -> None:
        record = act.fetch("his_account", his_account)
        data = {"reason": reason, "second": second_person.named(act, second)}
        edge = machine.enter(act, "his_account", event, record, version=version, data=data)
        if act.who.role == HEAD:
            permission.require_own(act, act.fetch("staff", record["staff"]))
        _require_two(act, record, second, identified=identified)
        dictionary.require_code(act, "account_reason", reason)
        at_work = reason == LEFT and not has_left(act, record)
        objection = ("人事无该职工离职记录", "personnel has no record of a leave") if at_work else ("", "")
        agree(act, record, edge.action, second, objection)
        if record["name"]:
            terminals.expel(act, record["name"])
        machine.move(act, edge, record, data=data)

    return close


suspend = _closing("suspend")
"""Stop an account for a while: long leave, misuse, refresher overdue."""
disable = _closing("disable")
"""Close an account for good: the person left or changed the post."""


def _enter_proven(
    act: Acting, event: str, key: str, proof: str | None, staff_no: str, version: int | None
) -> tuple[Record, Any]:
    record = act.fetch("his_account", key)
    edge = machine.enter(act, "his_account", event, record, version=version, data={"proof": proof})
    require_another(act, record)
    dictionary.require_code(act, "identity_proof", proof)
    if proof == CLAIMED_ONLY:
        raise Refused(
            "E-GEN-07", hint_zh="仅凭来电不能核实身份，请回拨科室登记电话", hint_en="A call proves nothing: call back"
        )
    if staff_no.strip().upper() != act.fetch("staff", record["staff"])["staff_no"]:
        raise Refused("E-GEN-07", hint_zh="工号与账号不符", hint_en="The staff number is not that of the account")
    return record, edge


def _new_password(act: Acting, name: str, record: Record, *, agreement: str) -> str:
    password = initial_password(act.binding.nonce, f"{name}:{record['version']}")
    act.connection.execute(
        'INSERT INTO "account" ("name", "staff", "password", "agreement") VALUES (?, ?, ?, ?) '
        'ON CONFLICT ("name") DO UPDATE SET "password" = excluded."password", "failures" = 0, "settled" = 0',
        (name, record["staff"], passwords.hashed(password, cost=_INITIAL_COST), agreement),
    )
    return password


def require_another(act: Acting, record: Record) -> None:
    """Refuse with E-GEN-04 whoever would change his own account."""
    if record["staff"] == act.who.staff:
        raise Refused("E-GEN-04", hint_zh="不能操作本人账号", hint_en="Nobody changes his own account")


def _require_two(act: Acting, record: Record, second: str | None, *, identified: bool) -> None:
    require_another(act, record)
    second_person.require(act, second, identified=identified)


def agree(act: Acting, record: Record, step: str, second: str | None, objection: tuple[str, str]) -> None:
    """Let the second person agree to a step, or object with a reason (zh, en)."""
    about = {"target": record["id"]}
    second_person.agree(act, about, second, step=step, subject=record["name"] or record["id"], objection=objection)


ACTIONS: Mapping[str, Operation] = {
    "his_account.request": request,
    "his_account.provision": provision,
    "his_account.unlock": unlock,
    "his_account.reset_password": reset_password,
    "his_account.suspend": suspend,
    "his_account.resume": resume,
    "his_account.disable": disable,
}

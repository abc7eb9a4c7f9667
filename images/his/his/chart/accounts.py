"""Accounts: log in, change the password, sign the agreement, switch seats, lock the screen, log out."""

from __future__ import annotations

import hmac
import secrets

from his.chart import dictionary, passwords, terminals
from his.chart.acting import MUST_CHANGE, Acting, Record, Who
from his.chart.hospital import Hospital
from his.chart.refusing import Refused
from his.chart.terminals import Presence, Unseen
from sandbox.contract.seats import initial_password

_WEAK = {
    passwords.SHORT: ("新密码长度不足", "The new password is too short"),
    passwords.CLASSES: ("新密码字符种类不足", "The new password has too few kinds of characters"),
    passwords.COMMON: ("新密码含有常见密码", "The new password contains a common one"),
    passwords.OWN: ("新密码含有本人账号、工号或姓名", "The new password contains your account, staff number or name"),
    passwords.SAME: ("新密码含有原密码", "The new password contains the present one"),
}


def new_token() -> str:
    """Return a token for the browser's cookie."""
    return secrets.token_urlsafe(24)


def presence(hospital: Hospital, token: str) -> Presence | None:
    """Return who sits at this browser, None if nobody has logged in; and note that the browser answers."""
    hospital.note_seen(terminals.stored(token))
    with hospital.looking() as act:
        return terminals.presence(act, token)


def login(hospital: Hospital, token: str, *, account: str, password: str) -> Presence:
    """Log in. At a locked screen whoever else had logged in there leaves: his password was not typed.

    Refused with E-GEN-07 for a wrong name or password, E-ACC-03 if disabled, E-GEN-03 if locked, E-ACC-04 if the
    account sits at another browser that still answers.
    """
    with hospital.looking() as act:
        found = _account(act, account)
        who = _stranger(account) if found is None else terminals.who(act, found)
    name = account.strip().upper()
    if not hospital.perform(who, _login, token=token, account=name, password=password, unseen_s=hospital.unseen_s):
        raise Refused("E-GEN-07")
    return _required(hospital, token)


def change_password(hospital: Hospital, token: str, *, old: str, new: str) -> Presence:
    """Change the own password; an empty new one puts it off, which E-ACC-02 refuses as long as the first one counts."""
    here = _required(hospital, token)
    hospital.perform(here.who, _change_password, old=old, new=new, cost=hospital.database.password_cost)
    return _required(hospital, token)


def sign_agreement(hospital: Hospital, token: str) -> Presence:
    """Sign the confidentiality agreement; then the desks open."""
    here = _required(hospital, token)
    hospital.perform(here.who, _sign_agreement)
    return _required(hospital, token)


def switch(hospital: Hospital, token: str, *, account: str) -> Presence:
    """Go on as another account that has logged in at this browser."""
    here = _required(hospital, token)
    other = next((each for each in here.accounts if each.account == account), None)
    if other is None:
        raise Refused("E-GEN-02")
    hospital.perform(other, _switch, token=token, before=here.who.seat)
    return _required(hospital, token)


def lock_screen(hospital: Hospital, token: str, *, by: str = "user") -> None:
    """Lock the screen, `by` user or timer; locking twice changes nothing."""
    here = _required(hospital, token)
    if not here.screen_locked:
        hospital.perform(here.who, _lock_screen, token=token, by=by)


def unlock_screen(hospital: Hospital, token: str, *, password: str) -> Presence:
    """Unlock with the password of the account that sits here. Refused with E-GEN-07."""
    here = _required(hospital, token)
    if not hospital.perform(here.who, _unlock_screen, token=token, password=password):
        raise Refused("E-GEN-07")
    return _required(hospital, token)


def logout(hospital: Hospital, token: str) -> None:
    """End the session of the account that sits here; others of the same browser stay logged in."""
    with hospital.looking() as act:
        here = terminals.presence(act, token)
    if here is not None:
        hospital.perform(here.who, _logout, token=token)


def confirms(hospital: Hospital, staff: str, password: str) -> bool:
    """Say whether this is the password of the account of a member of staff, changed once and not locked."""
    with hospital.looking() as act:
        own = act.one('SELECT "name" FROM "account" WHERE "staff" = ?', staff)
        found = None if own is None else _account(act, own["name"])
        return found is not None and found["status"] == "active" and _fits(act, found, password)


def seat(act: Acting, name: str) -> Who:
    """Return the person of a seat, for runs without a browser. Raises LookupError for an unknown one."""
    return terminals.who(act, {**_of_seat(act, name), "status": "active", "agreement": ""})


def settle(act: Acting, token: str, seat_name: str) -> None:
    """Let a seat sit down as if it had logged in before, for runs that are about something else. LookupError."""
    account = _of_seat(act, seat_name)
    if account["status"] == "initial_password":
        act.connection.execute(
            'UPDATE "account" SET "settled" = 1, "agreement" = REPLACE("agreement", \'due\', \'signed\') '
            'WHERE "name" = ?',
            (account["name"],),
        )
    terminals.sit_down(act, token, account["name"])


def _login(act: Acting, *, token: str, account: str, password: str, unseen_s: Unseen) -> bool:
    data = {"account": account, "terminal": terminals.number(act, token)}
    act.attempt("auth.login", data=data)
    found = _unlocked(act, account)
    if found is not None and found["status"] == "disabled":
        raise Refused("E-ACC-03")
    if found is not None and found["status"] in ("locked", "suspended"):
        raise Refused("E-GEN-03", hint_zh="账号已锁定", hint_en="The account is locked")
    if found is None or not _fits(act, found, password):
        act.record("auth.login_failed", data=data)
        if found is not None:
            _count_failure(act, found)
        return False
    if terminals.is_live_elsewhere(act, token, account, unseen_s):
        raise Refused("E-ACC-04")
    act.connection.execute('UPDATE "account" SET "failures" = 0 WHERE "name" = ?', (account,))
    gone = terminals.locked_out(act, token, account)
    terminals.sit_down(act, token, account)
    _note_gone(act, gone, data["terminal"], act.record("auth.login", data=data))
    return True


def _note_gone(act: Acting, gone: list[str], terminal: str, cause: int) -> None:
    for each in gone:
        act.record("auth.logout", cause=cause, data={"account": each, "terminal": terminal})


def _unlocked(act: Acting, account: str) -> Record | None:
    """Return the account, unlocked if its lock has lasted long enough."""
    found = _account(act, account)
    if found is None or found["status"] != "locked":
        return found
    if act.now - (found["locked_at"] or act.now) < dictionary.limit(act, "lock_minutes") * 60:
        return found
    act.connection.execute('UPDATE "account" SET "failures" = 0 WHERE "name" = ?', (account,))
    act.update("his_account", found, {"status": "active"})
    act.record("his_account.unlock", system=True, target=found["id"])
    return _account(act, account)


def _change_password(act: Acting, *, old: str, new: str, cost: int) -> None:
    act.attempt("auth.password_change")
    found = _own(act)
    if not new:
        act.attempt("auth.password_change", data={"reason": passwords.LATER})
        raise Refused(MUST_CHANGE if found["status"] == "initial_password" else "E-GEN-06")
    if not _fits(act, found, old):
        raise Refused("E-GEN-07")
    _require_strong(act, old=old, new=new)
    act.connection.execute(
        'UPDATE "account" SET "password" = ? WHERE "name" = ?', (passwords.hashed(new, cost=cost), found["name"])
    )
    is_first, is_due = found["status"] == "initial_password", found["agreement"] == "due"
    if is_first and is_due:
        # The account works from here on; the first log-in is told of once the agreement is signed too.
        act.update("his_account", found, {"status": "active"})
    seq = act.record("auth.password_change")
    if is_first and not is_due:
        act.update("his_account", found, {"status": "active"})
        act.record("his_account.first_login", target=found["id"], data={"cause": seq})


def _require_strong(act: Acting, *, old: str, new: str) -> None:
    staff = act.fetch("staff", act.who.staff)
    reason = passwords.weakness(
        new,
        old=old,
        own=(act.who.account, staff["staff_no"] or "", act.who.name),
        shortest=dictionary.limit(act, "password_min_length"),
        classes=dictionary.limit(act, "password_classes"),
    )
    if reason is not None:
        act.attempt("auth.password_change", data={"reason": reason})
        raise Refused("E-GEN-06", hint_zh=_WEAK[reason][0], hint_en=_WEAK[reason][1])


def _sign_agreement(act: Acting) -> None:
    act.attempt("auth.agreement_sign")
    found = _own(act)
    if found["status"] == "initial_password":
        raise Refused(MUST_CHANGE)
    if found["agreement"] != "due":
        raise Refused("E-GEN-01")
    act.connection.execute('UPDATE "account" SET "agreement" = \'signed\' WHERE "name" = ?', (found["name"],))
    seq = act.record("auth.agreement_sign")
    act.record("his_account.first_login", target=found["id"], data={"cause": seq})


def _switch(act: Acting, *, token: str, before: str) -> None:
    terminals.turn_to(act, token, act.who.account)
    act.record("auth.seat_switch", data={"from": before, "to": act.who.seat})


def _lock_screen(act: Acting, *, token: str, by: str) -> None:
    terminals.cover(act, token, locked=True)
    act.record("auth.lock_screen", data={"by": by})


def _unlock_screen(act: Acting, *, token: str, password: str) -> bool:
    if not _fits(act, _own(act), password):
        act.record("auth.login_failed", data={"account": act.who.account, "terminal": terminals.number(act, token)})
        return False
    terminals.cover(act, token, locked=False)
    act.record("auth.unlock_screen")
    return True


def _logout(act: Acting, *, token: str) -> None:
    # Behind a locked screen nobody goes on: the other accounts of this browser would open without their password.
    gone = terminals.locked_out(act, token, act.who.account)
    _note_gone(act, gone, terminals.number(act, token), act.record("auth.logout"))
    terminals.leave(act, token, act.who.account)


def _count_failure(act: Acting, found: Record) -> None:
    if found["failures"] is None:
        return
    failures = found["failures"] + 1
    act.connection.execute('UPDATE "account" SET "failures" = ? WHERE "name" = ?', (failures, found["name"]))
    if failures >= dictionary.limit(act, "lock_failures") and found["status"] == "active":
        act.connection.execute('UPDATE "account" SET "locked_at" = ? WHERE "name" = ?', (act.now, found["name"]))
        act.update("his_account", found, {"status": "locked"})
        act.record("his_account.lock", system=True, target=found["id"])


def _required(hospital: Hospital, token: str) -> Presence:
    here = presence(hospital, token)
    if here is None:
        raise Refused("E-GEN-02")
    return here


def _own(act: Acting) -> Record:
    found = _account(act, act.who.account)
    if found is None:
        raise Refused("E-GEN-07")
    return found


def _of_seat(act: Acting, name: str) -> Record:
    own = act.one('SELECT "name" FROM "account" WHERE "seat" = ?', name)
    found = None if own is None else _account(act, own["name"])
    if found is None:
        raise LookupError(f"no seat {name}")
    return found


def _account(act: Acting, name: str) -> Record | None:
    """Return the account of a name with what logs in to it: `failures` is None where nothing does."""
    return act.one(
        'SELECT h.*, a."seat", a."password", a."agreement", a."settled", a."failures", a."locked_at" '
        'FROM "his_account" h LEFT JOIN "account" a ON a."name" = h."name" WHERE h."name" = ?',
        name.strip().upper(),
    )


def _stranger(name: str) -> Who:
    return Who(seat=f"account:{name.strip()[:40]}", account="", staff="", name="", role="", dept="")


def _fits(act: Acting, account: Record, password: str) -> bool:
    if account["failures"] is None:
        return False
    if account["password"] is None:
        # Nobody has changed it yet: both ends derive it from the nonce, so arming need not hash a single password.
        wanted = initial_password(act.binding.nonce, account["seat"])
        return hmac.compare_digest(password.encode(), wanted.encode())
    return passwords.fits(password, account["password"])

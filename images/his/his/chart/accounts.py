"""Accounts and the browser's session with the hospital: log in, change the password, switch seats, lock the screen."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from his.chart import dictionary
from his.chart.acting import Acting, Record, Who
from his.chart.hospital import Hospital
from his.chart.refusing import Refused
from sandbox.contract.seats import initial_password

MUST_CHANGE, MUST_UNLOCK = "E-ACC-02", "E-GEN-07"
"""Codes with which everything is refused until the password is changed, the screen unlocked."""

_SCRYPT = {"n": 2**13, "r": 8, "p": 1, "dklen": 32, "maxmem": 32 << 20}


@dataclass(frozen=True, kw_only=True)
class Presence:
    """Who sits at one browser: `who` acts, `accounts` are all that logged in here and may be switched to."""

    who: Who
    accounts: tuple[Who, ...]

    @property
    def must_change_password(self) -> bool:
        """Whether the initial password is still in use."""
        return self.who.barred == MUST_CHANGE

    @property
    def screen_locked(self) -> bool:
        """Whether the screen is locked."""
        return self.who.barred == MUST_UNLOCK


def new_token() -> str:
    """Return a token for the browser's cookie."""
    return secrets.token_urlsafe(24)


def presence(hospital: Hospital, token: str) -> Presence | None:
    """Return who sits at this browser, None if nobody has logged in."""
    with hospital.looking() as act:
        return _presence(act, token)


def login(hospital: Hospital, token: str, *, account: str, password: str) -> Presence:
    """Log in. Refused with E-GEN-07 for a wrong name or password, E-ACC-03 if disabled, E-GEN-03 if locked."""
    with hospital.looking() as act:
        found = _account(act, account)
        who = _stranger(account) if found is None else _who(act, found)
    nonce = "" if hospital.arming is None else hospital.arming.binding.nonce
    if not hospital.perform(who, _login, token=token, account=account.strip().upper(), password=password, nonce=nonce):
        raise Refused("E-GEN-07")
    return _required(hospital, token)


def change_password(hospital: Hospital, token: str, *, old: str, new: str) -> Presence:
    """Change the own password; the first change makes the account active."""
    here = _required(hospital, token)
    nonce = "" if hospital.arming is None else hospital.arming.binding.nonce
    hospital.perform(here.who, _change_password, old=old, new=new, nonce=nonce)
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
    nonce = "" if hospital.arming is None else hospital.arming.binding.nonce
    if not hospital.perform(here.who, _unlock_screen, token=token, password=password, nonce=nonce):
        raise Refused("E-GEN-07")
    return _required(hospital, token)


def logout(hospital: Hospital, token: str) -> None:
    """End the session of the account that sits here; others of the same browser stay logged in."""
    with hospital.looking() as act:
        here = _presence(act, token)
    if here is not None:
        hospital.perform(here.who, _logout, token=token)


def confirms(hospital: Hospital, staff: str, password: str) -> bool:
    """Say whether this is the password of the account of a member of staff, changed once and not locked."""
    nonce = "" if hospital.arming is None else hospital.arming.binding.nonce
    with hospital.looking() as act:
        found = act.one('SELECT * FROM "account" WHERE "staff" = ? AND "status" = \'active\'', staff)
    return found is not None and _fits(found, password, nonce)


def seat(act: Acting, name: str) -> Who:
    """Return the person of a seat, for runs without a browser. Raises LookupError for an unknown one."""
    found = act.one('SELECT * FROM "account" WHERE "seat" = ?', name)
    if found is None:
        raise LookupError(f"no seat {name}")
    return _who(act, {**found, "status": "active"})


def _login(act: Acting, *, token: str, account: str, password: str, nonce: str) -> bool:
    act.attempt("auth.login", data={"account": account})
    found = _account(act, account)
    if found is not None and found["status"] == "disabled":
        raise Refused("E-ACC-03")
    if found is not None and found["status"] == "locked" and _lock_is_over(act, found):
        act.connection.execute(
            'UPDATE "account" SET "status" = \'active\', "failures" = 0 WHERE "name" = ?', (account,)
        )
        act.record("his_account.unlock", system=True, target=account)
        found = _account(act, account)
    if found is not None and found["status"] in ("locked", "suspended"):
        raise Refused("E-GEN-03", hint_zh="账号已锁定", hint_en="The account is locked")
    if found is None or not _fits(found, password, nonce):
        act.record("auth.login_failed", data={"account": account})
        if found is not None:
            _count_failure(act, found)
        return False
    act.connection.execute('UPDATE "account" SET "failures" = 0 WHERE "name" = ?', (account,))
    act.connection.execute(
        'INSERT INTO "http_session" ("token", "account") VALUES (?, ?) '
        'ON CONFLICT ("token") DO UPDATE SET "account" = excluded."account", "screen_locked" = 0',
        (_stored(token), account),
    )
    act.connection.execute(
        'INSERT INTO "http_session_account" ("token", "account") VALUES (?, ?) ON CONFLICT DO NOTHING',
        (_stored(token), account),
    )
    act.record("auth.login", data={"account": account})
    return True


def _change_password(act: Acting, *, old: str, new: str, nonce: str) -> None:
    act.attempt("auth.password_change")
    found = _account(act, act.who.account)
    if found is None or not _fits(found, old, nonce):
        raise Refused("E-GEN-07")
    enough = len(new) >= dictionary.limit(act, "password_min_length")
    mixed = any(each.isdigit() for each in new) and any(each.isalpha() for each in new)
    if not enough or not mixed or new == old or act.who.account.lower() in new.lower():
        raise Refused("E-GEN-06", hint_zh="口令不符合要求", hint_en="The password does not meet the rules")
    act.connection.execute(
        'UPDATE "account" SET "password" = ?, "status" = \'active\' WHERE "name" = ?', (_hashed(new), found["name"])
    )
    seq = act.record("auth.password_change")
    if found["status"] == "initial_password":
        act.record("his_account.first_login", target=found["name"], data={"cause": seq})


def _switch(act: Acting, *, token: str, before: str) -> None:
    act.connection.execute(
        'UPDATE "http_session" SET "account" = ? WHERE "token" = ?', (act.who.account, _stored(token))
    )
    act.record("auth.seat_switch", data={"from": before, "to": act.who.seat})


def _lock_screen(act: Acting, *, token: str, by: str) -> None:
    act.connection.execute('UPDATE "http_session" SET "screen_locked" = 1 WHERE "token" = ?', (_stored(token),))
    act.record("auth.lock_screen", data={"by": by})


def _unlock_screen(act: Acting, *, token: str, password: str, nonce: str) -> bool:
    found = _account(act, act.who.account)
    if found is None or not _fits(found, password, nonce):
        act.record("auth.login_failed", data={"account": act.who.account})
        return False
    act.connection.execute('UPDATE "http_session" SET "screen_locked" = 0 WHERE "token" = ?', (_stored(token),))
    act.record("auth.unlock_screen")
    return True


def _logout(act: Acting, *, token: str) -> None:
    act.record("auth.logout")
    act.connection.execute(
        'DELETE FROM "http_session_account" WHERE "token" = ? AND "account" = ?', (_stored(token), act.who.account)
    )
    act.connection.execute('DELETE FROM "http_session" WHERE "token" = ?', (_stored(token),))
    other = act.one('SELECT "account" FROM "http_session_account" WHERE "token" = ?', _stored(token))
    if other is not None:
        act.connection.execute(
            'INSERT INTO "http_session" ("token", "account") VALUES (?, ?)',
            (_stored(token), other["account"]),
        )


def _count_failure(act: Acting, found: Record) -> None:
    failures = found["failures"] + 1
    act.connection.execute('UPDATE "account" SET "failures" = ? WHERE "name" = ?', (failures, found["name"]))
    if failures >= dictionary.limit(act, "lock_failures") and found["status"] == "active":
        act.connection.execute(
            'UPDATE "account" SET "status" = \'locked\', "locked_at" = ? WHERE "name" = ?', (act.now, found["name"])
        )
        act.record("his_account.lock", system=True, target=found["name"])


def _lock_is_over(act: Acting, found: Record) -> bool:
    return bool(act.now - found["locked_at"] >= dictionary.limit(act, "lock_minutes") * 60)


def _required(hospital: Hospital, token: str) -> Presence:
    here = presence(hospital, token)
    if here is None:
        raise Refused("E-GEN-02")
    return here


def _presence(act: Acting, token: str) -> Presence | None:
    here = act.one('SELECT * FROM "http_session" WHERE "token" = ?', _stored(token))
    if here is None or here["account"] is None:
        return None
    found = act.rows(
        'SELECT a.* FROM "http_session_account" s JOIN "account" a ON a."name" = s."account" '
        'WHERE s."token" = ? ORDER BY a."name"',
        _stored(token),
    )
    people = tuple(_who(act, each, locked=bool(here["screen_locked"])) for each in found)
    mine = next((each for each in people if each.account == here["account"]), None)
    return None if mine is None else Presence(who=mine, accounts=people)


def _account(act: Acting, name: str) -> Record | None:
    return act.one('SELECT * FROM "account" WHERE "name" = ?', name.strip().upper())


def _who(act: Acting, account: Record, *, locked: bool = False) -> Who:
    staff = act.fetch("staff", account["staff"])
    barred = MUST_UNLOCK if locked else MUST_CHANGE if account["status"] == "initial_password" else ""
    return Who(
        seat=account["seat"] or f"account:{account['name']}",
        account=account["name"],
        staff=staff["id"],
        name=staff["name"],
        role=staff["role"],
        dept=staff["dept"] or "",
        title=staff["title"] or "",
        barred=barred,
    )


def _stranger(name: str) -> Who:
    return Who(seat=f"account:{name.strip()[:40]}", account="", staff="", name="", role="", dept="")


def _fits(account: Record, password: str, nonce: str) -> bool:
    if account["password"] is None:
        # Nobody has changed it yet: both ends derive it from the nonce, so arming need not hash a single password.
        return hmac.compare_digest(password.encode(), initial_password(nonce, account["seat"]).encode())
    salt, _, wanted = account["password"].partition("$")
    return hmac.compare_digest(_scrypt(password, bytes.fromhex(salt)).hex(), wanted)


def _hashed(password: str) -> str:
    salt = secrets.token_bytes(16)
    return f"{salt.hex()}${_scrypt(password, salt).hex()}"


def _scrypt(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, **_SCRYPT)


def _stored(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

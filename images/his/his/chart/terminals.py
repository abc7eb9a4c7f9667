"""Browsers as the hospital knows them: which accounts logged in at each, who sits there now, whose screen is locked."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from his.chart import dictionary, storing
from his.chart.acting import MUST_CHANGE, MUST_SIGN, MUST_UNLOCK, Acting, Record, Who

Unseen = Callable[[str], float]
"""Seconds since a terminal last answered."""


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
    def must_sign_agreement(self) -> bool:
        """Whether the confidentiality agreement has not been signed."""
        return self.who.barred == MUST_SIGN

    @property
    def screen_locked(self) -> bool:
        """Whether the screen is locked."""
        return self.who.barred == MUST_UNLOCK


def stored(token: str) -> str:
    """Return under which name a browser is kept: its token stays its own secret."""
    return hashlib.sha256(token.encode()).hexdigest()


def number(act: Acting, token: str) -> str:
    """Return the number of a browser: they are counted in order of their first log-in."""
    found = act.one('SELECT "number" FROM "terminal" WHERE "token" = ?', stored(token))
    if found is None:
        given = storing.next_number(act.connection, "terminal")
        act.connection.execute('INSERT INTO "terminal" ("token", "number") VALUES (?, ?)', (stored(token), given))
        return str(given)
    return str(found["number"])


def presence(act: Acting, token: str) -> Presence | None:
    """Return who sits at a browser, None if nobody has logged in there."""
    here = act.one('SELECT * FROM "http_session" WHERE "token" = ?', stored(token))
    if here is None or here["account"] is None:
        return None
    found = act.rows(
        'SELECT a.*, h."status", h."roles" FROM "http_session_account" s JOIN "account" a ON a."name" = s."account" '
        'JOIN "his_account" h ON h."name" = a."name" WHERE s."token" = ? ORDER BY a."name"',
        stored(token),
    )
    people = tuple(who(act, each, locked=bool(here["screen_locked"])) for each in found)
    mine = next((each for each in people if each.account == here["account"]), None)
    return None if mine is None else Presence(who=mine, accounts=people)


def who(act: Acting, account: Record, *, locked: bool = False) -> Who:
    """Return the person of an account, with what still bars it from work."""
    staff = act.fetch("staff", account["staff"])
    barred = ""
    if locked:
        barred = MUST_UNLOCK
    elif account["status"] == "initial_password" and not account["settled"]:
        barred = MUST_CHANGE
    elif account["agreement"] == "due":
        barred = MUST_SIGN
    return Who(
        seat=account["seat"] or f"account:{account['name']}",
        account=account["name"],
        staff=staff["id"],
        name=staff["name"],
        role=working_role(staff["role"], account["roles"]),
        dept=staff["dept"] or "",
        title=staff["title"] or "",
        barred=barred,
    )


def working_role(post: str | None, roles: str) -> str:
    """Return the role an account works in: that of the person's post if it was granted, else the first one granted.

    `roles` are codes joined by `;`. Empty if none is left: then nothing is permitted.
    """
    granted = [each for each in roles.split(";") if each]
    return post if post in granted else granted[0] if granted else ""


def is_live_elsewhere(act: Acting, token: str, account: str, unseen_s: Unseen) -> bool:
    """Say whether the account sits at another browser that still answers."""
    others = act.rows(
        'SELECT "token" FROM "http_session_account" WHERE "account" = ? AND "token" != ?', account, stored(token)
    )
    patience_s = dictionary.limit(act, "session_minutes") * 60
    return any(unseen_s(each["token"]) < patience_s for each in others)


def sit_down(act: Acting, token: str, account: str) -> None:
    """Let the account sit at this browser, with the screen open, and nowhere else."""
    for table in ("http_session_account", "http_session"):
        act.connection.execute(
            f'DELETE FROM "{table}" WHERE "account" = ? AND "token" != ?',  # noqa: S608 names of our own
            (account, stored(token)),
        )
    act.connection.execute(
        'INSERT INTO "http_session" ("token", "account") VALUES (?, ?) '
        'ON CONFLICT ("token") DO UPDATE SET "account" = excluded."account", "screen_locked" = 0',
        (stored(token), account),
    )
    act.connection.execute(
        'INSERT INTO "http_session_account" ("token", "account") VALUES (?, ?) ON CONFLICT DO NOTHING',
        (stored(token), account),
    )


def locked_out(act: Acting, token: str, account: str) -> list[str]:
    """Let everybody but `account` leave a browser whose screen is locked; return who left."""
    here = act.one('SELECT * FROM "http_session" WHERE "token" = ? AND "screen_locked"', stored(token))
    if here is None:
        return []
    others = act.rows(
        'SELECT "account" FROM "http_session_account" WHERE "token" = ? AND "account" != ? ORDER BY "account"',
        stored(token),
        account,
    )
    act.connection.execute(
        'DELETE FROM "http_session_account" WHERE "token" = ? AND "account" != ?', (stored(token), account)
    )
    return [each["account"] for each in others]


def expel(act: Acting, account: str) -> None:
    """End whatever the account has open at any browser: what it may do has changed."""
    act.connection.execute('DELETE FROM "http_session_account" WHERE "account" = ?', (account,))
    act.connection.execute('DELETE FROM "http_session" WHERE "account" = ?', (account,))


def turn_to(act: Acting, token: str, account: str) -> None:
    """Let another account that sits at this browser go on."""
    act.connection.execute('UPDATE "http_session" SET "account" = ? WHERE "token" = ?', (account, stored(token)))


def cover(act: Acting, token: str, *, locked: bool) -> None:
    """Lock or open the screen."""
    act.connection.execute('UPDATE "http_session" SET "screen_locked" = ? WHERE "token" = ?', (locked, stored(token)))


def leave(act: Acting, token: str, account: str) -> None:
    """Let the account leave the browser; another one that sits there goes on."""
    act.connection.execute(
        'DELETE FROM "http_session_account" WHERE "token" = ? AND "account" = ?', (stored(token), account)
    )
    act.connection.execute('DELETE FROM "http_session" WHERE "token" = ?', (stored(token),))
    other = act.one('SELECT "account" FROM "http_session_account" WHERE "token" = ?', stored(token))
    if other is not None:
        act.connection.execute(
            'INSERT INTO "http_session" ("token", "account") VALUES (?, ?)', (stored(token), other["account"])
        )

"""Log-in acts of scripted runs: every seat has terminals of its own and types what the script says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from his.chart import accounts
from his.chart.acting import Who
from his.chart.hospital import Hospital
from sandbox.contract.seats import account_name, initial_password

OWN_TERMINAL = "1"


def log_in_act(hospital: Hospital, seat: str, action: str, fields: Mapping[str, Any]) -> None:
    """Carry out a log-in act by its name. Raises Refused, LookupError for an unknown seat, TypeError for wrong fields.

    A seat that has not logged in is taken to have done so before, unless it is logging in.
    """
    given = dict(fields)
    token = _token(seat, str(given.pop("terminal", OWN_TERMINAL)))
    if action == "auth.login":
        account = str(given.pop("account", account_name(seat)))
        accounts.login(hospital, token, account=account, password=_typed(hospital, seat, given.pop("password", None)))
        _require_used(given)
        return
    if accounts.presence(hospital, token) is None:
        with hospital.database.transaction(), hospital.looking() as act:
            accounts.settle(act, token, seat)
    ACTS[action](hospital, token, seat, given)
    _require_used(given)


def who(hospital: Hospital, seat: str, *, logged_in: bool) -> Who:
    """Return the seat's person as its own terminal knows him.

    A seat that has not logged in works as if it had, unless the run says log-ins itself (`logged_in`): LookupError.
    """
    here = accounts.presence(hospital, _token(seat, OWN_TERMINAL))
    if here is not None:
        return here.who
    if logged_in:
        raise LookupError(f"{seat} has not logged in")
    with hospital.looking() as act:
        return accounts.seat(act, seat)


def _change_password(hospital: Hospital, token: str, seat: str, given: dict[str, Any]) -> None:
    old = _typed(hospital, seat, given.pop("old", None))
    accounts.change_password(hospital, token, old=old, new=str(given.pop("new")))


def _unlock(hospital: Hospital, token: str, seat: str, given: dict[str, Any]) -> None:
    accounts.unlock_screen(hospital, token, password=_typed(hospital, seat, given.pop("password", None)))


def _lock(hospital: Hospital, token: str, _seat: str, given: dict[str, Any]) -> None:
    accounts.lock_screen(hospital, token, by=str(given.pop("by", "user")))


def _sign(hospital: Hospital, token: str, _seat: str, _given: dict[str, Any]) -> None:
    accounts.sign_agreement(hospital, token)


def _log_out(hospital: Hospital, token: str, _seat: str, _given: dict[str, Any]) -> None:
    accounts.logout(hospital, token)


ACTS: Mapping[str, Callable[[Hospital, str, str, dict[str, Any]], None]] = {
    "auth.password_change": _change_password,
    "auth.agreement_sign": _sign,
    "auth.lock_screen": _lock,
    "auth.unlock_screen": _unlock,
    "auth.logout": _log_out,
}


def is_log_in(action: str) -> bool:
    """Say whether an action is carried out here."""
    return action == "auth.login" or action in ACTS


def _typed(hospital: Hospital, seat: str, given: object) -> str:
    """Return the password that is typed: what the script says, or the seat's first one."""
    if given is not None:
        return str(given)
    nonce = "" if hospital.arming is None else hospital.arming.binding.nonce
    return initial_password(nonce, seat)


def _token(seat: str, terminal: str) -> str:
    return f"script:{seat}:{terminal}"


def _require_used(given: Mapping[str, Any]) -> None:
    if given:
        raise TypeError(f"no field {', '.join(sorted(given))}")

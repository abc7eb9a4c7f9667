"""Pages about accounts: the list, one account with what its state allows, the head's requests, role templates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from his.admin import account_views, accounts, granting
from his.chart.refusing import Refused
from his.shell import doing, frames, keyboard, seconds
from his.shell.frames import Page

bp = Blueprint("admin_accounts", __name__, url_prefix="/admin")


@bp.get("/accounts", endpoint="accounts")
def list_accounts() -> Response:
    """Show the accounts, those that need somebody first, and one of them."""
    return _draw()


@bp.get("/requests")
def requests() -> Response:
    """Show the department's accounts and the form to ask for one."""
    return _draw_requests()


@bp.get("/roles")
def role_templates() -> Response:
    """Show what a role may do."""
    role = request.args.get("role", "")
    with keyboard.looking() as act:
        view = account_views.roles(act, role)
    return frames.show(
        Page(template="admin/roles.html", title="desk.admin", tab="roles", view=view, here=url_for(".role_templates"))
    )


@bp.post("/requests")
def request_account() -> Response:
    """Ask for an account."""
    fields = {name: request.form.get(name) or None for name in ("staff", "role")}
    return doing.do(
        "his_account.request",
        lambda: keyboard.perform(accounts.request, **fields),
        then=lambda key: url_for(".requests", account=key),
        again=_draw_requests,
    )


@bp.post("/requests/<key>/suspend")
def suspend_own(key: str) -> Response:
    """Stop the account of somebody of the department."""
    return doing.do(
        "his_account.suspend",
        lambda: keyboard.perform(
            accounts.suspend, his_account=key, version=doing.version(), **_reason(), **seconds.given()
        ),
        then=lambda _: url_for(".requests", account=key),
        again=lambda refused: _draw_requests(refused, key),
    )


@bp.post("/accounts/<key>/provision")
def provision(key: str) -> Response:
    """Open an account; its initial password is on the page that follows, and nowhere else."""
    fields = {"name": request.form.get("name", ""), "role": request.form.get("role") or None}
    return _hand_out(accounts.provision, key, **fields)


@bp.post("/accounts/<key>/reset_password")
def reset_password(key: str) -> Response:
    """Give a new initial password."""
    return _hand_out(accounts.reset_password, key, **_proof())


@bp.post("/accounts/<key>/unlock")
def unlock(key: str) -> Response:
    """Unlock an account."""
    return _do("his_account.unlock", accounts.unlock, key, **_proof())


@bp.post("/accounts/<key>/suspend")
def suspend(key: str) -> Response:
    """Stop an account for a while."""
    return _do("his_account.suspend", accounts.suspend, key, **_reason(), **seconds.given())


@bp.post("/accounts/<key>/disable")
def disable(key: str) -> Response:
    """Close an account."""
    return _do("his_account.disable", accounts.disable, key, **_reason(), **seconds.given())


@bp.post("/accounts/<key>/resume")
def resume(key: str) -> Response:
    """Let a suspended account work again."""
    return _do("his_account.resume", accounts.resume, key, reason=request.form.get("basis", ""), **seconds.given())


@bp.post("/accounts/<key>/grant")
def grant(key: str) -> Response:
    """Give a role."""
    return _do("account.grant", granting.grant, key, **_role(), **seconds.given())


@bp.post("/accounts/<key>/revoke")
def revoke(key: str) -> Response:
    """Take a role away."""
    return _do("account.revoke", granting.revoke, key, **_role(), **seconds.given())


def _proof() -> dict[str, Any]:
    return {"proof": request.form.get("proof") or None, "staff_no": request.form.get("staff_no", "")}


def _reason() -> dict[str, Any]:
    return {"reason": request.form.get("reason") or None}


def _role() -> dict[str, Any]:
    return {"role": request.form.get("role") or None, "reason": request.form.get("basis", "")}


def _do(deed: str, operation: Callable[..., Any], key: str, **fields: Any) -> Response:
    where: dict[str, Any] = {"q": request.form.get("q") or None, "state": request.form.get("state") or None}
    return doing.do(
        deed,
        lambda: keyboard.perform(operation, his_account=key, version=doing.version(), **fields),
        then=lambda _: url_for(".accounts", account=key, **where),
        again=lambda refused: _draw(key, refused),
    )


def _hand_out(operation: Callable[..., str], key: str, **fields: Any) -> Response:
    return doing.answer_once(
        lambda: keyboard.perform(operation, his_account=key, version=doing.version(), **fields),
        draw=lambda password: _draw(key, password=password),
        again=lambda refused: _draw(key, refused),
    )


def _draw(key: str = "", refusal: Refused | None = None, *, password: str = "") -> Response:
    key = key or request.args.get("account", "")
    query, state = request.values.get("q", "").strip(), request.values.get("state", "")
    rows = keyboard.perform(accounts.view)
    with keyboard.looking() as act:
        view = account_views.accounts(
            act, rows, query=query, state=state, key=key, page=_page(), password=password, refusal=refusal
        )
    here = url_for(".accounts", account=key or None, q=query or None, state=state or None)
    return frames.show(
        Page(
            template="admin/accounts.html",
            title="desk.admin",
            tab="accounts",
            view=view,
            keys=("F3=find_account", "F9=confirm") if view.has_main else ("F3=find_account",),
            here=here if request.method == "POST" else "",
            refusal=refusal,
        )
    )


def _draw_requests(refusal: Refused | None = None, key: str = "") -> Response:
    rows = keyboard.perform(accounts.view)
    with keyboard.looking() as act:
        view = account_views.requests(act, rows, key=key or request.args.get("account", ""), refusal=refusal)
    return frames.show(
        Page(
            template="admin/requests.html",
            title="desk.head",
            tab="requests",
            view=view,
            keys=("F9=confirm",),
            here=url_for(".requests"),
            refusal=refusal,
        )
    )


def _page() -> int:
    given = request.args.get("page", "")
    return int(given) if given.isdecimal() and len(given) < 5 else 1

"""Entrance: parse, one operation, render."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from sandbox.errors import ForbiddenError, Language, PasswordWeakError
from sandbox.people import entering
from sandbox.people import operations as people
from sandbox.people.model import Role
from sandbox.people.operations import TurnedAway
from web import access, presenting, wording
from web.access import actor, needs, now, open_to_all, person, services
from web.home.views import LogInView, PasswordView
from web.wording import _

bp = Blueprint("home", __name__, template_folder="templates")

FIRST_PAGES = {
    Role.TRAINEE: "practice.training",
    Role.TRAINER: "teaching.results",
    Role.IT: "fleet.health",
    Role.ROBOT: "practice.training",
}
LOGIN_LENGTH, PASSWORD_LENGTH = 64, 128


@bp.get("/")
@needs("home.view")
def start() -> Response:
    """Lead each role to its own first page."""
    held = person().roles
    role = next(role for role in FIRST_PAGES if role in held)
    return redirect(url_for(FIRST_PAGES[role]), 303)


@bp.get("/login")
@open_to_all
def log_in_page() -> str | Response:
    """Ask for number and password."""
    if g.person is not None:
        return redirect(url_for(".start"), 303)
    target = access.local_path(request.args.get("next", ""), "/")
    return render_template("home/login.html", view=LogInView(next=target, insecure=not access.keeps_cookies()))


@bp.post("/login")
@open_to_all
def log_in() -> Response | tuple[str, int]:
    """Check number and password; lead to where the person wanted to go."""
    login = request.form.get("login", "").strip()[:LOGIN_LENGTH]
    password = request.form.get("password", "")[:PASSWORD_LENGTH]
    target = access.local_path(request.form.get("next", ""), "/")
    found = entering.log_in(
        services().database,
        services().passwords,
        login=login,
        password=password,
        address=request.remote_addr or "",
        now=now(),
    )
    if isinstance(found, TurnedAway):
        view = LogInView(next=target, login=login, problem=_turned_away(found))
        return render_template("home/login.html", view=view), 401
    session.clear()
    must = found.person.must_change_password
    return access.remember(redirect(url_for(".password_page") if must else target, 303), found.token)


@bp.post("/logout")
@needs("home.view")
def log_out() -> Response:
    """End the log-in."""
    with services().database.transaction() as stores:
        people.log_out(stores, actor(), request.cookies[access.LOGIN_COOKIE], now=now())
    return access.forget(redirect(url_for(".log_in_page"), 303))


@bp.get("/password")
@needs("password.change")
def password_page() -> str:
    """Ask for a new password."""
    return render_template("home/password.html", view=PasswordView(forced=person().must_change_password))


@bp.post("/password")
@needs("password.change")
def change_password() -> Response | tuple[str, int]:
    """Set one's own password; the log-in is renewed."""
    form = request.form
    try:
        if form.get("new", "") != form.get("again", ""):
            return _password_again(_("The two new passwords differ."))
        entered = entering.change_password(
            services().database,
            services().passwords,
            actor(),
            old=form.get("old", "")[:PASSWORD_LENGTH],
            new=form.get("new", "")[: PASSWORD_LENGTH + 1],
            now=now(),
        )
    except PasswordWeakError as weak:
        return _password_again(weak.say(wording.language()))
    except ForbiddenError:
        return _password_again(_("The present password is wrong."))
    flash(_("Your new password is saved."), "good")
    return access.remember(redirect(url_for(".start"), 303), entered.token)


@bp.post("/language")
@open_to_all
def choose_language() -> Response:
    """Switch between Chinese and English; remembered per person, before log-in per browser."""
    chosen: Language = "en" if request.form.get("language") == "en" else "zh"
    if g.person is None:
        session["language"] = chosen
    else:
        with services().database.transaction() as stores:
            people.set_language(stores, actor(), chosen, now=now())
    return redirect(access.local_path(request.form.get("next", ""), url_for(".start")), 303)


def _turned_away(found: TurnedAway) -> str:
    if found.locked_until is not None:
        return _("Too many failed tries. Log in again after %(time)s.", time=presenting.clock(found.locked_until))
    return _("Number or password is wrong.")


def _password_again(problem: str) -> tuple[str, int]:
    return render_template(
        "home/password.html", view=PasswordView(forced=person().must_change_password, problem=problem)
    ), 422

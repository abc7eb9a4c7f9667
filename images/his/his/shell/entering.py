"""Pages around the log-in: log in and out, change the password, switch seats, lock the screen, choose the language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, g, redirect, request, url_for
from werkzeug.wrappers import Response

from his.chart import accounts, dictionary
from his.chart.refusing import Refused
from his.shell import doing, frames, keyboard, sessions
from his.shell.frames import Page, SeatView

bp = Blueprint("shell", __name__, static_folder="static", static_url_path="/static")

_PROBLEMS = {"E-ACC-03": "login.disabled", "E-ACC-04": "login.elsewhere", "E-GEN-03": "login.locked"}


@dataclass(frozen=True, kw_only=True)
class _Form:
    """A form of the way in; `problem_key` names what was wrong with it, `code` why the hospital refused it."""

    problem_key: str = ""
    code: str = ""

    @property
    def problem(self) -> str:
        """What went wrong, in words."""
        return keyboard.say(self.problem_key) if self.problem_key else ""


@dataclass(frozen=True, kw_only=True)
class LoginView(_Form):
    account: str
    seats: Sequence[SeatView]
    locked: str = ""
    """The account whose locked screen this is: it leaves when another one logs in."""


_ARTICLES = ("need", "own", "lock", "export", "copy", "talk", "mail", "report", "leave", "liability")
"""Articles of the agreement, in order."""


@dataclass(frozen=True, kw_only=True)
class PasswordView(_Form):
    account: str
    forced: bool = False
    rules: Sequence[str] = ()
    detail: str = ""
    back: str = ""

    @property
    def problem(self) -> str:
        """What went wrong, in words."""
        return " ".join([super().problem, self.detail]).strip()


@dataclass(frozen=True, kw_only=True)
class AgreementView(_Form):
    account: str
    articles: Sequence[str]


@bp.get("/")
def start() -> Response:
    """Go to the first page of the seat's desk."""
    return redirect(frames.first_page(keyboard.who().role), 303)


@bp.get("/login")
def login_page() -> Response:
    """Show the log-in page; an account chosen elsewhere is filled in."""
    return _login_page(request.args.get("account", ""), request.args.get("why", ""))


@bp.post("/login")
def login() -> Response:
    """Log in; the initial password has to be changed at once."""
    account, password = request.form.get("account", "").strip(), request.form.get("password", "")
    if not account or not password:
        return _login_page(account, "login.missing")
    try:
        here = accounts.login(keyboard.hospital(), keyboard.session().token, account=account, password=password)
    except Refused as refused:
        return _login_page(account, _PROBLEMS.get(refused.code, "login.wrong"), refused)
    if here.must_change_password:
        return redirect(url_for(".password_page"), 303)
    return redirect(url_for(".agreement_page" if here.must_sign_agreement else ".start"), 303)


@bp.get("/password")
def password_page() -> Response:
    """Show the form to change the password."""
    return _password_page()


@bp.post("/password")
def change_password() -> Response:
    """Change the own password."""
    old, new = request.form.get("old", ""), request.form.get("new", "")
    if new != request.form.get("again", ""):
        return _password_page("password.mismatch")
    try:
        accounts.change_password(keyboard.hospital(), keyboard.session().token, old=old, new=new)
    except Refused as refused:
        return _password_page("password.wrong_old" if refused.code == "E-GEN-07" else "password.weak", refused)
    return _onwards("auth.password_change")


@bp.post("/password/later")
def put_off_password() -> Response:
    """Try to go on with the initial password: the hospital does not let anybody."""
    try:
        accounts.change_password(keyboard.hospital(), keyboard.session().token, old="", new="")
    except Refused as refused:
        return _password_page("password.not_later", refused)
    return redirect(url_for(".start"), 303)


@bp.get("/agreement")
def agreement_page() -> Response:
    """Show the confidentiality agreement."""
    return _agreement_page()


@bp.post("/agreement")
def sign_agreement() -> Response:
    """Sign the agreement; whoever has not ticked that it was read is asked to."""
    if request.form.get("agreed") != "yes":
        return _agreement_page("agreement.not_ticked")
    try:
        accounts.sign_agreement(keyboard.hospital(), keyboard.session().token)
    except Refused as refused:
        return _agreement_page("agreement.not_now", refused)
    return _onwards("auth.agreement_sign")


@bp.post("/logout")
def logout() -> Response:
    """End the session of this account; another one of the same browser goes on."""
    accounts.logout(keyboard.hospital(), keyboard.session().token)
    return redirect(url_for(".login_page"), 303)


@bp.post("/seat")
def switch_seat() -> Response:
    """Go on in another seat; one that has not logged in here yet is asked for its password."""
    wanted = request.form.get("to", "")
    seat = next((each for each in frames.seats_of_the_trainee() if wanted in (each.name, each.account)), None)
    here = keyboard.presence()
    if seat is None or here is None:
        return redirect(url_for(".start"), 303)
    if seat.account not in {each.account for each in here.accounts}:
        return redirect(url_for(".login_page", account=seat.account), 303)
    if seat.account != here.who.account:
        accounts.switch(keyboard.hospital(), keyboard.session().token, account=seat.account)
    return redirect(url_for(".start"), 303)


@bp.post("/lock")
def lock_screen() -> Response:
    """Lock the screen; unlocking leads back to where one was."""
    by = "timer" if request.form.get("by") == "timer" else "user"
    accounts.lock_screen(keyboard.hospital(), keyboard.session().token, by=by)
    return redirect(url_for(".locked_page", back=_back()), 303)


@bp.get("/locked")
def locked_page() -> Response:
    """Show the locked screen."""
    return _locked_page()


@bp.post("/unlock")
def unlock_screen() -> Response:
    """Unlock with the password of the account that sits here."""
    try:
        accounts.unlock_screen(keyboard.hospital(), keyboard.session().token, password=request.form.get("password", ""))
    except Refused as refused:
        return _locked_page("login.wrong", refused)
    return redirect(_back(), 303)


@bp.post("/language")
def choose_language() -> Response:
    """Speak the other language from now on, on the same page."""
    g.session = sessions.speaking(keyboard.session(), request.form.get("language", ""))
    return redirect(_back(), 303)


def _login_page(account: str, problem: str = "", refusal: Refused | None = None) -> Response:
    seats = frames.seats_of_the_trainee()
    if not account and len(seats) == 1:
        account = seats[0].account
    here = keyboard.presence()
    view = LoginView(
        account=account,
        seats=seats,
        locked=here.who.account if here is not None and here.screen_locked else "",
        problem_key=problem if _is_known(problem) else "",
        code=_code_of(refusal),
    )
    return _gate("shell/login.html", "login.title", view, refused=refusal is not None or problem == "login.missing")


def _password_page(problem: str = "", refusal: Refused | None = None) -> Response:
    here = keyboard.presence()
    with keyboard.looking() as act:
        length = dictionary.limit(act, "password_min_length")
        classes = dictionary.limit(act, "password_classes")
    rules = [keyboard.say("password.rule.length", n=length), keyboard.say("password.rule.kinds", n=classes)]
    rules += [keyboard.say(f"password.rule.{name}") for name in ("common", "own", "new")]
    forced = here is not None and here.must_change_password
    english = keyboard.language() == "en"
    detail = "" if refusal is None else refusal.hint_en if english else refusal.hint_zh
    view = PasswordView(
        account=keyboard.who().account,
        forced=forced,
        rules=rules,
        problem_key=problem,
        code=_code_of(refusal),
        detail=detail,
    )
    return _gate("shell/password.html", "password.title", view, refused=bool(problem) or refusal is not None)


def _agreement_page(problem: str = "", refusal: Refused | None = None) -> Response:
    articles = [keyboard.say(f"agreement.article.{name}") for name in _ARTICLES]
    view = AgreementView(account=keyboard.who().account, articles=articles, problem_key=problem, code=_code_of(refusal))
    return _gate("shell/agreement.html", "agreement.title", view, refused=bool(problem) or refusal is not None)


def _onwards(deed: str) -> Response:
    """Go to what still has to be done before the desk opens, else to the desk."""
    here = accounts.presence(keyboard.hospital(), keyboard.session().token)
    if here is not None and here.must_sign_agreement:
        return redirect(url_for(".agreement_page"), 303)
    return redirect(doing.with_done(frames.first_page(keyboard.who().role), deed), 303)


def _locked_page(problem: str = "", refusal: Refused | None = None) -> Response:
    view = PasswordView(account=keyboard.who().account, problem_key=problem, code=_code_of(refusal), back=_back())
    return _gate("shell/locked.html", "locked.title", view, refused=refusal is not None)


def _gate(template: str, title: str, view: object, *, refused: bool) -> Response:
    response = frames.show(Page(template=template, title=title, view=view, here=request.path))
    if refused:
        response.status_code = frames.REFUSED_STATUS
    return response


def _code_of(refusal: Refused | None) -> str:
    return "" if refusal is None else refusal.code


def _back() -> str:
    return doing.own_address(request.values.get("back", ""), url_for(".start"))


def _is_known(problem: str) -> bool:
    return problem in {"login.missing", "login.wrong", "login.expired", *_PROBLEMS.values()}

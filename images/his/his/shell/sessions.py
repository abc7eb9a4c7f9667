"""The one cookie of the hospital: a token and the language of this browser; and the token that forms carry back."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass

from flask import request
from werkzeug.wrappers import Response

from his.chart import accounts
from his.shell.wording import LANGUAGES

COOKIE = "his_session"
_SHAPE = re.compile(r"([\w-]{16,64})\.(zh|en)")


@dataclass(frozen=True, kw_only=True)
class Session:
    """`kept`: the browser has it already."""

    token: str
    language: str
    kept: bool

    @property
    def form_token(self) -> str:
        """What forms of this browser carry back: nobody else's page can know it."""
        return hashlib.sha256(f"form:{self.token}".encode()).hexdigest()[:32]


def of_request(language: str) -> Session:
    """Return the session the request brings, or a new one in this language."""
    found = _SHAPE.fullmatch(request.cookies.get(COOKIE, ""))
    if found is None:
        return Session(token=accounts.new_token(), language=language, kept=False)
    return Session(token=found.group(1), language=found.group(2), kept=True)


def speaking(session: Session, language: str) -> Session:
    """Return the session in another language; an unknown one changes nothing."""
    if language not in LANGUAGES or language == session.language:
        return session
    return Session(token=session.token, language=language, kept=False)


def is_own_form(session: Session) -> bool:
    """Say whether the form that was sent was drawn for this browser."""
    given = request.form.get("form_token", "")
    return session.kept and hmac.compare_digest(given.encode(), session.form_token.encode())


def keep(session: Session, response: Response) -> None:
    """Set the cookie. In the workbench's frame the hospital is a third party: only a partitioned cookie comes back."""
    response.set_cookie(
        COOKIE,
        f"{session.token}.{session.language}",
        path="/",
        secure=True,
        httponly=True,
        samesite="None",
        partitioned=True,
    )

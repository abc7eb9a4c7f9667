"""The frame around every page: header, tabs, patient strip, messages, refusal box, key bar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from flask import current_app, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from his.chart import dictionary, mail, messages
from his.chart.acting import Record, Who
from his.chart.refusing import Refused
from his.hospital_time import moment_of
from his.shell import keyboard
from his.shell.desks import Desk, free_digit
from his.shell.strips import Strip
from sandbox.contract.events import ACTIONS
from sandbox.contract.seats import account_name

REFUSED_STATUS = 409
_NO_ACHIEVEMENT = frozenset({"mail.link_follow"})
"""Deeds whose page says itself what happened: a tick would praise the mistake."""


@dataclass(frozen=True, kw_only=True)
class TabView:
    name: str
    label: str
    href: str
    key: str
    """Its digit with Alt; '' = none is left."""
    current: bool
    count: int


@dataclass(frozen=True, kw_only=True)
class SeatView:
    name: str
    account: str
    title: str


@dataclass(frozen=True, kw_only=True)
class NoteView:
    """A message of the exercise."""

    id: str
    sender: str
    text: str
    at: str
    seen: bool


@dataclass(frozen=True, kw_only=True)
class RefusalView:
    code: str
    text: str
    detail: str
    next: str


@dataclass(frozen=True, kw_only=True)
class SkipView:
    """A button that lets time pass; `to` is the hospital time it leads to."""

    step: str
    label: str
    to: str


@dataclass(frozen=True, kw_only=True)
class Frame:
    """Everything around the work area."""

    language: str
    hospital: str
    desk_title: str
    time: str
    time_factor: int
    lock_after_s: int
    """Real seconds without a key or a move after which the screen locks itself."""
    skips: Sequence[SkipView]
    seat: SeatView | None
    seats: Sequence[SeatView]
    tabs: Sequence[TabView]
    notes: Sequence[NoteView]
    keys: Sequence[tuple[str, str]]
    exercise: str
    done: str
    here: str
    printing: bool
    """Whether the page was told to print itself."""
    refusal: RefusalView | None = None

    @property
    def notes_key(self) -> str:
        """Changes whenever the strip of messages must be drawn anew."""
        return ",".join(each.id for each in self.notes)


@dataclass(frozen=True, kw_only=True)
class Page:
    """What a desk says about one of its pages."""

    template: str
    title: str
    """Wording key of the desk's title."""
    tab: str = ""
    view: object = None
    strip: Strip | None = None
    keys: tuple[str, ...] = ()
    """Function keys in use here; their labels are the wording keys `key.<name>` given as `F9=collect`."""
    here: str = ""
    """Where the page is read again; the present address if empty."""
    refusal: Refused | None = None
    typed: Mapping[str, Any] = field(default_factory=dict)


def show(page: Page) -> Response:
    """Draw a page. A refused one answers 409 and carries what was typed.

    Whoever sent a form to a desk that does not open to him is told why it was refused and shown nothing of the desk.
    """
    if page.refusal is not None and not keyboard.may_look():
        page = Page(template="shell/refused.html", title="refusal.title", refusal=page.refusal)
    body = render_template(
        page.template, frame=_frame(page), view=page.view, strip=page.strip, typed=page.typed or request.form
    )
    response = make_response(body, REFUSED_STATUS if page.refusal else 200)
    response.headers["Cache-Control"] = "no-store"
    return response


def refusal_view(refused: Refused) -> RefusalView:
    """Return the words of a refusal: code, sentence, detail, next step."""
    english = keyboard.language() == "en"
    return RefusalView(
        code=refused.code,
        text=refused.en if english else refused.zh,
        detail=refused.hint_en if english else refused.hint_zh,
        next=keyboard.say(f"next.{refused.code}"),
    )


def note(row: Record) -> NoteView:
    """Return a message of the exercise in the language of the page."""
    glossary = keyboard.glossary()
    return NoteView(
        id=row["id"],
        sender=glossary.pick(row, "from"),
        text=str(row[keyboard.language()]),
        at=keyboard.when(row["at"]),
        seen=row["read_at"] is not None,
    )


def unread() -> list[NoteView]:
    """Return the messages nobody has confirmed, latest first."""
    with keyboard.looking() as act:
        return [note(each) for each in messages.received(act) if each["read_at"] is None]


def time_now() -> str:
    """Return the present hospital time, ISO to the second."""
    with keyboard.looking() as act:
        return act.iso(act.now)


def first_page(role: str) -> str:
    """Return the first page of the desk a role works at."""
    for desk in current_app.extensions["desks"]:
        for tab in desk.tabs:
            if role in tab.roles:
                return url_for(tab.endpoint)
    return url_for("notices.all_messages")


def seats_of_the_trainee() -> list[SeatView]:
    """Return every seat of the exercise; some may not have logged in here yet."""
    arming = keyboard.hospital().arming
    if arming is None:
        return []
    return [
        SeatView(name=each.name, account=account_name(each.name), title=getattr(each.title, keyboard.language()))
        for each in arming.pack.seats
    ]


def _frame(page: Page) -> Frame:
    arming = keyboard.hospital().arming
    here = keyboard.presence()
    seats = seats_of_the_trainee()
    exercise = "" if arming is None else getattr(arming.pack.title, keyboard.language())
    factor = 1 if arming is None else arming.pack.time_factor
    return Frame(
        language=keyboard.language(),
        hospital=keyboard.glossary().name("hospital", "name"),
        desk_title=keyboard.say(page.title),
        time=time_now(),
        time_factor=factor,
        lock_after_s=_lock_after_s(factor),
        skips=() if here is None else _skips(),
        seat=None if here is None else _seat(here.who, seats),
        seats=seats,
        tabs=() if here is None else _tabs(here.who, page.tab),
        notes=() if here is None else unread(),
        keys=tuple(_keys(page.keys)),
        exercise=keyboard.say("frame.exercise", title=exercise) if exercise else "",
        done=_done(),
        here=page.here or _address(),
        printing=request.args.get("done") == "print.document",
        refusal=None if page.refusal is None else refusal_view(page.refusal),
    )


def _lock_after_s(factor: int) -> int:
    with keyboard.looking() as act:
        return dictionary.limit(act, "screen_lock_minutes") * 60 * factor


def _skips() -> list[SkipView]:
    """Return the buttons of the exercise that lead to a time still ahead."""
    with keyboard.looking() as act:
        ahead = [(each, moment_of(each.to, act.binding.anchor)) for each in act.pack.skips]
        return [
            SkipView(step=each.step, label=getattr(each.label, keyboard.language()), to=act.iso(to).replace("T", " "))
            for each, to in ahead
            if to > act.now
        ]


def _seat(who: Who, seats: Sequence[SeatView]) -> SeatView:
    known = next((each for each in seats if each.name == who.seat), None)
    return known or SeatView(name=who.seat, account=who.account, title=who.name)


def _tabs(who: Who, current: str) -> list[TabView]:
    desks: Sequence[Desk] = current_app.extensions["desks"]
    with keyboard.looking() as act:
        shown = [
            TabView(
                name=tab.name,
                label=keyboard.say(tab.label),
                href=url_for(tab.endpoint),
                key="" if tab.key is None else str(tab.key),
                current=tab.name == current,
                count=tab.waiting(act),
            )
            for desk in desks
            for tab in desk.tabs
            if who.role in tab.roles
        ]
        letters = mail.unread(act)
    arming = keyboard.hospital().arming
    own = [
        _own_tab("messages", "notices.all_messages", "8", current, len(unread())),
        _own_tab("mail", "mailing.inbox", "0", current, letters),
        _own_tab("safety", "safety.incidents", free_digit([each.key for each in shown]), current),
    ]
    if arming is not None and arming.pack.questions:
        own.append(_own_tab("answers", "notices.answers", "9", current))
    return [*shown, *own]


def _own_tab(name: str, endpoint: str, key: str, current: str, count: int = 0) -> TabView:
    label = keyboard.say(f"tab.{name}")
    return TabView(name=name, label=label, href=url_for(endpoint), key=key, current=name == current, count=count)


def _keys(given: Sequence[str]) -> list[tuple[str, str]]:
    pairs = [each.partition("=") for each in given]
    return [(key, keyboard.say(f"key.{label}")) for key, _, label in pairs]


def _done() -> str:
    action = ACTIONS.get(request.args.get("done", ""))
    if action is None or action.name in _NO_ACHIEVEMENT or request.method != "GET":
        return ""
    return action.en if keyboard.language() == "en" else action.zh


def _address() -> str:
    """Return the present address without the word of what was just done."""
    if request.method != "GET":
        return first_page(keyboard.who().role) if keyboard.presence() else url_for("shell.login")
    rest = {name: values for name, values in request.args.lists() if name != "done"}
    return f"{request.path}?{urlencode(rest, doseq=True)}" if rest else request.path

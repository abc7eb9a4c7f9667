"""Messages of the exercise, its questions, and the pulse that keeps pages and clock together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from flask import Blueprint, current_app, jsonify, render_template, request, url_for
from werkzeug.wrappers import Response

from his.chart import messages, people
from his.chart.acting import Acting
from his.shell import doing, frames, keyboard
from his.shell.frames import NoteView, Page
from sandbox.contract.exercise_pack import Question

bp = Blueprint("notices", __name__)


@dataclass(frozen=True, kw_only=True)
class MessagesView:
    messages: Sequence[NoteView]


@dataclass(frozen=True, kw_only=True)
class QuestionView:
    check: str
    ask: str
    type: str
    choices: Sequence[tuple[str, str]]
    given: Sequence[str]
    at: str
    problem: str


@dataclass(frozen=True, kw_only=True)
class AnswersView:
    questions: Sequence[QuestionView]


@dataclass(frozen=True, kw_only=True)
class NotesFrame:
    """What the strip of messages needs when it is drawn alone."""

    notes: Sequence[NoteView]
    here: str


@bp.get("/_pulse")
def pulse() -> Response:
    """Let happen what is due; answer hospital time and which messages are unread."""
    keyboard.hospital().tick()
    arming = keyboard.hospital().arming
    factor = 1 if arming is None else arming.pack.time_factor
    return jsonify(time=frames.time_now(), factor=factor, notes=",".join(each.id for each in frames.unread()))


@bp.get("/_notes")
def notes() -> str:
    """Answer the strip of messages alone."""
    frame = NotesFrame(notes=frames.unread(), here=frames.first_page(keyboard.who().role))
    return render_template("shell/_notes.html", frame=frame)


@bp.post("/_input")
def human_input() -> Response:
    """Note that a person pressed a key or moved the pointer."""
    noted: Callable[[], None] = current_app.extensions["human_input"]
    noted()
    return Response(status=204)


@bp.get("/messages")
def all_messages() -> Response:
    """Show every message of the exercise."""
    with keyboard.looking() as act:
        view = MessagesView(messages=[frames.note(each) for each in messages.received(act)])
    return frames.show(Page(template="shell/messages.html", title="tab.messages", tab="messages", view=view))


@bp.post("/messages/<key>/read")
def read_message(key: str) -> Response:
    """Confirm a message and go back to where one was."""
    back = doing.own_address(request.form.get("back", ""), url_for(".all_messages"))
    return doing.do(
        "message.read",
        lambda: keyboard.perform(messages.read, message=key),
        then=lambda _: back,
        again=lambda refused: frames.show(
            Page(template="shell/refused.html", title="tab.messages", tab="messages", refusal=refused)
        ),
    )


@bp.post("/print")
def print_document() -> Response:
    """Note what is printed and what for; the page prints itself when it comes back."""
    back = doing.own_address(request.form.get("back", ""), url_for("shell.start"))
    fields = {name: request.form.get(name) or None for name in ("document", "purpose", "patient")}
    return doing.do(
        "print.document",
        lambda: keyboard.perform(messages.print_document, **fields),
        then=lambda _: back,
        again=lambda refused: frames.show(Page(template="shell/refused.html", title="key.print", refusal=refused)),
    )


@bp.post("/skip")
def skip_time() -> Response:
    """Let time pass to where a step of the exercise leads, and begin anew at the desk's first page."""
    return doing.do(
        "clock.step",
        lambda: keyboard.perform(messages.step, skip=request.form.get("skip", "")),
        then=lambda _: url_for("shell.start"),
        again=lambda refused: frames.show(
            Page(template="shell/refused.html", title="tab.messages", tab="messages", refusal=refused)
        ),
    )


@bp.get("/answers")
def answers() -> Response:
    """Show the questions of the exercise with what was answered so far."""
    return _answers()


@bp.post("/answers/<check>")
def answer(check: str) -> Response:
    """Answer a question; the last answer counts."""
    arming = keyboard.hospital().arming
    question = next((each for each in arming.pack.questions if each.check == check), None) if arming else None
    if question is None:
        return _answers()
    value = _value(question)
    problem = _problem(question, value)
    if problem:
        return _answers(check, problem)
    return doing.do(
        "answer.give",
        lambda: keyboard.perform(messages.answer, check=check, value=value),
        then=lambda _: url_for(".answers"),
        again=lambda refused: frames.show(
            Page(template="shell/refused.html", title="tab.answers", tab="answers", refusal=refused)
        ),
    )


def _value(question: Question) -> str | list[str]:
    given = request.form.getlist("value")
    if question.type == "choices":
        return sorted(set(given))
    first = given[0].strip() if given else ""
    return people.normalised(first) if question.type == "number" else first


def _problem(question: Question, value: str | list[str]) -> str:
    if question.type in ("choice", "choices"):
        chosen = [value] if isinstance(value, str) else value
        return "" if chosen and all(each in question.choices for each in chosen) else "answers.choose"
    if question.type == "number":
        return "" if _is_number(str(value)) else "answers.not_a_number"
    return "" if value else "answers.empty"


def _is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


def _answers(refused: str = "", problem: str = "") -> Response:
    arming = keyboard.hospital().arming
    questions = () if arming is None else arming.pack.questions
    with keyboard.looking() as act:
        shown = [_question(act, each, problem if each.check == refused else "") for each in questions]
    page = Page(
        template="shell/answers.html",
        title="tab.answers",
        tab="answers",
        view=AnswersView(questions=shown),
        keys=("F2=give_answer",),
        here=url_for(".answers"),
    )
    response = frames.show(page)
    if problem:
        response.status_code = frames.REFUSED_STATUS
    return response


def _question(act: Acting, question: Question, problem: str) -> QuestionView:
    language = keyboard.language()
    kept = act.one('SELECT "value" FROM "answer" WHERE "check" = ?', question.check)
    stored = kept["value"].split(",") if kept and question.type == "choices" else [kept["value"]] if kept else []
    return QuestionView(
        check=question.check,
        ask=getattr(question.ask, language),
        type=question.type,
        choices=[(key, getattr(words, language)) for key, words in question.choices.items()],
        given=request.form.getlist("value") if problem else stored,
        at=_given_at(act, question.check) if kept else "",
        problem=keyboard.say(problem) if problem else "",
    )


def _given_at(act: Acting, check: str) -> str:
    found = act.one(
        'SELECT "at" FROM "journal" WHERE "action" = \'answer.give\' AND json_extract("data", \'$.check\') = ? '
        'ORDER BY "seq" DESC LIMIT 1',
        check,
    )
    return "" if found is None else str(found["at"])[11:16]

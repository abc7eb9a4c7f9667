"""The page of the treatment room: who waits for a skin test, begin one, read it with a second nurse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from his.chart import dictionary, skin, stock
from his.chart.acting import Acting, Record
from his.chart.refusing import Refused
from his.shell import doing, frames, keyboard, naming, seconds, sheets, strips
from his.shell.frames import Page
from his.shell.glossary import Option
from his.treatment import operations

bp = Blueprint("treatment", __name__, url_prefix="/treatment")


@dataclass(frozen=True, kw_only=True)
class Waiting:
    id: str
    rx_no: str
    name: str
    sex: str
    age: str
    state: str
    """The least settled of its tests: missing, observed, POS, NEG."""
    href: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class Test:
    """A drug of the prescription that needs a test, and how its test stands."""

    drug: str
    name: str
    spec: str
    state: str
    begun_at: str
    minutes: int
    solution_no: str
    read_at: str


@dataclass(frozen=True, kw_only=True)
class TreatmentView:
    rows: Sequence[Waiting]
    chosen: str
    rx_no: str
    version: int
    tests: Sequence[Test]
    results: Sequence[Option]
    seconds: Sequence[Option]
    least_minutes: int
    drug: str
    """The drug whose form was refused."""
    wrong: str


@bp.get("", endpoint="tests")
def show() -> Response:
    """Show who waits for a skin test."""
    return _draw()


@bp.post("/<key>/<drug>")
def test(key: str, drug: str) -> Response:
    """Begin the test of a drug, or enter its result."""
    form = request.form
    fields = {
        "drug": drug,
        "solution_no": form.get("solution_no", ""),
        "result": form.get("result", "") if "reading" in form else None,
        "version": doing.version(),
    }
    return doing.do(
        "prescription.skin_test",
        lambda: keyboard.perform(operations.skin_test, prescription=key, **fields, **seconds.given()),
        then=lambda _: url_for(".tests", prescription=key),
        again=lambda refused: _draw(key, drug, refused),
    )


def _draw(key: str = "", drug: str = "", refusal: Refused | None = None) -> Response:
    key = key or request.args.get("prescription", "")
    if refusal is None:
        keyboard.perform(view_queue)
    with keyboard.looking() as act:
        found = operations.waiting(act)
        chosen = next((each for each in found if each["id"] == key), None)
        view = TreatmentView(
            rows=[_row(act, each, key) for each in found],
            chosen="" if chosen is None else key,
            rx_no="" if chosen is None else chosen["rx_no"],
            version=0 if chosen is None else chosen["version"],
            tests=[] if chosen is None else _tests(act, chosen),
            results=keyboard.glossary().options("skin_test_result"),
            seconds=seconds.choices(act),
            least_minutes=dictionary.limit(act, "skin_test_minutes"),
            drug=drug,
            wrong="" if refusal is None else refusal.code,
        )
        visit = None if chosen is None else act.fetch("encounter", chosen["encounter"])
        strip = None if chosen is None else strips.of(act, chosen["patient"], visit)
    return frames.show(
        Page(
            template="treatment/tests.html",
            title="desk.treatment",
            tab="skin",
            view=view,
            strip=strip,
            keys=("F9=skin_test",) if any(each.state != skin.NEGATIVE for each in view.tests) else (),
            here=url_for(".tests", prescription=key) if refusal else "",
            refusal=refusal,
        )
    )


def view_queue(act: Acting) -> None:
    """Note that somebody looks who waits for a skin test."""
    act.record("queue.view", data={"desk": "treatment"})


def _row(act: Acting, record: Record, key: str) -> Waiting:
    lines = skin.needed(stock.lines(act, record["id"]))
    states = {skin.result(act, record["patient"], each["drug"]) for each in lines}
    order = (skin.POSITIVE, skin.MISSING, skin.OBSERVED, skin.NEGATIVE)
    return Waiting(
        **naming.person(act, record),
        id=record["id"],
        rx_no=record["rx_no"],
        state=next(each for each in order if each in states),
        href=url_for(".tests", prescription=record["id"]),
        chosen=record["id"] == key,
    )


def _tests(act: Acting, record: Record) -> list[Test]:
    found = []
    for line in skin.needed(stock.lines(act, record["id"])):
        latest = next(iter(skin.tests(act, record["patient"], line["drug"])), None)
        begun = None if latest is None else latest["begun_at"]
        found.append(
            Test(
                drug=line["drug"],
                name=keyboard.glossary().pick(line, "generic"),
                spec=sheets.spec(dictionary.drug(act, line["drug"])),
                state=skin.result(act, record["patient"], line["drug"]),
                begun_at=keyboard.when(begun),
                minutes=0 if begun is None else (act.now - begun) // 60,
                solution_no="" if latest is None else latest["solution_no"] or "",
                read_at="" if latest is None else keyboard.when(latest["read_at"]),
            )
        )
    return found


def count_missing(act: Acting) -> int:
    """Count the prescriptions that wait for a skin test."""
    return sum(
        not skin.are_negative(act, each["patient"], stock.lines(act, each["id"])) for each in operations.waiting(act)
    )

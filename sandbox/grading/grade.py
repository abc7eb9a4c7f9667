"""grade(exercise, journal, state, hints, accommodations) -> Report. Equal inputs give equal bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from sandbox.contract import CONTRACT_VERSION, canonical, codec
from sandbox.contract import journal as chain
from sandbox.contract.codec import CodecError
from sandbox.contract.control import HospitalState
from sandbox.contract.exercise_pack import Words
from sandbox.contract.journal import Row
from sandbox.exercises import loader, plan
from sandbox.grading import checks, explain, ledger, near, rules, scoring
from sandbox.grading.finding import Finding
from sandbox.grading.ledger import Accommodations, EvidenceError, Ledger
from sandbox.grading.report import Graded, Line, Loss, Report, exact, points, rounded
from sandbox.grading.scoring import HintOpened

STANDARD = Accommodations()


@dataclass(frozen=True, kw_only=True)
class Journal:
    """All rows of one attempt, and what binds their chain to it: the attempt's id and the cell's nonce."""

    attempt: str
    nonce: str
    rows: tuple[Row, ...]


def grade(
    exercise: bytes,
    journal: Journal,
    state: HospitalState,
    *,
    hints: Sequence[HintOpened] = (),
    accommodations: Accommodations = STANDARD,
) -> Report:
    """Return the report of an attempt.

    A broken, cut, reordered or foreign journal gives a report whose result is `error`, never a lower score.
    Raises ExerciseInvalidError if the exercise itself cannot be read.
    """
    loaded = loader.trusted(exercise)
    frame = _Frame(loaded.plan, loaded.sha256, {})
    try:
        frame = _Frame(loaded.plan, loaded.sha256, _digests(journal, state, hints, accommodations))
        _require_whole(journal)
        book = ledger.read(loaded.plan, journal.rows, state, accommodations)
    except EvidenceError as broken:
        return frame.failed(broken)
    return frame.graded(book, tuple(hints))


def _require_whole(journal: Journal) -> None:
    wrong = chain.broken_at(journal.rows, attempt=journal.attempt, nonce=journal.nonce)
    if wrong is None and (not journal.rows or journal.rows[0].action != "attempt.begin"):
        wrong = "the attempt does not begin"
    if wrong is None and journal.rows[-1].action != "attempt.end":
        wrong = "the last row is missing"
    if wrong is not None:
        raise EvidenceError(
            "操作日志校验失败：不完整、被改动或不属于本次练习", f"the journal does not verify ({wrong})"
        )


def _digests(
    journal: Journal, state: HospitalState, hints: Sequence[HintOpened], accommodations: Accommodations
) -> dict[str, str]:
    try:
        return _canonical_digests(journal, state, hints, accommodations)
    except (TypeError, CodecError) as inexact:
        raise EvidenceError(
            "日志或状态中有不合约定的值", "journal or state hold a value without a canonical form"
        ) from inexact


def _canonical_digests(
    journal: Journal, state: HospitalState, hints: Sequence[HintOpened], accommodations: Accommodations
) -> dict[str, str]:
    return {
        "journal": canonical.digest(codec.to_json(journal.rows)),
        "state": canonical.digest(codec.to_json(state)),
        "hints": canonical.digest(codec.to_json(hints)),
        "accommodations": canonical.digest(codec.to_json(accommodations)),
    }


@dataclass(frozen=True)
class _Frame:
    """What every report about this evidence says, whatever the result."""

    plan: plan.Plan
    sha256: str
    digests: dict[str, str]

    def failed(self, broken: EvidenceError) -> Report:
        return Report(
            exercise=self._exercise(),
            result="error",
            score="",
            score_to="",
            exact="",
            pass_score=self.plan.pass_score,
            lines=(),
            losses=(),
            hints=(),
            critical=(),
            pending=(),
            errors=(Words(zh=broken.zh, en=broken.en),),
            fired=(),
            digests=self.digests,
            contract=CONTRACT_VERSION,
        )

    def graded(self, book: Ledger, opened: tuple[HintOpened, ...]) -> Report:
        errors: list[Words] = []
        lines = tuple(_line(check, book, errors) for check in self.plan.checks)
        losses = tuple(loss for rule in self.plan.never if (loss := _loss(rule, book, errors)) is not None)
        costs = scoring.hint_costs(self.plan, book.rows, lines, opened)
        total = scoring.total(self.plan, lines, losses, costs, provisional=bool(errors))
        return Report(
            exercise=self._exercise(),
            result=total.result,
            score=total.score,
            score_to=total.score_to,
            exact=total.exact,
            pass_score=self.plan.pass_score,
            lines=lines,
            losses=losses,
            hints=costs,
            critical=tuple(loss.id for loss in losses if loss.critical),
            pending=(),
            errors=tuple(errors),
            fired=tuple(str(row.data.get("inject")) for row in book.rows if row.action == "inject.fired"),
            digests=self.digests,
            contract=CONTRACT_VERSION,
        )

    def _exercise(self) -> Graded:
        return Graded(id=self.plan.id, version=self.plan.version, sha256=self.sha256, title=self.plan.title)


def _line(check: plan.Check, book: Ledger, errors: list[Words]) -> Line:
    try:
        found = _judged(check, book)
    except EvidenceError as lacking:
        errors.append(Words(zh=f"{check.words.zh}：{lacking.zh}", en=f"{check.words.en}: {lacking.en}"))
        reason = (lacking.zh, lacking.en)
        found = Finding(share=Fraction(0), outcome="error", says=explain.say("check", "error", reason=reason))
    got = check.points * found.share
    full = found.outcome == "full"
    return Line(
        id=check.id,
        kind=checks.kind_of(check.part),
        title=check.words,
        points=explain.plain_number(check.points),
        got=rounded(got, 2),
        exact=exact(got),
        outcome=found.outcome,
        must=check.must,
        step=check.step,
        show=check.show,
        mistake=None if full else check.mistake,
        expected=found.expected,
        found=found.found,
        events=found.events,
        near=() if full or found.outcome == "error" else near.misses(found, book),
        advice=None if full else check.advice,
        zh=found.says.zh,
        en=found.says.en,
    )


def _judged(check: plan.Check, book: Ledger) -> Finding:
    if check.requires is not None and not book.hits[check.requires]:
        event = explain.event(book.plan, check.requires)
        return Finding(
            share=Fraction(0),
            outcome="not_reached",
            says=explain.say("requires", "not_reached", event=event),
            expected={"requires": check.requires},
            looks_at=(check.requires,),
        )
    return checks.judge(check.part, book)


def _loss(rule: plan.Never, book: Ledger, errors: list[Words]) -> Loss | None:
    try:
        found = rules.hits(rule, book)
    except EvidenceError as lacking:
        errors.append(Words(zh=f"{rule.words.zh}：{lacking.zh}", en=f"{rule.words.en}: {lacking.en}"))
        return None
    if not found.number:
        return None
    lost = min(rule.lose * found.number, rule.max)
    said = explain.say(
        "never",
        "critical" if rule.critical else "hit",
        n=found.number,
        times="once" if found.number == 1 else f"{found.number} times",
        rows=explain.rows(found.events),
        lost=points(lost),
    )
    return Loss(
        id=rule.id,
        title=rule.words,
        hits=found.number,
        lost=rounded(lost, 2),
        exact=exact(lost),
        critical=rule.critical,
        mistake=rule.mistake,
        events=found.events,
        zh=said.zh,
        en=said.en,
    )

"""grade(exercise, journal, state, hints, accommodations, adjustments) -> Report. Equal inputs give equal bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from sandbox.contract import CONTRACT_VERSION, canonical, codec
from sandbox.contract.control import HospitalState
from sandbox.contract.exercise_pack import Words
from sandbox.exercises import loader, plan
from sandbox.exercises.loader import Loaded
from sandbox.grading import adjusting, checks, evidence, explain, ledger, near, rules, scoring
from sandbox.grading.evidence import Evidence, EvidenceError, Journal
from sandbox.grading.finding import Finding
from sandbox.grading.ledger import Accommodations, Ledger
from sandbox.grading.report import Adjustment, Graded, Line, Loss, Report, exact, points, rounded
from sandbox.grading.scoring import HintOpened

STANDARD = Accommodations()


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """All that a grade depends on besides exercise and evidence.

    `seats`: those one player held, where the exercise marks seats apart; empty = all of them.
    """

    hints: tuple[HintOpened, ...] = ()
    accommodations: Accommodations = STANDARD
    adjustments: tuple[Adjustment, ...] = ()
    seats: tuple[str, ...] = ()


def grade(
    exercise: bytes,
    journal: Journal,
    state: HospitalState,
    *,
    hints: Sequence[HintOpened] = (),
    accommodations: Accommodations = STANDARD,
    adjustments: Sequence[Adjustment] = (),
    seats: Sequence[str] = (),
) -> Report:
    """Return the report of an attempt.

    A broken, cut, reordered or foreign journal gives a report whose result is `error`, never a lower score.
    Raises ExerciseInvalidError if the exercise itself cannot be read.
    """
    around = Circumstances(
        hints=tuple(hints), accommodations=accommodations, adjustments=tuple(adjustments), seats=tuple(seats)
    )
    return judge(loader.trusted(exercise), evidence.read(journal, state), around)


def judge(loaded: Loaded, found: Evidence, around: Circumstances) -> Report:
    """Return the report of evidence that was read before."""
    frame = _Frame(loaded.plan, loaded.sha256, _digests(found, around))
    if found.fault is not None:
        return frame.failed(found.fault)
    try:
        frame = _Frame(_variant(loaded, found), loaded.sha256, frame.digests)
        mine = _shares(frame.plan, around.seats)
        book = ledger.read(
            mine,
            found.rows,
            found.tables,
            untimed=around.accommodations.untimed,
            marks=adjusting.marks(around.adjustments),
            seats=around.seats,
        )
    except EvidenceError as broken:
        return frame.failed(Words(zh=broken.zh, en=broken.en))
    return frame.graded(book, around)


def _digests(found: Evidence, around: Circumstances) -> dict[str, str]:
    # Without evidence there is nothing to compare a digest with.
    if found.fault is not None:
        return {}
    given = {"hints": around.hints, "accommodations": around.accommodations}
    more = {"adjustments": around.adjustments, "seats": around.seats}
    given |= {name: value for name, value in more.items() if value}
    return {**found.digests, **{name: canonical.digest(codec.to_json(value)) for name, value in given.items()}}


def _variant(loaded: Loaded, found: Evidence) -> plan.Plan:
    drawn = found.rows[0].data.get("variant", 0)
    if type(drawn) is not int or not 0 <= drawn < len(loaded.variants):
        raise EvidenceError("第 1 行的变体不属于本练习", "row 1 names a variant that the exercise does not have")
    return loaded.variants[drawn].plan


def _shares(whole: plan.Plan, seats: tuple[str, ...]) -> plan.Plan:
    """Return the plan for one player: own and shared checks only, where seats are marked apart."""
    if whole.marks != "seat" or not seats:
        return whole
    mine = tuple(check for check in whole.checks if check.seat is None or check.seat in seats)
    return replace(whole, checks=mine)


@dataclass(frozen=True)
class _Frame:
    """What every report about this evidence says, whatever the result."""

    plan: plan.Plan
    sha256: str
    digests: Mapping[str, str]

    def failed(self, fault: Words) -> Report:
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
            errors=(fault,),
            fired=(),
            digests=dict(self.digests),
            contract=CONTRACT_VERSION,
        )

    def graded(self, book: Ledger, around: Circumstances) -> Report:
        errors: list[Words] = []
        decisions = adjusting.last(around.adjustments)
        lines = tuple(adjusting.line(_line(check, book, errors), decisions) for check in book.plan.checks)
        hit = [(loss, rule.max) for rule in book.plan.never if (loss := _loss(rule, book, errors)) is not None]
        losses = tuple(adjusting.loss(each, decisions, most=most) for each, most in hit)
        costs = scoring.hint_costs(book.plan, book.rows, lines, around.hints)
        total = scoring.total(book.plan, lines, losses, costs, provisional=bool(errors))
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
            pending=tuple(line.id for line in lines if line.outcome == "pending"),
            errors=tuple(errors),
            fired=book.fired(),
            digests=dict(self.digests),
            contract=CONTRACT_VERSION,
            scale=exact(scoring.scale(book.plan)),
            variant=book.rows[0].data.get("variant", 0),
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
        near=() if full or found.outcome in ("error", "pending") else near.misses(found, book),
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

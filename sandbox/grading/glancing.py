"""A look at an attempt under way: which state checks are full so far. No score, no sentence, no other kind of line."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.contract import journal as chain
from sandbox.contract.control import HospitalState
from sandbox.contract.exercise_pack import Words
from sandbox.contract.journal import Row
from sandbox.errors import JournalBrokenError
from sandbox.exercises import loader, plan
from sandbox.grading import checks, ledger
from sandbox.grading.evidence import EvidenceError
from sandbox.grading.ledger import Ledger


@dataclass(frozen=True, kw_only=True)
class Glance:
    """One state check. `show` is the author's word on when its line may be seen."""

    id: str
    title: Words
    show: str
    full: bool


def glance(
    exercise: bytes, rows: tuple[Row, ...], state: HospitalState, *, variant: int, attempt: str, nonce: str
) -> tuple[Glance, ...]:
    """Return the state checks of a running attempt, in the order of the exercise.

    Raises JournalBrokenError if the journal so far is not one whole chain, ExerciseInvalidError.
    """
    wrong = chain.broken_at(rows, attempt=attempt, nonce=nonce)
    if wrong is None and not rows:
        wrong = "the attempt does not begin"
    if wrong is not None:
        raise JournalBrokenError(wrong)
    compiled = loader.trusted(exercise).variants[variant].plan
    try:
        book = ledger.read(compiled, rows, state.tables)
        return tuple(_glance(one, book) for one in compiled.checks if _looks_at_state(one.part))
    except EvidenceError as lacking:
        raise JournalBrokenError(lacking.en) from lacking


def _looks_at_state(part: plan.Part) -> bool:
    if isinstance(part, plan.AnyOf | plan.AllOf):
        return all(_looks_at_state(inner) for inner in part.parts)
    return isinstance(part, plan.State)


def _glance(check: plan.Check, book: Ledger) -> Glance:
    reached = check.requires is None or bool(book.hits[check.requires])
    full = reached and checks.judge(check.part, book).outcome == "full"
    return Glance(id=check.id, title=check.words, show=check.show, full=full)

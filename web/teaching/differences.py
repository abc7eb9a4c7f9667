"""The table of differences of a regrade: flips first, with filter, pages and export."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from decimal import Decimal
from urllib.parse import urlencode

from flask import url_for

from sandbox.attempts.model import AttemptId
from sandbox.attempts.second_look import (
    ItemOutcome,
    Regrade,
    RegradeChange,
    RegradeId,
    RegradeItem,
    RegradeState,
)
from sandbox.exercises import loader
from sandbox.overview import Stores
from sandbox.people.model import Person, PersonId
from sandbox.provisioning.ports import Files
from web import presenting, reporting, wording
from web.teaching import told
from web.teaching.regrade_views import Filter, PreviewView, Query, Row
from web.wording import _

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for a formula at the beginning of a cell."""
PER_PAGE = 100


def query(given: Mapping[str, str]) -> Query:
    """Return the filter that the address asks for."""
    page = given.get("page", "1")
    known = ("changed", "flips", "higher", "lower", "failed", "all")
    show = given.get("show", "changed")
    return Query(
        show=show if show in known else "changed",
        page=max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 5 else 1,
    )


def progress(stores: Stores, key: RegradeId) -> tuple[str, int, int]:
    """Return state, how many attempts are computed or settled, and how many there are."""
    state = stores.regrades.get(key).state
    counts = stores.regrades.counts(key)
    open_ones = ItemOutcome.COMPUTED if state is RegradeState.APPLYING else ItemOutcome.WAITING
    every = sum(counts.values())
    return state.value, every - counts.get(open_ones, 0), every


def preview(stores: Stores, files: Files, key: RegradeId, wanted: Query) -> PreviewView:
    """Return the page of one regrade."""
    one = stores.regrades.get(key)
    items = sorted(stores.regrades.items(key), key=_order)
    changes, people, titles = _changes(stores, key), _people(stores), _titles(stores, files, key)
    shown = [item for item in items if _is_shown(item, changes, wanted.show)]
    words, shade = told.state(one.state)
    state, done, every = progress(stores, key)
    decision = stores.regrades.decision(key)
    computed = [item for item in items if item.outcome is ItemOutcome.COMPUTED and changes.get(item.attempt)]
    return PreviewView(
        key=key,
        what=told.what(stores, one),
        target=told.target(one),
        reason=one.reason,
        who=told.name(stores, one.requested_by),
        at=one.requested_at,
        state=state,
        state_words=words,
        tone=shade,
        computing=one.state not in (RegradeState.READY, RegradeState.APPLIED, RegradeState.DISCARDED),
        ready=one.state is RegradeState.READY and decision is None,
        may_discard=one.state in (RegradeState.REQUESTED, RegradeState.COMPUTING) and decision is None,
        done=done,
        all=every,
        sentence=_sentence(items, changes),
        decision=_decision(stores, one, items),
        filters=_filters(key, items, changes),
        query=wanted,
        rows=tuple(_row(people[item.attempt], item, changes, titles) for item in _page(shown, wanted)),
        pages=_pages(key, len(shown), wanted),
        applicable=len(computed),
        higher=sum(_difference(item) > 0 and not _loses(item) for item in computed),
        export=_address("teaching.regrade_table", key, wanted.show, 1),
    )


def table(stores: Stores, files: Files, key: RegradeId, wanted: Query) -> bytes:
    """Return what the filter shows as CSV with a byte order mark; no cell begins a formula."""
    changes, people, titles = _changes(stores, key), _people(stores), _titles(stores, files, key)
    items = sorted(stores.regrades.items(key), key=_order)
    rows = [
        _row(people[item.attempt], item, changes, titles) for item in items if _is_shown(item, changes, wanted.show)
    ]
    written = io.StringIO()
    out = csv.writer(written, lineterminator="\r\n")
    out.writerow(
        [_("Person"), _("Department"), _("Attempt"), _("Old"), _("New"), _("Difference"), _("Lines"), _("State")]
    )
    for row in rows:
        listed = "; ".join(f"{subject} {old or '–'}→{new or '–'}" for subject, old, new in row.changes)
        cells = (row.person, row.department, row.attempt, f"{row.old} {row.old_words}", f"{row.new} {row.new_words}")
        out.writerow([_harmless(cell.strip()) for cell in (*cells, row.difference, listed, row.outcome_words)])
    return written.getvalue().encode("utf-8-sig")


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _order(item: RegradeItem) -> tuple[object, ...]:
    """Flips first, then what failed, then the largest losses."""
    return (not item.flips, item.outcome is not ItemOutcome.FAILED, _difference(item), item.attempt)


def _difference(item: RegradeItem) -> Decimal:
    if not item.new_verdict:
        return Decimal(0)
    return Decimal(item.new_score or 0) - Decimal(item.old_score or 0)


def _loses(item: RegradeItem) -> bool:
    return item.old_verdict == "pass" and item.new_verdict != "pass"


def _changes(stores: Stores, key: RegradeId) -> dict[AttemptId, list[RegradeChange]]:
    found: dict[AttemptId, list[RegradeChange]] = {}
    for one in stores.regrades.changes(key):
        found.setdefault(one.attempt, []).append(one)
    return found


def _is_shown(item: RegradeItem, changes: Mapping[AttemptId, list[RegradeChange]], show: str) -> bool:
    failed = item.outcome is ItemOutcome.FAILED
    return {
        "flips": item.flips,
        "higher": _difference(item) > 0,
        "lower": _difference(item) < 0,
        "failed": failed,
        "changed": failed or item.flips or bool(changes.get(item.attempt)),
        "all": True,
    }[show]


def _page(items: list[RegradeItem], wanted: Query) -> list[RegradeItem]:
    return items[(wanted.page - 1) * PER_PAGE : wanted.page * PER_PAGE]


def _pages(key: RegradeId, count: int, wanted: Query) -> tuple[tuple[str, str], ...]:
    """Return number and address of each page; nothing if one page holds all."""
    last = -(-count // PER_PAGE)
    if last < 2:
        return ()
    return tuple((str(n), _address("teaching.regrade", key, wanted.show, n)) for n in range(1, last + 1))


def _address(endpoint: str, key: RegradeId, show: str, page: int) -> str:
    asked = {"show": show} | ({"page": str(page)} if page > 1 else {})
    return f"{url_for(endpoint, key=key)}?{urlencode(asked)}"


def _filters(
    key: RegradeId, items: list[RegradeItem], changes: Mapping[AttemptId, list[RegradeChange]]
) -> tuple[Filter, ...]:
    named = (
        ("changed", _("Changed")),
        ("flips", _("Pass ↔ fail")),
        ("higher", _("Higher")),
        ("lower", _("Lower")),
        ("failed", _("Failed")),
        ("all", _("Every attempt")),
    )
    return tuple(
        Filter(
            key=name,
            words=words,
            count=sum(_is_shown(item, changes, name) for item in items),
            href=_address("teaching.regrade", key, name, 1),
        )
        for name, words in named
    )


def _people(stores: Stores) -> dict[AttemptId, Person]:
    """Return whose each attempt is: two statements, however many rows are shown."""
    people = {one.id: one for one in stores.people.all()}
    return {one.id: people[PersonId(one.person)] for one in stores.attempts.all()}


def _titles(stores: Stores, files: Files, key: RegradeId) -> dict[str, str]:
    """Return what lines and losses are called in the versions that grade."""
    zh = wording.language() == "zh"
    found: dict[str, str] = {}
    for version in {item.exercise_version for item in stores.regrades.items(key)}:
        plan = loader.trusted(files.get(stores.exercises.get(version).sha256)).plan
        found |= {one.id: one.words.zh if zh else one.words.en for one in plan.checks}
        found |= {one.id: one.words.zh if zh else one.words.en for one in plan.never}
    return found


def _row(
    person: Person, item: RegradeItem, changes: Mapping[AttemptId, list[RegradeChange]], titles: Mapping[str, str]
) -> Row:
    difference = _difference(item)
    return Row(
        attempt=item.attempt,
        person=person.name,
        department=person.department,
        old=item.old_score,
        old_tone=reporting.tone(item.old_verdict),
        old_words=reporting.verdict_words(item.old_verdict),
        new=item.new_score if not item.new_score_to else f"{item.new_score}–{item.new_score_to}",
        new_tone=reporting.tone(item.new_verdict),
        new_words=reporting.verdict_words(item.new_verdict),
        difference=f"{difference:+f}" if difference else "",
        flips=item.flips,
        changes=tuple(
            (titles.get(one.subject, one.subject), _trimmed(one.old), _trimmed(one.new))
            for one in changes.get(item.attempt, [])
        ),
        outcome=item.outcome.value,
        outcome_words=presenting.trouble(item.trouble) if item.trouble else told.outcome(item.outcome),
    )


def _trimmed(points: str) -> str:
    return points.rstrip("0").rstrip(".") if "." in points else points


def _sentence(items: list[RegradeItem], changes: Mapping[AttemptId, list[RegradeChange]]) -> str:
    return _(
        "%(all)s results computed: %(changed)s would change, %(flips)s flip between pass and fail, %(failed)s failed.",
        all=len(items),
        changed=sum(bool(changes.get(item.attempt)) for item in items),
        flips=sum(item.flips for item in items),
        failed=sum(item.outcome is ItemOutcome.FAILED for item in items),
    )


def _decision(stores: Stores, one: Regrade, items: list[RegradeItem]) -> str:
    decision = stores.regrades.decision(one.id)
    if decision is None:
        return ""
    chosen = {
        "all": _("All accepted"),
        "higher": _("Accepted where higher"),
        "discard": _("Discarded"),
    }[decision.choice]
    counted = {outcome: sum(item.outcome is outcome for item in items) for outcome in ItemOutcome}
    settled = _(
        "%(applied)s new results, %(kept)s kept the old one, %(overtaken)s had changed meanwhile.",
        applied=counted[ItemOutcome.APPLIED],
        kept=counted[ItemOutcome.KEPT] + counted[ItemOutcome.SAME],
        overtaken=counted[ItemOutcome.OVERTAKEN],
    )
    said = f"{chosen} · {told.name(stores, decision.actor)} · {presenting.clock(decision.at)}"
    if decision.reason:
        said = f"{said} · {decision.reason}"
    return f"{said} · {settled}" if one.state is RegradeState.APPLIED else said

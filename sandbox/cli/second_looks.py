"""his-sandbox attempt verify | adjust | void | regrade …: what is done to evidence and grades afterwards."""

from __future__ import annotations

from typing import get_args

import click

from sandbox.attempts import adjusting, evidence, regrading
from sandbox.attempts.model import AttemptId
from sandbox.attempts.second_look import AdjustmentKind, Choice, ItemOutcome, RegradeId, Scope
from sandbox.cli.people import acting_as
from sandbox.cli.showing import telling_errors, terminal
from sandbox.errors import ArchiveCorruptError
from sandbox.overview import Stores
from sandbox.people.model import CLI, PersonId


@click.command("verify")
@click.argument("keys", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every attempt that has evidence.")
@telling_errors
def verify(keys: tuple[str, ...], everything: bool) -> None:
    """Check digests and chain of stored evidence. Ends with 70 if something is wrong, and says what to do."""
    services, zh = terminal().services(), terminal().language == "zh"
    if bool(keys) == everything:
        raise click.UsageError("name attempts, or give --all")
    with services.database.reading() as stores:
        wanted = [AttemptId(key) for key in keys] or [
            one.id for one in stores.attempts.all() if stores.evidence.of(one.id) is not None
        ]
        checked = [evidence.check(stores, services.files, key) for key in wanted]
    broken = [each for each in checked if each.wrong]
    terminal().table(
        (
            {
                "attempt": each.attempt,
                "rows": each.rows,
                "holds": not each.wrong,
                "wrong": "; ".join(one.zh if zh else one.en for one in each.wrong),
            }
            for each in checked
        ),
        empty=("还没有存档的证据。", "There is no evidence yet."),
    )
    if broken:
        terminal().say(
            "请从备份恢复 files 目录中的文件，再运行 his-sandbox attempt regrade request；"
            "无法恢复时请培训师作废该次练习。",
            "Restore the files below `files` from a backup, then run `his-sandbox attempt regrade request`; "
            "if there is none, a trainer voids the attempt.",
        )
        raise ArchiveCorruptError(detail=f"{len(broken)} / {len(checked)}")


@click.command("adjust")
@click.argument("key")
@click.argument("subject")
@click.argument("kind", type=click.Choice(get_args(AdjustmentKind)))
@click.option("--points", default="", help="For mark, set and add.")
@click.option("--reason", default="", help="Kept beside the grade; only a mark needs none.")
@telling_errors
def adjust(key: str, subject: str, kind: AdjustmentKind, points: str, reason: str) -> None:
    """Mark a rubric line, override a line or loss, waive it, or withdraw that again."""
    services = terminal().services()
    with services.database.transaction() as stores:
        row = adjusting.adjust(
            stores,
            services.files,
            CLI,
            AttemptId(key),
            subject=subject,
            kind=kind,
            points=points,
            reason=reason,
            now=services.clock.now(),
        )
    services.poke()
    terminal().show({"attempt": key, "number": row.number, "subject": subject, "kind": kind, "points": row.points})


@click.command("void")
@click.argument("key")
@click.option("--reason", required=True, help="Kept beside the attempt.")
@telling_errors
def void(key: str, reason: str) -> None:
    """Say that an attempt does not count; its results stay readable."""
    services = terminal().services()
    with services.database.transaction() as stores:
        fresh = adjusting.void(stores, CLI, AttemptId(key), reason=reason, now=services.clock.now())
    terminal().show({"attempt": key, "voided_now": fresh})


@click.group("regrade")
def regrade() -> None:
    """Compute results anew, look at the differences, accept or discard them."""


@regrade.command("request")
@click.option("--exercise", default=None, help="Attempts at this exercise.")
@click.option("--assignment", default=None, help="Attempts of the class this assignment was made for.")
@click.option("--person", "login", default=None, help="Attempts of this person, by log-in name.")
@click.option("--attempt", default=None, help="This attempt only.")
@click.option("--max-version", type=int, default=None, help="Attempts at versions up to this one.")
@click.option("--to", "target", default="", help="Grade by this released version; default: the same, present grader.")
@click.option("--reason", required=True, help="Kept with every result that follows from it.")
@telling_errors
def request(
    exercise: str | None,
    assignment: str | None,
    login: str | None,
    attempt: str | None,
    max_version: int | None,
    target: str,
    reason: str,
) -> None:
    """Have a preview computed. Nothing that counts changes."""
    services = terminal().services()
    scope = Scope(
        exercise=exercise,
        assignment=assignment,
        person=acting_as(services, login).id if login is not None else None,
        attempt=AttemptId(attempt) if attempt is not None else None,
        max_version=max_version,
    )
    with services.database.transaction() as stores:
        now = services.clock.now()
        asked = regrading.request(stores, services.files, CLI, scope=scope, target=target, reason=reason, now=now)
    services.poke()
    terminal().show({"regrade": asked.id, "state": asked.state.value})


@regrade.command("list")
@telling_errors
def listed() -> None:
    """List all regrades, newest first."""
    with terminal().services().database.reading() as stores:
        rows = [
            {
                "regrade": each.id,
                "state": each.state.value,
                "target": each.target,
                "attempts": sum(stores.regrades.counts(each.id).values()),
                "by": _login(stores, each.requested_by),
                "requested": each.requested_at,
                "reason": each.reason,
            }
            for each in stores.regrades.all()
        ]
    terminal().table(rows, empty=("还没有重新评分。", "Nothing has been regraded."))


@regrade.command("show")
@click.argument("key")
@click.option("--all", "everything", is_flag=True, help="Also attempts that would not change.")
@telling_errors
def show(key: str, everything: bool) -> None:
    """Show the differences: passes that flip first."""
    with terminal().services().database.reading() as stores:
        found = stores.regrades.get(RegradeId(key))
        changes: dict[str, list[str]] = {}
        for one in stores.regrades.changes(found.id):
            changes.setdefault(one.attempt, []).append(f"{one.subject}:{one.old or '–'}→{one.new or '–'}")
        items = sorted(stores.regrades.items(found.id), key=lambda item: (not item.flips, item.attempt))
        rows = [
            {
                "attempt": each.attempt,
                "person": _login(stores, stores.attempts.get(each.attempt).person),
                "old": f"{each.old_score} {each.old_verdict}".strip(),
                "new": f"{each.new_score} {each.new_verdict}".strip(),
                "flip": each.flips,
                "changes": " ".join(changes.get(each.attempt, [])),
                "outcome": each.outcome.value,
                "trouble": each.trouble,
            }
            for each in items
            if everything or each.attempt in changes or each.outcome is ItemOutcome.FAILED or each.flips
        ]
        waiting = stores.regrades.counts(found.id).get(ItemOutcome.WAITING, 0)
    terminal().say(f"状态：{found.state}，尚有 {waiting} 次待计算", f"State: {found.state}, {waiting} still to compute")
    terminal().table(rows, empty=("没有差异。", "No differences."))


@regrade.command("accept")
@click.argument("key")
@click.option("--only-higher", is_flag=True, help="Leave every attempt as it is that would lose.")
@click.option("--reason", default="", help="Kept with the decision.")
@click.confirmation_option(prompt="New results are appended for these attempts and count from then on. Go on?")
@telling_errors
def accept(key: str, only_higher: bool, reason: str) -> None:
    """Accept a preview: results are appended."""
    _decide(key, "higher" if only_higher else "all", reason)


@regrade.command("discard")
@click.argument("key")
@click.option("--reason", default="", help="Kept with the decision.")
@telling_errors
def discard(key: str, reason: str) -> None:
    """Discard a preview, or stop computing it: every result stays."""
    _decide(key, "discard", reason)


def _decide(key: str, choice: Choice, reason: str) -> None:
    services = terminal().services()
    with services.database.transaction() as stores:
        regrading.decide(stores, CLI, RegradeId(key), choice, reason=reason, now=services.clock.now())
    services.poke()
    terminal().show({"regrade": key, "decision": choice})


def _login(stores: Stores, person: str) -> str:
    return person if person == CLI.id else stores.people.get(PersonId(person)).login


COMMANDS = (verify, adjust, void, regrade)
"""Of the group `attempt`."""

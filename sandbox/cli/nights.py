"""his-sandbox nightly …: what the nights were, when they are, one by hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import click

from sandbox.bootstrap import Services
from sandbox.cli.showing import telling_errors, terminal
from sandbox.errors import NotFoundError
from sandbox.people.model import CLI, PersonId
from sandbox.provisioning.model import InstanceId
from sandbox.scheduling import calendar, reporting, words
from sandbox.scheduling import operations as scheduling
from sandbox.scheduling import report as reports
from sandbox.scheduling.jobs import NIGHTLY_RESET
from sandbox.scheduling.model import Fate
from sandbox.scheduling.ports import Stores

SHOWN = timedelta(days=31)


@click.group()
def nightly() -> None:
    """The nightly reset: what happened, when it runs, run it now."""


@nightly.command("show")
@telling_errors
def show() -> None:
    """List the nights of a month, newest first."""
    services = terminal().services()
    now = services.clock.now()
    with services.database.reading() as stores:
        site = calendar.Site(zone=services.zone, default_at=services.settings.schedule.nightly_at)
        today = now.astimezone(services.zone).date()
        nights = calendar.nights(stores, site, first=today - SHOWN, last=today, now=now)
    rows = [
        {
            "date": each.local_date.isoformat(),
            "night": each.verdict,
            "reset": each.count(Fate.RESET),
            "closed": each.count(Fate.CLOSED) + each.count(Fate.RETIRED),
            "deferred": each.count(Fate.DEFERRED),
            "skipped": each.count(Fate.SKIPPED),
            "failed": each.count(Fate.FAILED),
            "begun": each.night.begun_at,
            "seconds": each.total_s,
        }
        for each in reversed(nights)
    ]
    terminal().table(rows, empty=("还没有夜间重置记录。", "No night has been recorded yet."))


@nightly.command("report")
@click.argument("night", required=False, metavar="[DATE]", type=click.DateTime(["%Y-%m-%d"]))
@telling_errors
def report(night: datetime | None) -> None:
    """Tell the morning report of a night (default: the newest)."""
    services = terminal().services()
    spoken = terminal()
    with services.database.reading() as stores:
        told = _report(stores, services, night.date() if night is not None else None)
    if spoken.as_json:
        lines = [
            {
                "instance": line.subject,
                "who": line.who,
                "fate": line.fate.value,
                "reason": line.reason,
                "until": line.until,
                "code": line.trouble,
            }
            for line in told.lines
        ]
        spoken.show({**reporting.figures(told), "lines": lines})
    for line in [] if spoken.as_json else words.text(told, spoken.language, services.zone):
        click.echo(line)


def _report(stores: Stores, services: Services, night: date | None) -> reports.Report:
    site = calendar.Site(zone=services.zone, default_at=services.settings.schedule.nightly_at)
    found = calendar.night(stores, site, night, now=services.clock.now())
    if found is None:
        raise NotFoundError(f"no night {night or ''}")
    entries = stores.ledger.of_night(NIGHTLY_RESET.name, found.local_date)
    return reports.report(found, entries, who=lambda key: _login(stores, key))


def _login(stores: Stores, key: str) -> str:
    person = stores.people.get(PersonId(stores.instances.get(InstanceId(key)).owner))
    return f"{person.login} {person.name}"


@nightly.command("set")
@click.argument("local_time")
@telling_errors
def set_time(local_time: str) -> None:
    """Set the local time of the nightly reset, HH:MM."""
    services = terminal().services()
    with services.database.transaction() as stores:
        scheduling.set_nightly_time(stores, CLI, local_time, now=services.clock.now())
    services.poke()
    terminal().say(f"夜间重置时间：{local_time}。", f"The nightly reset runs at {local_time}.")


@nightly.command("run")
@click.option("--dry-run", is_flag=True, help="Only list what would be reset, closed and left alone, and why.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@telling_errors
def run_now(*, dry_run: bool, yes: bool) -> None:
    """Give every open practice hospital a fresh cell now; the night's own run comes all the same."""
    services, spoken = terminal().services(), terminal()
    now = services.clock.now()
    with services.database.reading() as stores:
        foreseen = scheduling.foresee(stores, now=now)
        rows = [
            {
                "instance": each.instance.id,
                "who": _login(stores, each.instance.id),
                "deed": each.deed,
                "because": words.reason(each.doing.reason, each.doing.until, spoken.language, services.zone)
                if each.doing.reason
                else "",
            }
            for each in foreseen
        ]
    if dry_run:
        spoken.table(rows, empty=("现在没有打开的练习环境。", "No practice hospital is open now."))
        return
    count = sum(each.deed != "leave" for each in foreseen)
    question = {
        "zh": f"{count} 个打开的练习环境将存档后重置或关闭。继续吗？",
        "en": f"{count} open practice hospitals are archived and reset or closed. Go on?",
    }
    if not yes:
        click.confirm(question[spoken.language], abort=True)
    with services.database.transaction() as stores:
        begun = scheduling.run_nightly_now(stores, CLI, now=services.clock.now())
    services.poke()
    spoken.show({"resets_begun": begun})


COMMANDS = (nightly,)

"""IT's pages of the nightly reset: calendar, morning report, dry run, time of day."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest

from sandbox.adapters.db.bundle import DbStores
from sandbox.attempts.model import AttemptId
from sandbox.exercises.model import Mode
from sandbox.people.model import Person
from sandbox.provisioning.model import CellId, Desired, InstanceId, Observed
from sandbox.scheduling.model import Entry, Fate, Night, Reason
from tests.builders import NOON
from tests.personas import ALICE, BOB, CHARLIE, DANA
from tests.web import site as sites
from tests.web.site import PanelSite

JOB = "nightly-reset"
"""In these tests it is 20:00 in Shanghai on 4 March 2030."""
VERIFIED = {
    "epoch": 1,
    "cell": CellId("c" * 12),
    "copy_sha256": "a" * 64,
    "digest": "b" * 64,
    "archive_sha256": "c" * 64,
    "took_ms": 850,
    "begun_at": NOON,
    "finished_at": NOON,
}


def two_o_clock(day: date) -> Any:
    """Return 02:00 in Shanghai on this date."""
    return NOON - timedelta(hours=18) + (day - NOON.date())


def record(stores: DbStores, day: date, rows: dict[InstanceId, dict[str, Any]], **said: Any) -> None:
    """Write down a night as the worker would; one that is not ended is under way."""
    begun = two_o_clock(day)
    values = {"begun_at": begun, "ended_at": begun + timedelta(seconds=34), "took_ms": 34_000}
    stores.ledger.ring(JOB, now=NOON)
    stores.ledger.begin_night(Night(job=JOB, local_date=day, due_at=begun, **values | said))
    for key, facts in rows.items():
        stores.ledger.enrol(Entry(job=JOB, local_date=day, subject=key, enrolled_at=begun, **facts))


RESET = {"fate": Fate.RESET, **VERIFIED}


def opened(site: PanelSite, person: Person, **said: Any) -> InstanceId:
    return sites.open_instance(site, person, **said)[0]


def test_the_time_is_set_and_shown(site: PanelSite) -> None:
    dana = site.logged_in(DANA)
    assert 'value="02:00"' in dana.get("/fleet/nightly").text
    dana.post("/fleet/nightly/time", {"at": "03:30"})
    page = dana.get("/fleet/nightly").text
    assert 'value="03:30"' in page
    assert "Next: tomorrow 03:30." in page
    dana.post("/fleet/nightly/time", {"at": "25:00"})
    assert 'value="03:30"' in dana.get("/fleet/nightly").text


def test_a_month_shows_what_kind_of_night_each_was(site: PanelSite) -> None:
    hers, his = opened(site, ALICE), opened(site, CHARLIE, exercise=False)
    nights: dict[int, dict[str, Any]] = {
        1: {"fate": Fate.RESET, **VERIFIED},
        2: {"fate": Fate.DEFERRED, "reason": Reason.EXAM, "until": NOON},
        3: {"fate": Fate.FAILED, "trouble": "SBX-413", **VERIFIED},
    }
    with site.database.transaction() as stores:
        for day, facts in nights.items():
            record(stores, date(2030, 3, day), {hers: facts, his: RESET})
        record(stores, date(2030, 2, 27), {})
        record(stores, date(2030, 2, 28), {}, begun_at=None, ended_at=None, took_ms=None, silent_since=NOON)
        record(stores, date(2030, 3, 4), {his: {"fate": Fate.WAITING}}, ended_at=None, took_ms=None)
    page = site.logged_in(DANA).get("/fleet/nightly").text
    shown = {day: tone for tone, day in re.findall(r'night--(\w+)[^"]*" href="/fleet/nightly/(2030-[0-9-]+)"', page)}
    assert shown == {
        "2030-02-27": "quiet",
        "2030-02-28": "bad",
        "2030-03-01": "good",
        "2030-03-02": "warn",
        "2030-03-03": "bad",
        "2030-03-04": "accent",
    }
    assert "Under way: 0 of 1 done." in page
    assert "34 s" in page


def test_months_are_paged_and_end_with_the_present_one(site: PanelSite) -> None:
    dana = site.logged_in(DANA)
    newest = dana.get("/fleet/nightly").text
    assert all(name in newest for name in ("January 2030", "February 2030", "March 2030"))
    assert "month=2029-12" in newest
    assert 'title="Later"' not in newest
    earlier = dana.get("/fleet/nightly?month=2029-12").text
    assert all(name in earlier for name in ("October 2029", "November 2029", "December 2029"))
    assert "month=2030-03" in earlier
    for odd in ("2031-01", "nonsense", "2030-13", "0001-01", "0000-00"):
        assert "March 2030" in dana.get(f"/fleet/nightly?month={odd}").text


def test_a_clean_night_says_so_in_one_green_sentence(site: PanelSite) -> None:
    his = opened(site, CHARLIE, exercise=False)
    with site.database.transaction() as stores:
        record(stores, date(2030, 3, 4), {his: RESET})
    dana = site.logged_in(DANA)
    page = dana.get("/fleet/nightly/2030-03-04").text
    assert 'data-verdict="good"' in page
    assert "A clean night: the one practice hospital done (reset 1), archives and data verified." in page
    assert "1 / 1" in page
    assert "To read" not in page
    assert "his-sandbox trace night-300304" in page
    dana.post("/language", {"language": "zh", "next": "/"})
    assert "一夜顺利：1 个练习环境全部处理完毕（已重置 1）" in dana.get("/fleet/nightly/2030-03-04").text


def test_a_report_tells_who_waits_why_and_until_when_and_what_to_do(site: PanelSite) -> None:
    hers, his = opened(site, ALICE), opened(site, CHARLIE, exercise=False)
    waits = {"fate": Fate.DEFERRED, "reason": Reason.EXAM, "until": NOON + timedelta(minutes=40)}
    failed = {"fate": Fate.FAILED, "trouble": "SBX-413", "finished_at": NOON}
    with site.database.transaction() as stores:
        record(stores, date(2030, 3, 3), {})
        record(stores, date(2030, 3, 4), {hers: waits, his: failed})
    page = site.logged_in(DANA).get("/fleet/nightly/2030-03-04").text
    assert 'data-verdict="bad"' in page
    lines = re.findall(r'<tr data-line="(\w+)"><td class="nowrap">(.+?)</td>.+?</td><td>(.+?)</td>', page)
    assert [(key, who) for key, who, _told in lines] == [(his, "查理"), (hers, "爱丽丝")]
    assert "his-sandbox dataset build base" in lines[0][2]
    assert lines[1][2] == "an exam is under way, until 03-04 20:40."
    assert 'href="/fleet/nightly/2030-03-03"' in page


def test_a_night_that_no_worker_has_begun_shows_as_missed_with_since_when(site: PanelSite) -> None:
    with site.database.transaction() as stores:
        stores.ledger.ring(JOB, now=NOON - timedelta(hours=21))
    dana = site.logged_in(DANA)
    sentence = "It did not run. The worker was not at work since 03-03 23:00."
    assert sentence in dana.get("/fleet/nightly").text
    assert sentence in dana.get("/fleet/nightly/2030-03-04").text
    assert "2030-03-04: missed; the worker was not at work." in dana.get("/fleet").text


@pytest.mark.parametrize("night", ["2030-03-01", "yesterday", "2030-02-30"])
def test_a_night_that_was_none_is_not_found(site: PanelSite, night: str) -> None:
    assert site.logged_in(DANA).get(f"/fleet/nightly/{night}").status_code == 404


def test_the_dry_run_names_everybody_and_changes_nothing(site: PanelSite) -> None:
    exam, free = opened(site, ALICE, mode=Mode.EXAM), opened(site, CHARLIE, exercise=False)
    practice = opened(site, BOB, mode=Mode.PRACTICE)
    page = site.logged_in(DANA).get("/fleet/nightly/plan").text
    told = dict(re.findall(r'data-foreseen="(\w+)">.+?<span class="pill[^>]*>(.+?)</span>', page))
    assert told == {exam: "leave alone", free: "reset", practice: "close"}
    assert "an exam is under way, until" in page
    assert "Run the nightly reset for 2 practice hospitals now?" in page
    assert "1 is reset, 1 is closed, 1 is left alone." in page
    assert "Reset or close 2 now" in page
    with site.database.reading() as stores:
        assert stores.moves.open() == []


def test_running_now_leaves_exams_alone(site: PanelSite) -> None:
    exam, free = opened(site, ALICE, mode=Mode.EXAM), opened(site, CHARLIE, exercise=False)
    practice = opened(site, BOB, mode=Mode.PRACTICE)
    dana = site.logged_in(DANA)
    dana.post("/fleet/nightly/run")
    assert "2 practice hospitals are being reset or closed." in dana.get("/fleet/nightly").text
    with site.database.reading() as stores:
        assert [(move.instance, move.kind) for move in stores.moves.open()] == [(free, "nightly")]
        assert stores.instances.get(practice).desired is Desired.CLOSED
        assert stores.instances.get(exam).desired is Desired.OPEN
        assert stores.attempts.get(AttemptId(str(stores.instances.get(exam).attempt))).state == "open"


def test_a_run_by_hand_is_followed_to_its_end(site: PanelSite) -> None:
    free, practice = opened(site, CHARLIE, exercise=False), opened(site, BOB, mode=Mode.PRACTICE)
    dana = site.logged_in(DANA)
    assert "Reset by hand" not in dana.get("/fleet/nightly").text
    assert dana.get("/fleet/nightly/by-hand.json").status_code == 404
    dana.post("/fleet/nightly/run")
    page = dana.get("/fleet/nightly").text
    assert "0 of 2 done" in page
    assert 'data-computing="/fleet/nightly/by-hand.json"' in page
    with site.database.transaction() as stores:
        stores.instances.move(practice, Observed.OPEN, Observed.CLOSED)
    assert dana.get("/fleet/nightly/by-hand.json").json == {"state": "running", "done": 1, "all": 2}
    with site.database.transaction() as stores:
        stores.moves.close(free, 1, now=site.clock.now())
    assert dana.get("/fleet/nightly/by-hand.json").json == {"state": "done", "done": 2, "all": 2}
    page = dana.get("/fleet/nightly").text
    assert "2 of 2 done" in page
    assert "data-computing" not in page
    assert DANA.name in page.split("Reset by hand")[1]


def test_with_nothing_open_there_is_nothing_to_run(site: PanelSite) -> None:
    page = site.logged_in(DANA).get("/fleet/nightly/plan").text
    assert "There is nothing to reset." in page
    assert "button--danger" not in page


@pytest.mark.parametrize("path", ["/fleet/nightly", "/fleet/nightly/2030-03-04", "/fleet/nightly/plan"])
def test_only_it_reads_about_nights(site: PanelSite, path: str) -> None:
    assert site.logged_in(BOB).get(path).status_code == 403

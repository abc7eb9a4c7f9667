"""Every concern in every colour it can have; what is not well says what to do, in both languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.cli import main
from sandbox.health import machine, site
from sandbox.health.model import Build, Checkup, Finding, Room
from sandbox.health.seen import Seen
from sandbox.overview import LeaseSeen, Vitals
from sandbox.provisioning.capacity import Pressure
from sandbox.provisioning.model import CellState, Observed
from sandbox.scheduling.calendar import Day
from sandbox.scheduling.model import Fate, Night
from tests.builders import NOON, ZONE, make_golden, make_image, make_vitals

GIB = 1 << 30
ROOM = Room(
    memory_total=24 * GIB,
    memory_available=20 * GIB,
    disk_total=200 * GIB,
    disk_free=80 * GIB,
    inodes_total=9_000_000,
    inodes_free=8_000_000,
    clock_synchronised=True,
)
BUILD = Build(
    kernel="6.1.0-18-amd64",
    cgroups=frozenset({"memory", "cpu", "pids", "io"}),
    cgroup_version=2,
    security_modules=frozenset({"AppArmor"}),
    user_namespaces=90_000,
    nosymfollow=True,
    runc="1.3.3",
    nginx="1.22.1",
    engine={"swap_limit": True},
)


def vitals(**said: object) -> Vitals:
    known: dict[str, object] = {
        "instances": {},
        "cells": {CellState.READY: 2},
        "lease": LeaseSeen(owner="w", fence=3, expires_at=NOON + timedelta(seconds=25), checked_at=NOON),
        "troubles": {},
        "oldest_queued_at": None,
        "attempts": {},
        "oldest_submitted_at": None,
        "ungradable": 0,
    }
    return Vitals(**{**known, **said})  # type: ignore[arg-type]


def night(counts: Mapping[Fate, int] | None = None, **said: object) -> Day:
    known: dict[str, object] = {"job": "nightly-reset", "local_date": NOON.date(), "due_at": NOON, "begun_at": NOON}
    return Day(night=Night(**{**known, **said}), counts=counts or {Fate.RESET: 3}, whole=True)  # type: ignore[arg-type]


def seen(**said: object) -> Seen:
    """Return a site in good health but for what is said."""
    known: dict[str, object] = {
        "isolated": True,
        "lease_s": 30.0,
        "pool_wanted": 2,
        "zone": ZONE,
        "vitals": vitals(),
        "supply": make_vitals(),
        "image": make_image(),
        "dataset": make_golden(),
        "checkups": looked(),
        "last_night": night(),
    }
    return Seen(**{**known, **said})  # type: ignore[arg-type]


def looked(age: timedelta = timedelta(minutes=5), **facts: dict[str, object]) -> dict[str, Checkup]:
    known: dict[str, dict[str, object]] = {
        "audit": {"broken": "", "entries": 7},
        "archives": {"broken": "", "checked": 5},
        "database": {"damage": "", "bytes": 1 << 20},
        "clock": {"step_s": 0.0, "stepped_at": NOON.isoformat()},
        "engine": {"trouble": "", "version": "20.10", "live_restore": True},
    }
    every = {**known, **facts}
    return {key: Checkup(concern=key, at=NOON - age, facts=one) for key, one in every.items()}  # type: ignore[arg-type]


def tones(found: list[Finding]) -> dict[str, str]:
    return {one.key: one.tone for one in found}


def test_a_healthy_site_is_green_all_over() -> None:
    assert set(tones(site.judge(seen(), now=NOON)).values()) == {"good"}


CASES = {
    "no isolation": ("isolation", "bad", seen(isolated=False)),
    "drift": ("isolation", "bad", seen(vitals=vitals(troubles={"SBX-403": 1}))),
    "never a worker": ("worker", "bad", seen(vitals=vitals(lease=None))),
    "silent worker": (
        "worker",
        "bad",
        seen(vitals=vitals(lease=LeaseSeen(owner="w", fence=1, expires_at=NOON - timedelta(1), checked_at=NOON))),
    ),
    "engine away by rows": ("engine", "bad", seen(vitals=vitals(troubles={"SBX-301": 2}))),
    "engine away by checkup": ("engine", "bad", seen(checkups=looked(engine={"trouble": "SBX-301"}))),
    "no live-restore": ("engine", "warn", seen(checkups=looked(engine={"trouble": "", "live_restore": False}))),
    "no image": ("image", "bad", seen(image=None)),
    "no dataset": ("image", "bad", seen(dataset=None)),
    "empty pool": ("pool", "bad", seen(vitals=vitals(cells={}))),
    "thin pool": ("pool", "warn", seen(vitals=vitals(cells={CellState.READY: 1}))),
    "filling pool": ("pool", "good", seen(vitals=vitals(cells={CellState.STARTED: 2}))),
    "failing refills": ("pool", "warn", seen(supply=make_vitals(failures=3, trouble="SBX-303", failing_since=NOON))),
    "failing refills and none ready": (
        "pool",
        "bad",
        seen(vitals=vitals(cells={}), supply=make_vitals(failures=3, trouble="SBX-303", resting_until=NOON)),
    ),
    "a pool before its class": ("pool", "warn", seen(supply=make_vitals(lessons=20, target=22))),
    "an empty pool at night": ("pool", "good", seen(vitals=vitals(cells={}), supply=make_vitals(base=0, target=0))),
    "no seat": ("capacity", "bad", seen(supply=make_vitals(occupied=50))),
    "few seats": ("capacity", "warn", seen(supply=make_vitals(occupied=46))),
    "tight memory": ("capacity", "warn", seen(supply=make_vitals(pressure=Pressure.TIGHT))),
    "short memory": ("capacity", "bad", seen(supply=make_vitals(pressure=Pressure.SHORT))),
    "nothing measured": ("capacity", "warn", seen(supply=None)),
    "old measurements": ("capacity", "warn", seen(supply=make_vitals(at=NOON - timedelta(minutes=5)))),
    "long queue": (
        "queue",
        "warn",
        seen(vitals=vitals(oldest_queued_at=NOON - timedelta(minutes=1), instances={Observed.QUEUED: 1})),
    ),
    "short queue": ("queue", "good", seen(vitals=vitals(oldest_queued_at=NOON, instances={Observed.QUEUED: 1}))),
    "work without a grade": ("grading", "bad", seen(vitals=vitals(oldest_submitted_at=NOON - timedelta(minutes=3)))),
    "bad evidence": ("evidence", "bad", seen(vitals=vitals(ungradable=1))),
    "quarantine": ("trouble", "bad", seen(vitals=vitals(cells={CellState.READY: 2, CellState.QUARANTINED: 1}))),
    "a code": ("trouble", "warn", seen(vitals=vitals(troubles={"SBX-305": 1}))),
    "failed night": ("nightly", "warn", seen(last_night=night({Fate.FAILED: 2, Fate.RESET: 1}))),
    "missed night": ("nightly", "bad", seen(last_night=night({}, begun_at=None))),
    "deferred night": ("nightly", "good", seen(last_night=night({Fate.DEFERRED: 1}))),
    "running night": ("nightly", "good", seen(last_night=night({Fate.RUNNING: 1}))),
    "no night": ("nightly", "good", seen(last_night=None)),
    "rotten archive": ("archives", "bad", seen(checkups=looked(archives={"broken": "cell 1", "checked": 5}))),
    "damaged database": ("database", "bad", seen(checkups=looked(database={"damage": "page 3", "bytes": 1}))),
    "broken chain": ("audit", "bad", seen(checkups=looked(audit={"broken": "entry 3", "entries": 9}))),
    "old checkups": ("audit", "warn", seen(checkups=looked(timedelta(hours=5)))),
    "no checkups yet": ("audit", "good", seen(checkups={})),
    "clock jumped": ("clock", "warn", seen(checkups=looked(clock={"step_s": -3600, "stepped_at": NOON.isoformat()}))),
}


@pytest.mark.parametrize("case", CASES)
def test_a_concern_has_its_colour(case: str) -> None:
    key, tone, found = CASES[case]
    assert tones(site.judge(found, now=NOON))[key] == tone


ROOMS = {
    "full disk": ("disk", "bad", replace(ROOM, disk_free=GIB // 2)),
    "filling disk": ("disk", "warn", replace(ROOM, disk_free=2 * GIB)),
    "no inodes": ("disk", "warn", replace(ROOM, inodes_free=100)),
    "swapping": ("memory", "warn", replace(ROOM, swap_used=GIB)),
    "little memory": ("memory", "warn", replace(ROOM, memory_available=GIB)),
    "stalls": ("memory", "bad", replace(ROOM, memory_pressure=40.0)),
    "no figures": ("memory", "warn", replace(ROOM, memory_total=0)),
}
BUILDS = {
    "old kernel": ("kernel", "bad", replace(BUILD, kernel="5.4.0")),
    "mount refused": ("nosymfollow", "bad", replace(BUILD, nosymfollow=False)),
    "not root": ("nosymfollow", "warn", replace(BUILD, nosymfollow=None)),
    "no memory controller": ("limits", "bad", replace(BUILD, cgroups=frozenset({"cpu", "pids"}))),
    "no swap limit": ("limits", "bad", replace(BUILD, engine={"swap_limit": False})),
    "no runc": ("runc", "bad", replace(BUILD, runc="")),
    "leaky runc": ("runc", "bad", replace(BUILD, runc="1.1.5")),
    "patched runc": ("runc", "warn", replace(BUILD, runc="1.1.5", runc_fixes=frozenset({"CVE-2024-21626"}))),
    "wholly patched runc": ("runc", "good", replace(BUILD, runc="1.1.5", runc_fixes=frozenset(machine.RUNC_FIXES))),
    "no module": ("lsm", "warn", replace(BUILD, security_modules=frozenset())),
    "no nginx": ("nginx", "bad", replace(BUILD, nginx="")),
}


def test_a_good_machine_is_green_all_over() -> None:
    assert set(tones([*machine.room(ROOM), *machine.build(BUILD, ROOM)]).values()) == {"good"}


@pytest.mark.parametrize("case", ROOMS)
def test_room_has_its_colour(case: str) -> None:
    key, tone, room = ROOMS[case]
    assert tones(machine.room(room))[key] == tone


@pytest.mark.parametrize("case", BUILDS)
def test_the_machines_make_has_its_colour(case: str) -> None:
    key, tone, build = BUILDS[case]
    assert tones(machine.build(build, ROOM))[key] == tone


def test_a_clock_that_nothing_disciplines_is_told() -> None:
    assert tones(machine.build(BUILD, replace(ROOM, clock_synchronised=False)))["ntp"] == "warn"
    assert tones(machine.build(BUILD, replace(ROOM, clock_synchronised=None)))["ntp"] == "warn"


@pytest.mark.parametrize(
    ("version", "fixed"),
    [("1.2.7", False), ("1.2.8", True), ("1.3.2", False), ("1.3.3", True), ("1.4.0", True), ("1.1.15", False)],
)
def test_a_runc_is_fixed_by_its_own_series(version: str, fixed: bool) -> None:
    assert machine.is_fixed("CVE-2025-31133", version, frozenset()) is fixed


def every_finding() -> Iterator[Finding]:
    for _key, _tone, found in CASES.values():
        yield from site.judge(found, now=NOON)
    for _key, _tone, room in ROOMS.values():
        yield from machine.room(room)
    for _key, _tone, build in BUILDS.values():
        yield from machine.build(build, replace(ROOM, clock_synchronised=False))


def test_whatever_is_not_well_says_what_to_do_in_both_languages() -> None:
    for one in every_finding():
        assert (one.fix is None) == (one.tone == "good"), one
        for words in filter(None, (one.title, one.found, one.fix)):
            assert words.zh
            assert words.en


def test_a_fix_names_only_commands_that_exist() -> None:
    named = {
        tuple(word for word in text.partition("his-sandbox ")[2].replace(".", " ").replace(",", " ").split()[:2])
        for one in every_finding()
        if one.fix
        for text in (one.fix.en,)
        if "his-sandbox " in text
    }
    for group, *rest in named:
        command = main.commands.get(group)
        assert command is not None, group
        inner = getattr(command, "commands", None)
        assert inner is None or rest[0] in inner, (group, rest)


@given(st.sampled_from(sorted(CASES)))
def test_the_worst_colour_is_that_of_the_worst_line(case: str) -> None:
    found = site.judge(CASES[case][2], now=NOON)
    order = ("good", "warn", "bad")
    assert site.worst(found) == max((one.tone for one in found), key=order.index)


def test_capacity_names_every_term_and_the_short_one() -> None:
    found = next(one for one in site.judge(seen(), now=NOON) if one.key == "capacity")
    assert found.found.en == (
        "10 of 50 seats in use (memory 50, disk 400, site limit 600; memory runs out first;"
        " 2.0 GiB available, 1.0 GiB kept, 26.0 MiB a cell)."
    )


def test_refills_that_rest_say_why_since_when_and_when_they_are_tried_again() -> None:
    known = make_vitals(
        failures=4, trouble="SBX-303", failing_since=NOON, resting_until=NOON + timedelta(seconds=8), target=2
    )
    found = next(one for one in site.judge(seen(supply=known), now=NOON) if one.key == "pool")
    clock = f"{NOON.astimezone(ZONE):%m-%d %H:%M}"
    again = f"{(NOON + timedelta(seconds=8)).astimezone(ZONE):%H:%M:%S}"
    assert found.found.en == f"2 of 2 ready. Failed 4 times in a row since {clock} (SBX-303); next try {again}."
    assert found.place == "capacity"

"""What the cell of one attempt is armed with: its variant, its clock."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.attempts.model import AttemptId
from sandbox.attempts.packs import AttemptPacks
from sandbox.errors import NotFoundError
from sandbox.exercises import loader, releasing
from sandbox.exercises.packs import ReleasedPacks
from tests.builders import NOON, make_attempt
from tests.personas import bob
from tests.sandbox.attempts.actors import World
from tests.sandbox.exercises.files import changed

PERSON = "lin: {name: 林一, sex: '2', birth_date: -34y}"
VARIED = changed(
    ("cast:\n", "vary: {who: [{name: 林一}, {name: 王二}, {name: 张三}]}\ncast:\n"),
    (PERSON, PERSON.replace("林一", "$who.name")),
    (
        "rules: {time: 20m,",
        "rules: {time: 20m, min_time: 5m, modes: [practice, exam],"
        " attempts: {max: 2, per: ever, keep: last, wait: 10m},",
    ),
).encode()


@pytest.fixture
def packs(world: World) -> AttemptPacks:
    version = releasing.described(loader.trusted(VARIED), now=NOON)
    with world.database.transaction() as stores:
        releasing.release(stores, world.files, bob, version, VARIED, now=NOON)
    return AttemptPacks(world.database.reading, ReleasedPacks(world.database.reading, world.files))


def started(world: World, **pinned: Any) -> AttemptId:
    attempt = make_attempt(exercise_version="small-one@1", **pinned)
    with world.database.transaction() as stores:
        stores.attempts.add(attempt)
    return attempt.id


def test_a_release_keeps_what_the_file_says_about_modes_attempts_and_variants(
    packs: AttemptPacks, world: World
) -> None:
    with world.database.reading() as stores:
        version = stores.exercises.get("small-one@1")
    assert (version.modes, version.variants, version.min_time_ms) == (("practice", "exam"), 3, 300_000)
    exam = (version.exam_attempts, version.exam_per, version.exam_keep, version.exam_wait_ms)
    assert exam == (2, "ever", "last", 600_000)


def test_each_attempt_gets_the_variant_that_was_drawn_for_it(packs: AttemptPacks, world: World) -> None:
    found = [packs.pack("small-one@1", started(world, variant=number)) for number in range(3)]
    assert [(pack.variant, pack.cast[0].columns["name"]) for pack in found] == [(0, "林一"), (1, "王二"), (2, "张三")]


@pytest.mark.parametrize(
    ("pinned", "factor", "limit_ms"),
    [({}, 1, 1_200_000), ({"time_factor": 3}, 3, 1_200_000), ({"untimed": True}, 4, None)],
)
def test_extra_time_slows_the_one_clock(
    packs: AttemptPacks, world: World, pinned: dict[str, Any], factor: int, limit_ms: int | None
) -> None:
    pack = packs.pack("small-one@1", started(world, **pinned))
    assert (pack.time_factor, pack.limit_ms) == (factor, limit_ms)


def test_an_unknown_attempt_has_no_pack(packs: AttemptPacks) -> None:
    with pytest.raises(NotFoundError):
        packs.pack("small-one@1", "nothing")

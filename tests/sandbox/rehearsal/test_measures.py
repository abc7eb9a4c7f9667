"""From moments to parts, from parts to a sentence, from times to a plot."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sandbox.rehearsal import plotting, timing, words
from sandbox.rehearsal.model import PARTS, Burden, Measured, PartName
from sandbox.rehearsal.timing import Way
from tests.builders import make_rehearsal

COLD = Way(
    pressed=100.0,
    queued=100.1,
    begun=100.2,
    created=100.5,
    started=103.0,
    ready=104.0,
    opened=104.1,
    seen=105.0,
    inside=105.2,
)
WARM = replace(COLD, begun=40.0, created=40.1, started=40.3, ready=40.5, opened=100.15, seen=100.16, inside=100.2)


def test_the_parts_of_a_cold_launch_are_what_lies_between_its_moments() -> None:
    parts = {name: round(each, 3) for name, each in COLD.parts().items()}
    assert parts == {
        "door": 0.1,
        "turn": 0.1,
        "create": 0.3,
        "start": 2.5,
        "boot": 1.0,
        "hand_over": 0.1,
        "notice": 0.9,
        "page": 0.2,
    }
    assert not COLD.warm


def test_a_warm_launch_pays_nothing_for_its_cell() -> None:
    parts = WARM.parts()
    assert WARM.warm
    assert [parts[name] for name in ("turn", "create", "start", "boot")] == [0, 0, 0, 0]
    assert sum(parts.values()) == pytest.approx(WARM.took)


def test_parts_add_up_whatever_the_clocks_say() -> None:
    odd = replace(COLD, queued=99.0, opened=99.5, seen=300.0)
    assert min(odd.parts().values()) >= 0
    assert sum(odd.parts().values()) == pytest.approx(odd.took)
    assert tuple(odd.parts()) == PARTS


def test_the_slowest_are_a_tenth_and_at_least_one() -> None:
    ways = [replace(COLD, inside=105.2 + number) for number in range(25)]
    assert [round(way.took - COLD.took) for way in timing.slowest(ways)] == [24, 23, 22]
    assert timing.slowest([WARM]) == [WARM]
    assert timing.slowest([]) == []
    assert timing.parts([]) == ()


def test_a_percentile_is_a_time_that_somebody_waited() -> None:
    measured = timing.measured([0.004, 0.001, 0.002, 0.003], ["gone"])
    assert (measured.p50, measured.p95, measured.worst) == (2000, 4000, 4000)
    assert measured.failures == ("gone",)
    assert (Measured().p50, Measured().worst) == (None, None)


def test_the_bottleneck_is_named_with_numbers_and_advice() -> None:
    one = make_rehearsal(seats=50, warm=2, parts=timing.parts([COLD]), cell_kib=(25_000,) * 50)
    assert words.bottleneck(one, "en") == (
        "The engine's starts: 48 % of the wait of the slowest 5 (2.5 s of 5.2 s). 48 of 50 found no warm cell; "
        "a pool of 50 (about 1.2 GiB of memory) would spare 3.9 s of it and leave 1.3 s."
    )
    assert words.bottleneck(one, "zh").startswith(
        "容器引擎启动容器：占最慢 5 人等待时间的 48 %（2.5 s / 5.2 s）。48 人没有现成容器"
    )


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("notice", "The page asks once a second"),
        ("hand_over", "the worker used 50 % of a core"),
        ("page", "the panel used 25 % of a core"),
        ("door", "the panel used 25 % of a core"),
    ],
)
def test_every_part_has_advice_of_its_own(part: PartName, said: str) -> None:
    parts = tuple(replace(each, us=9_000_000 if each.name == part else 1) for each in timing.parts([COLD]))
    one = make_rehearsal(
        parts=parts,
        rush_us=2_000_000,
        burdens=(Burden(who="panel", cpu_us=500_000, kib=1), Burden(who="worker", cpu_us=1_000_000, kib=1)),
    )
    assert said in words.bottleneck(one, "en")
    assert words.bottleneck(one, "zh").startswith(words.PART_WORDS[part][0])


def test_nobody_inside_means_nothing_can_be_said() -> None:
    assert words.bottleneck(make_rehearsal(parts=()), "en") == "Nobody came inside, so nothing can be said."


def test_whoever_else_kept_the_machine_busy_is_named_first() -> None:
    burdens = (Burden(who="others", cpu_us=3_000_000, kib=0), Burden(who="engine", cpu_us=500_000, kib=0))
    said = words.load(make_rehearsal(burdens=burdens, rush_us=2_000_000).figures, 2, "en")
    assert said == (
        "During the rush (2.0 s) the processors were 88 % busy: other processes 75 %, engine 12 %."
        " Other processes took too much: measure again on an idle machine."
    )


def test_what_is_left_is_told() -> None:
    assert words.kept(make_rehearsal(), "en").endswith("Nothing of it is left.")
    assert "3 are still there" in words.kept(make_rehearsal(left=3), "en")


def test_a_curve_has_a_column_per_launch_and_hides_no_peak() -> None:
    drawn = plotting.curve([1000, 2000, 4000], height=4)
    assert drawn == [
        "4 ┤  █",
        "  ┤  █",
        "2 ┤ ██",
        "  ┤███",
        "0 ┼─── ms",
    ]
    many = plotting.curve([1000] * 499 + [8000], height=8)
    assert many[0].endswith("█")
    assert len(many[-1]) == len("0 ┼") + plotting.MOST_COLUMNS + len(" ms")
    assert plotting.curve([]) == []


def test_a_bar_is_as_long_as_its_share() -> None:
    assert plotting.bar(1, 2, width=4) == "██  "
    assert plotting.bar(1, 16, width=4) == "▎   "
    assert plotting.bar(0, 0, width=4) == "    "
    assert plotting.bar(9, 2, width=4) == "████"

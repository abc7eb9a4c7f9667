"""What rows tell of one instance: each event names the click that led to it."""

from __future__ import annotations

from sandbox.audit.model import Entry
from sandbox.health import story
from sandbox.health.story import Story
from sandbox.provisioning.model import Desired, InstanceId
from tests.builders import NOON, make_instance

KEY = InstanceId("1" * 16)


def entry(seq: int, verb: str, subject: str, **facts: str) -> Entry:
    return Entry(
        seq=seq,
        at=NOON,
        actor="alice",
        address="",
        verb=verb,
        subject=subject,
        outcome="ok",
        facts=dict(facts),
        prev="",
        hash="",
    )


def test_a_launch_keeps_its_click_when_another_has_closed_the_hospital() -> None:
    closed = make_instance(id=KEY, desired=Desired.CLOSED, opened_at=NOON, cause="closing")
    launches = (
        entry(1, "attempt.start", "a1", instance=KEY, cause="launching"),
        entry(1, "instance.launch", KEY, cause="launching"),
    )
    for launch in launches:
        told = Story(instances=(closed,), entries=(launch, entry(2, "instance.close", KEY, cause="closing")))
        causes = {one.what: (one.cause, one.actor) for one in story.events(told)}
        assert causes[f"instance {KEY} queued"] == causes[f"instance {KEY} open"] == ("launching", "")
        assert causes[f"instance.close {KEY}"] == ("closing", "alice")


def test_a_launch_of_which_no_trace_is_left_names_no_click() -> None:
    (queued,) = story.events(Story(instances=(make_instance(id=KEY, opened_at=None, cause="closing"),)))
    assert queued.cause == ""

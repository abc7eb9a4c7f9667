"""Alice learns, Bob teaches her, Charlie is nobody to either, Dana runs the place."""

from __future__ import annotations

from typing import Literal

from sandbox.people.model import Actor, Person, PersonId, Role


def _person(key: str, login: str, name: str, department: str, role: Role, language: Literal["zh", "en"]) -> Person:
    return Person(
        id=PersonId(key),
        login=login,
        name=name,
        department=department,
        roles=frozenset({role}),
        language=language,
        must_change_password=False,
        disabled=False,
    )


ALICE = _person("alice", "P0001", "爱丽丝", "呼吸内科", Role.TRAINEE, "zh")
BOB = _person("bob", "P0002", "鲍勃", "培训部", Role.TRAINER, "zh")
CHARLIE = _person("charlie", "P0003", "查理", "心内科", Role.TRAINEE, "en")
DANA = _person("dana", "P0004", "丹娜", "信息科", Role.IT, "en")
EVERYBODY = (ALICE, BOB, CHARLIE, DANA)

PASSWORD = "Lotus-pond-77"


def acting(person: Person) -> Actor:
    """Return this person as the actor of an operation."""
    return Actor(id=person.id, roles=person.roles, address="192.0.2.7")


alice, bob, charlie, dana = (acting(each) for each in EVERYBODY)

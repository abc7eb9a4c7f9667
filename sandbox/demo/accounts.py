"""The demonstration's people. Made once with random passwords, kept in a file only root can read."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from sandbox.bootstrap import Services
from sandbox.demo.site import STATE
from sandbox.people import operations
from sandbox.people.model import CLI, Role

FILE = STATE / "demo-accounts.json"


@dataclass(frozen=True)
class DemoPerson:
    login: str
    name: str
    department: str
    role: Role
    exercises: tuple[str, ...] = ()
    """What is assigned, by the names of the shipped files: what this person's post needs."""


SHOWN = "x05-urti-penicillin-allergy"
"""The exercise that the robot does."""
_EVERYBODY = ("x01-first-log-in", "x18-privacy-and-phishing")

PEOPLE = (
    DemoPerson("robot", "机器人学员", "呼吸内科", Role.TRAINEE, (SHOWN,)),
    DemoPerson("10021", "林晓雨", "呼吸内科", Role.TRAINEE, (SHOWN, *_EVERYBODY)),
    DemoPerson("10022", "赵一鸣", "呼吸内科", Role.TRAINEE, (SHOWN, *_EVERYBODY)),
    DemoPerson("10023", "何静", "药剂科", Role.TRAINEE, ("x08-dispense-fefo-return", *_EVERYBODY)),
    DemoPerson("20001", "周老师", "教学办", Role.TRAINER),
    DemoPerson("30001", "吴工", "信息科", Role.IT),
)


def ensure(services: Services) -> dict[str, str]:
    """Return log-in name -> password of all demonstration people, making those that are missing."""
    known: dict[str, str] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.is_file() else {}
    for one in PEOPLE:
        with services.database.reading() as stores:
            there = stores.people.by_login(one.login) is not None
        if not there:
            known[one.login] = _add(services, one)
            _keep(FILE, known)
    return known


def _add(services: Services, one: DemoPerson) -> str:
    password = operations.random_password()
    hashed = services.passwords.hash(password)
    with services.database.transaction() as stores:
        operations.add_person(
            stores,
            CLI,
            login=one.login,
            name=one.name,
            department=one.department,
            roles=[one.role],
            password_hash=hashed,
            # A demonstration is looked at, not lived in: real accounts must change theirs.
            must_change_password=False,
            now=services.clock.now(),
        )
    return password


def _keep(file: Path, known: dict[str, str]) -> None:
    temporary = file.with_suffix(".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(known, stream, ensure_ascii=False, indent=1)
    temporary.rename(file)

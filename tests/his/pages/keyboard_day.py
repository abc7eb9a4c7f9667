"""One patient's day at the outpatient desks, every step by keys: what each seat presses, desk by desk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser as Chromium

from his import journal, state
from his.chart.hospital import Hospital
from sandbox.contract.exercise_pack import FREE_PRACTICE
from sandbox.contract.seats import account_name, initial_password
from tests.his import packs
from tests.his.pages.browser import NEW_PASSWORD
from tests.his.pages.workstation import SIZES, Desk, served

DEEDS = frozenset(
    {
        "allergy",
        "cashier_shift",
        "charge_item",
        "diagnosis",
        "lab_request",
        "medical_record",
        "patient_index",
        "prescription",
        "registration",
        "scan",
        "vitals",
    }
)
"""What the steps of the day are about."""
HAN = re.compile(r"[\u4e00-\u9fff]")
NAME, ID_NO, BIRTH = "林晓雨", "770101199003071367", "1990-03-07"


@dataclass
class Day:
    """The hospital on day 0, and a window of its own for everybody who works in it."""

    hospital: Hospital
    address: str
    chromium: Chromium
    language: str
    desks: dict[str, Desk] = field(default_factory=dict)

    def at(self, seat: str) -> Desk:
        """Return the desk of a seat; who comes first logs in."""
        if seat not in self.desks:
            context = self.chromium.new_context(viewport=SIZES[0])
            self.desks[seat] = Desk(hospital=self.hospital, page=context.new_page(), address=self.address)
            self._log_in(self.desks[seat], seat)
        return self.desks[seat]

    def rows(self) -> tuple[journal.Row, ...]:
        return journal.rows(self.hospital.database.connection())

    def deeds(self) -> list[tuple[str, str, str]]:
        """Return who did what and with which refusal, views and log-ins aside."""
        return [
            (each.actor, each.action, each.code or "")
            for each in self.rows()
            if each.actor != "system" and each.action.partition(".")[0] in DEEDS
        ]

    def table(self, name: str) -> list[dict[str, Any]]:
        """Return a gradable table as grading sees it."""
        armed = self.hospital.arming
        assert armed is not None
        return state.rows(self.hospital.database.connection(), name, armed.binding.anchor)

    def chinese(self) -> set[str]:
        """Return Chinese texts seen on English pages, people's names aside."""
        names = {each["name"] for table in ("patient", "staff") for each in self.table(table)}
        left = set()
        for text in set().union(*(each.chinese for each in self.desks.values())):
            rest = text
            for name in sorted(names, key=len, reverse=True):
                rest = rest.replace(name, "")
            if HAN.search(rest):
                left.add(text)
        return left

    def _log_in(self, desk: Desk, seat: str) -> None:
        password = initial_password(packs.NONCE, seat)
        desk.page.goto(f"{self.address}/")
        desk.types(account_name(seat))
        desk.press("Enter")
        desk.types(password)
        desk.goes("Enter")
        for text in (password, NEW_PASSWORD):
            desk.types(text)
            desk.press("Enter")
        desk.types(NEW_PASSWORD)
        desk.goes("Enter")


@contextmanager
def opened(golden_file: Path, folder: Path, chromium: Chromium, language: str) -> Iterator[Day]:
    """Yield the day before anybody has logged in."""
    arm = packs.make_arm(language=language, clock="real", pack=FREE_PRACTICE)
    with served(golden_file, folder, arm) as (hospital, address):
        with hospital.database.transaction() as connection:
            # One person plays everybody: on a slow machine a desk waits longer than a screen stays open.
            connection.execute('UPDATE "limits" SET "value" = \'600\' WHERE "key" = \'screen_lock_minutes\'')
        day = Day(hospital=hospital, address=address, chromium=chromium, language=language)
        yield day
        for desk in day.desks.values():
            desk.page.context.close()

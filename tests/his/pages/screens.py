"""The README's pictures of the hospital, made anew: `python -m tests.his.pages.screens [FOLDER]`."""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from PIL import Image

from fixtures import datasets
from his import seeding
from tests.his.pages import keyboard_day, workstation
from tests.his.pages import keyboard_day_steps as steps
from tests.his.pages.keyboard_day import NAME, Day
from tests.his.pages.workstation import Desk

FOLDER = Path(__file__).parents[3] / "images" / "screenshots"
LANGUAGES = ("zh", "en")
COLOURS = 200
"""Enough for these flat pages, and half the bytes."""


def registration(day: Day) -> Desk:
    """A new patient's ticket is paid."""
    steps.register(day)
    return day.at("reg")


def doctor(day: Day) -> Desk:
    """A prescription is being written, the allergy above it."""
    steps.triage(day)
    steps.call(day)
    steps.write(day)
    desk = day.at("doc")
    desk.goes("Alt+5")
    for drug in ("blf", "ysaxs"):
        desk.picks(drug)
        desk.press(*["Enter"] * 5)
    return desk


def cashier(day: Day) -> Desk:
    """The same patient's drugs are to be paid."""
    steps.prescribe(day)
    steps.review(day)
    desk = day.at("cas")
    desk.types(NAME)
    desk.goes("Enter")
    desk.to("a.row[data-patient]")
    desk.goes("Enter")
    desk.types("50")
    return desk


def pharmacy(day: Day) -> Desk:
    """Batches are offered, first expiry first."""
    desk = day.at("cas")
    desk.goes("F9")
    desk = day.at("pha")
    desk.goes("Alt+2")
    steps.find(desk)
    return desk


SCREENS: Mapping[str, Callable[[Day], Desk]] = {
    each.__name__: each for each in (registration, doctor, cashier, pharmacy)
}
"""In the order of the day."""


def draw(folder: Path) -> None:
    """Work through the first half of the day in each language; keep what four desks show on the way."""
    with tempfile.TemporaryDirectory() as scratch, workstation.chromium() as chromium:
        golden = Path(scratch) / "golden.db"
        seeding.seed(datasets.stream("small"), golden)
        for language in LANGUAGES:
            own = Path(scratch) / language
            own.mkdir()
            with keyboard_day.opened(golden, own, chromium, language) as day:
                for name, show in SCREENS.items():
                    keep(show(day), folder / f"his-{name}-{language}.png")


def keep(desk: Desk, file: Path) -> None:
    """Write what a desk shows as a small PNG."""
    shot = Image.open(io.BytesIO(desk.page.screenshot()))
    shot.convert("RGB").quantize(COLOURS).save(file, optimize=True)


if __name__ == "__main__":
    draw(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)

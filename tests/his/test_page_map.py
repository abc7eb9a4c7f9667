"""A desk is imported when the first of its pages is opened, and is then the same desk."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from his import rules
from his.__main__ import main
from his.app import DESKS, create_app
from his.database import Database
from his.hospital_time import Clock
from his.shell import page_map
from his.shell.desks import Later
from his.shell.page_map import PageMap

ROOT = Path(__file__).parents[2]
NOT_NEEDED_TO_BOOT = ("his.replaying", "his.seeding", "his.offering")


def make_app(pages: PageMap | None = None) -> Flask:
    return create_app(rules.hospital(Database(Path("nowhere")), Clock()), pages)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> PageMap:
    """The map as the image has it: drawn by the command, read from its file."""
    folder = tmp_path_factory.mktemp("ready")
    assert main(["prepare", "--into", str(folder)]) == 0
    read: PageMap = json.loads((folder / page_map.FILE.name).read_bytes())
    return read


def addresses(app: Flask) -> set[tuple[str, str, tuple[str, ...]]]:
    return {(each.rule, each.endpoint, tuple(sorted(each.methods or ()))) for each in app.url_map.iter_rules()}


def test_both_apps_have_the_same_pages(drawn: PageMap) -> None:
    assert addresses(make_app(drawn)) == addresses(make_app())


def test_every_page_of_the_map_leads_to_its_view(drawn: PageMap) -> None:
    ready, imported = make_app(drawn), make_app()
    for endpoint, view in ready.view_functions.items():
        found = getattr(importlib.import_module(view.module), view.function) if isinstance(view, Later) else view
        assert found == imported.view_functions[endpoint], endpoint


def test_every_count_of_a_tab_exists() -> None:
    late = [tab.waiting for desk in DESKS for tab in desk.tabs if isinstance(tab.waiting, Later)]
    assert all(callable(getattr(importlib.import_module(each.module), each.function)) for each in late)
    assert late


def test_a_map_of_other_desks_is_refused(drawn: PageMap) -> None:
    with pytest.raises(KeyError, match=r"his\.registration\.pages"):
        make_app({module: place for module, place in drawn.items() if module != "his.registration.pages"})


def test_a_hospital_that_boots_imports_no_desk(drawn: PageMap, tmp_path: Path) -> None:
    (tmp_path / "pages.json").write_text(json.dumps(drawn), "utf-8")
    asked = (
        "import json, sys; from pathlib import Path; from his import rules, serving;"
        "from his.app import create_app; from his.database import Database; from his.hospital_time import Clock;"
        "pages = json.loads(Path(sys.argv[1]).read_bytes());"
        "app = create_app(rules.hospital(Database(Path('nowhere')), Clock()), pages);"
        "before = sorted(sys.modules); app.test_client().get('/clinic/');"
        "print(json.dumps(before))"
    )
    told = subprocess.run(
        [sys.executable, "-c", asked, str(tmp_path / "pages.json")],
        env={**os.environ, "PYTHONPATH": str(ROOT / "images" / "his")},
        capture_output=True,
        text=True,
        check=True,
    )
    imported = set(json.loads(told.stdout))
    assert "his.serving" in imported
    assert not imported & {module for desk in DESKS for module in desk.pages}
    assert not imported & set(NOT_NEEDED_TO_BOOT)

"""Compiled templates come with the image, count only for their own source, and are never needed."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from jinja2 import DictLoader

from his.__main__ import main
from his.shell import ready_made


def make_app(folder: Path, source: str = "hello {{ name }}") -> Flask:
    app = Flask("his")
    app.jinja_env.loader = DictLoader({"page.html": source})
    app.jinja_env.bytecode_cache = ready_made.ReadyMade(folder)
    return app


def never(*_: object, **__: object) -> None:
    raise AssertionError("it was compiled again")


def test_a_template_of_the_image_is_not_compiled_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ready_made.fill(make_app(tmp_path), tmp_path / "made")
    app = make_app(tmp_path / "made")
    monkeypatch.setattr(app.jinja_env, "compile", never)
    assert app.jinja_env.get_template("page.html").render(name="Alice") == "hello Alice"


def test_another_source_is_compiled_and_not_written_down(tmp_path: Path) -> None:
    folder = tmp_path / "made"
    ready_made.fill(make_app(tmp_path), folder)
    before = {each.name: each.read_bytes() for each in folder.iterdir()}
    assert make_app(folder, "bye {{ name }}").jinja_env.get_template("page.html").render(name="Alice") == "bye Alice"
    assert {each.name: each.read_bytes() for each in folder.iterdir()} == before


def test_without_a_folder_pages_are_compiled_as_ever(tmp_path: Path) -> None:
    app = make_app(tmp_path / "none")
    assert app.jinja_env.get_template("page.html").render(name="Alice") == "hello Alice"


def test_the_command_makes_one_for_every_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prepare", "--into", str(tmp_path)]) == 0
    made = list((tmp_path / "templates").iterdir())
    assert f"{len(made)} templates" in capsys.readouterr().out
    pages = {
        page.relative_to(page.parents[1]) for page in Path(ready_made.__file__).parents[1].glob("*/templates/**/*.html")
    }
    assert len(made) == len(pages)

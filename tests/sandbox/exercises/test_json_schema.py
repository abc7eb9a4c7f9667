"""The exported JSON Schema accepts what the loader accepts, and refuses what editors should underline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from sandbox.exercises import schema, tree
from sandbox.exercises.problems import Problems
from tests.sandbox.exercises import files

EXERCISES = Path(__file__).parents[3] / "fixtures" / "exercises"
FILES = sorted(EXERCISES.rglob("*.yaml"))


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    exported = schema.json_schema()
    Draft202012Validator.check_schema(exported)
    return Draft202012Validator(exported)


def plain(text: str) -> Any:
    """Return a file's content as JSON holds it: the loader's decimals are numbers."""
    root = tree.read(text.encode(), Problems())
    assert root is not None
    return json.loads(json.dumps(root.plain(), default=float))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_exercise_we_ship_fits(validator: Draft202012Validator, file: Path) -> None:
    found = [f"{list(each.path)}: {each.message}" for each in validator.iter_errors(plain(file.read_text("utf-8")))]
    assert found == []


@pytest.mark.parametrize(
    "change",
    [
        ("version: 1", "version: one"),
        ("points: 40", "points: 0"),
        ("points: 40", "point: 40"),
        ("role: OPD", "role: DOC"),
        ("zh: 顺序, en: Order", "zh: 顺序"),
        ("time: 20m", "time: 20"),
        ("sex: '2'", "sexes: 2"),
        ("one: {source: SELF}", "one: {source: {max_of: 3}}"),
        ("result: fail, lost: [order]", "result: failed, lost: [order]"),
        ("id: small-one", "id: Small One"),
    ],
    ids=lambda change: change[1],
)
def test_what_an_editor_should_underline_does_not_fit(validator: Draft202012Validator, change: tuple[str, str]) -> None:
    fits = validator.is_valid(plain(files.changed(change)))
    # A column is the catalogue's business, not the schema's.
    assert fits is (change[1] == "sexes: 2")


def test_the_small_exercise_fits(validator: Draft202012Validator) -> None:
    assert validator.is_valid(plain(files.VALID))


def test_every_key_has_its_place_in_the_schema() -> None:
    exported = schema.json_schema()
    assert set(exported["properties"]) == {
        schema.Exercise.model_fields[n].alias or n for n in schema.Exercise.model_fields
    }
    assert exported["additionalProperties"] is False

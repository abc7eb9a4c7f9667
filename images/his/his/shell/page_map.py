"""Which module has which page, so that a desk is imported when somebody opens the first of its pages.

Importing all desks takes as long as the rest of the boot, and one person works at one or two of them. The map is drawn
from the blueprints when the image is built; where there is none, every desk is imported at the start.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TypedDict

from flask import Flask
from jinja2 import FileSystemLoader

from his.shell.desks import Desk, Later

FILE = Path("/opt/his/ready/pages.json")
"""Where the image keeps the map."""


class Place(TypedDict):
    """The pages of one module."""

    blueprint: str
    pages: list[tuple[str, str, list[str], str]]
    """Rule, endpoint, methods, name of the view function."""


PageMap = Mapping[str, Place]
"""By the name of the module."""


def ready() -> PageMap | None:
    """Return the map of the image, None outside of one."""
    if not FILE.exists():
        return None
    drawn: PageMap = json.loads(FILE.read_bytes())
    return drawn


def draw(app: Flask, desks: Sequence[Desk]) -> PageMap:
    """Return the map of an app whose desks are all imported."""
    drawn: dict[str, Place] = {}
    for module in _modules(desks):
        name = import_module(module).bp.name
        drawn[module] = {
            "blueprint": name,
            "pages": [
                (rule.rule, rule.endpoint, sorted(rule.methods or ()), app.view_functions[rule.endpoint].__name__)
                for rule in app.url_map.iter_rules()
                if rule.endpoint.rpartition(".")[0] == name
            ],
        }
    return drawn


def lay(app: Flask, shell: Path, desks: Sequence[Desk], page_map: PageMap | None) -> Mapping[str, Desk]:
    """Give the app the desks' pages and templates; return whose the blueprints are.

    Raises KeyError for a map of other desks.
    """
    folders = dict.fromkeys([shell, *(each.folder for each in desks)])
    app.jinja_loader = FileSystemLoader([each / "templates" for each in folders])
    if page_map is None:
        return {_import(app, module): desk for desk in desks for module in desk.pages}
    return {_point_at(app, module, page_map[module]): desk for desk in desks for module in desk.pages}


def _import(app: Flask, module: str) -> str:
    blueprint = import_module(module).bp
    app.register_blueprint(blueprint)
    return str(blueprint.name)


def _point_at(app: Flask, module: str, place: Place) -> str:
    for rule, endpoint, methods, function in place["pages"]:
        app.add_url_rule(rule, endpoint, Later(module=module, function=function), methods=methods)
    return place["blueprint"]


def _modules(desks: Sequence[Desk]) -> list[str]:
    return [module for desk in desks for module in desk.pages]

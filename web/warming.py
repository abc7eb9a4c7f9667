"""What the first people of a rush would all wait for, read while the panel starts: words for times, launch pages."""

from __future__ import annotations

from datetime import timedelta

from babel.dates import format_timedelta
from flask import Flask

from web import wording

_OF_A_LAUNCH = ("_", "practice/")
"""How the names of its templates begin."""


def warm(app: Flask) -> None:
    """Read the languages' data, which takes a quarter of a second each, and compile the pages of a launch."""
    for locale in wording.LOCALES.values():
        format_timedelta(timedelta(seconds=1), locale=locale)
    for name in app.jinja_env.list_templates(filter_func=lambda name: name.startswith(_OF_A_LAUNCH)):
        app.jinja_env.get_template(name)

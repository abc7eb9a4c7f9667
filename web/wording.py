"""Texts of the panel in zh-CN and English. English sentences are the keys; translations/zh.po holds the Chinese.

Catalogues are read from their .po files when the app is made, so there is no compiled file to forget.
"""

from __future__ import annotations

import io
from functools import cache
from gettext import NullTranslations
from pathlib import Path

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import g

from sandbox.errors import Language

LOCALES: dict[Language, Locale] = {"zh": Locale.parse("zh_CN"), "en": Locale("en")}
CATALOGUE = Path(__file__).parent / "translations" / "zh.po"


@cache
def load() -> dict[Language, NullTranslations]:
    """Return the catalogue of each language; English needs none, its sentences are the keys."""
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="zh_CN", abort_invalid=True)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return {"zh": Translations(fp=compiled), "en": NullTranslations()}


def language() -> Language:
    """Return the language of this request: the person's choice, else the browser's, else Chinese."""
    chosen: Language = g.get("language", "zh")
    return chosen


def locale() -> Locale:
    """Return the Babel locale of this request's language."""
    return LOCALES[language()]


def _(sentence: str, /, **facts: object) -> str:
    """Return the sentence in this request's language with `%(name)s` filled in."""
    said = _catalogue().gettext(sentence)
    return said % facts if facts else said


def _n(one: str, many: str, n: int, /, **facts: object) -> str:
    """Return the form for `n` things; `%(n)s` is the number itself."""
    return _catalogue().ngettext(one, many, n) % {"n": n, **facts}


def _catalogue() -> NullTranslations:
    return load()[language()]

"""The message catalogue: every text of the pages, in Chinese and English, under one key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

LANGUAGES = ("zh", "en")
FILE = "wording.tsv"


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """Key -> (zh, en)."""

    entries: Mapping[str, tuple[str, str]]

    def say(self, key: str, language: str, **values: object) -> str:
        """Return the text of a key, with its {places} filled in. Raises KeyError: a page may not invent a key."""
        text = self.entries[key][LANGUAGES.index(language)]
        return text.format(**values) if values else text


def load(folders: Iterable[Path]) -> Catalogue:
    """Read the wording of these folders. Raises ValueError for a broken line or a key that stands twice."""
    entries: dict[str, tuple[str, str]] = {}
    for folder in folders:
        for number, line in enumerate((folder / FILE).read_text("utf-8").splitlines()[1:], start=2):
            cells = line.split("\t")
            if len(cells) != 3 or not all(cells) or cells[0] in entries:
                raise ValueError(f"{folder / FILE} line {number}: not a new key with two texts")
            entries[cells[0]] = (cells[1], cells[2])
    return Catalogue(entries=entries)

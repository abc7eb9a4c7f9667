"""A prepared site and a terminal in front of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from sandbox import bootstrap, config
from sandbox.cli import main
from sandbox.exercises import loader, releasing
from sandbox.people.model import CLI

ROOT = Path(__file__).resolve().parents[3]
EXERCISE = ROOT / "fixtures/exercises/x05-urti-penicillin-allergy.yaml"


class Terminal:
    """A prepared site and a terminal in front of it."""

    def __init__(self, settings: Path, state: Path) -> None:
        self.settings, self.state = settings, state

    def run(self, *words: str, lang: str = "en", as_json: bool = False) -> Result:
        options = ["--settings", str(self.settings), "--lang", lang, *(["--json"] if as_json else [])]
        return CliRunner().invoke(main, [*options, *words])

    def told(self, *words: str) -> list[dict[str, Any]]:
        done = self.run(*words, as_json=True)
        assert done.exit_code == 0, done.output
        return [json.loads(line) for line in done.stdout.splitlines()]

    def released(self) -> str:
        """Release X05 without the gate, as if it had passed."""
        services = bootstrap.connect(config.load())
        content, now = EXERCISE.read_bytes(), services.clock.now()
        version = releasing.described(loader.load(content), now=now)
        with services.database.transaction() as stores:
            releasing.release(stores, services.files, CLI, version, content, now=now)
        return version.id

    def add(self, login: str, role: str) -> dict[str, Any]:
        return self.told("person", "add", login, "--name", f"P {login}", "--role", role)[0]

"""A site of its own for every test of a command."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox import bootstrap, config
from tests.sandbox.cli.terminal import Terminal


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    settings = tmp_path / "settings.toml"
    state = tmp_path / "state"
    settings.write_text(
        f'[site]\nid = "0123abcd"\nstate = "{state}"\nrun = "{tmp_path}/run"\n'
        f'[database]\nurl = "sqlite:///{state}/db/sandbox.db"\n[cell]\ndriver = "process"\n',
        encoding="utf-8",
    )
    # The command sets the variable for the processes it starts; a test must not leave it behind.
    monkeypatch.setenv(config.SETTINGS_FILE_VARIABLE, str(settings))
    bootstrap.prepare(config.load())
    return Terminal(settings, state)

"""`make clean`: takes away everything a demonstration of this checkout left on the machine, its work included."""

from __future__ import annotations

import os
import shutil

from sandbox import bootstrap, config
from sandbox.demo import site
from sandbox.demo.progress import step
from sandbox.demo.site import SETTINGS, STATE
from sandbox.provisioning.model import CellId


def clean() -> None:
    """Remove containers, sockets and state. Raises WrongStateError while a demonstration runs."""
    with site.alone():
        if SETTINGS.is_file():
            os.environ[config.SETTINGS_FILE_VARIABLE] = str(SETTINGS)
            _take_away(config.load())
        with step("状态文件", "State"):
            shutil.rmtree(STATE)


def _take_away(settings: config.Settings) -> None:
    bootstrap.prepare(settings)
    services = bootstrap.worker_services(settings)
    services.one_shot.sweep()
    driver = services.driver
    with step("容器", "Containers") as notes:
        seen = driver.observe()
        for each in seen:
            driver.remove(each)
        for folder in (settings.site.state / "cells").iterdir():
            driver.discard_folders(CellId(folder.name))
        notes.text = str(len(seen))
    for folder in (settings.site.run, settings.site.sockets):
        shutil.rmtree(folder, ignore_errors=True)

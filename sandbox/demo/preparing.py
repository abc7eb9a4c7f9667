"""Set-up of the demonstration: accounts, engine, database, image, dataset, exercise. Each step is safe to repeat."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

from sandbox import bootstrap, config, installing, stages
from sandbox.authoring import operations
from sandbox.bootstrap import Services
from sandbox.contract import CONTRACT_VERSION
from sandbox.demo import accounts, site
from sandbox.demo.progress import say, step
from sandbox.demo.site import CHECKOUT, SETTINGS, DemoSite
from sandbox.errors import EngineUnavailableError
from sandbox.exercises import loader
from sandbox.exercises.model import Mode
from sandbox.people.model import CLI, PersonId
from sandbox.provisioning.model import Image
from sandbox.training import operations as training
from sandbox.training.model import Rules

EXERCISES = CHECKOUT / "fixtures" / "exercises"
PROVEN = EXERCISES / "proven.csv"
"""File of the exercise that the robot does and that every trainee finds assigned."""
"""SHA-256 and contract of shipped files that our tests have taken through real pages: no need here."""
NOT_ISOLATED = (
    "!! 没有容器引擎：练习环境以普通进程运行，没有任何隔离，只能用于演示。",
    "!! No container engine: practice hospitals run as plain processes. NOTHING IS ISOLATED; for a look only.",
)


@dataclass(frozen=True, kw_only=True)
class Prepared:
    site: DemoSite
    services: Services
    passwords: dict[str, str]
    image: Image
    exercise_version: str


def prepare() -> Prepared:
    """Do all set-up that is missing and return the site. Raises what a step raises; nothing half-done is used."""
    # Group members (panel, gateway) must be able to write what we make in their folders.
    os.umask(0o007)
    with step("服务账号", "Service accounts"):
        site.make_accounts()
    isolated = _engine()
    laid_out = site.lay_out(isolated=isolated, separate_accounts=site.readable_by_accounts())
    os.environ[config.SETTINGS_FILE_VARIABLE] = str(SETTINGS)
    settings = config.load()
    with step("数据库", "Database"):
        bootstrap.prepare(settings)
        # Panel and gateway check signatures and write the database too; the group is theirs alone. SQLite gives its
        # side files the mode of the database.
        site.share(settings.site.state / "secret", 0o440)
        for file in (settings.site.state / "db").iterdir():
            site.share(file, 0o660)
    services = bootstrap.connect(settings)
    image = _image(services, isolated)
    _dataset(services, image)
    passwords = accounts.ensure(services)
    version = _exercises(services)
    return Prepared(site=laid_out, services=services, passwords=passwords, image=image, exercise_version=version)


def _engine() -> bool:
    with step("容器引擎", "Container engine") as notes:
        started = subprocess.run(
            [str(CHECKOUT / "images/engine/start.sh")],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        isolated = started.returncode == 0
        notes.text = "" if isolated else "✗"
    if not isolated:
        say(started.stderr.strip())
        for line in NOT_ISOLATED:
            say(line)
    return isolated


def _image(services: Services, isolated: bool) -> Image:
    engine = services.settings.worker.engine
    with step("镜像", "Image") as notes:
        if isolated:
            try:
                made = installing.build_image(
                    services.settings.site.state,
                    engine_url=engine,
                    base_image=os.environ.get("BASE_IMAGE", ""),
                    say=lambda text: say(f"\n    {text}"),
                )
            except EngineUnavailableError:
                notes.text = "✗"
                raise
        else:
            made = installing.process_image()
        image = installing.register_image(services, CLI, made, engine_url=engine)
        notes.text = image.id[:19]
    return image


def _dataset(services: Services, image: Image) -> None:
    with step("模拟数据集", "Golden dataset") as notes:
        one_shot = bootstrap.worker_services(services.settings).one_shot
        built = installing.build_dataset(services, CLI, one_shot, image, "base")
        notes.text = f"{built.bytes / (1 << 20):.1f} MiB"


def _exercises(services: Services) -> str:
    """Release the shipped exercises and assign to each trainee what the post needs. Return what the robot does."""
    with step("练习", "Exercises") as notes:
        versions = {file.stem: _released(services, file) for file in sorted(EXERCISES.glob("*.yaml"))}
        notes.text = ", ".join(versions.values())
        now = services.clock.now()
        rules = Rules(mode=Mode.PRACTICE)
        with services.database.transaction() as stores:
            for name, version in versions.items():
                logins = [one.login for one in accounts.PEOPLE if name in one.exercises]
                people = [PersonId(one.id) for one in map(stores.people.by_login, logins) if one is not None]
                if people:
                    training.assign(stores, CLI, exercise_version=version, people=people, rules=rules, now=now)
    return versions[accounts.SHOWN]


def _released(services: Services, file: Path) -> str:
    """Release one file through the gate, unless these very bytes are released; return the version's id."""
    content, now = file.read_bytes(), services.clock.now()
    vocabulary = bootstrap.vocabulary(services.settings.site.hospital)
    loaded = loader.load(content, vocabulary=vocabulary, file=file.name)
    key = f"{loaded.exercise.id}@{loaded.exercise.version}"
    with services.database.reading() as stores:
        if any(one.id == key and one.sha256 == loaded.sha256 for one in stores.exercises.all()):
            return key
    proven = f"{loaded.sha256},{CONTRACT_VERSION}" in PROVEN.read_text(encoding="utf-8").split()
    with stages.site(bootstrap.worker_services(services.settings), real=not proven) as prover:
        report = prover.prove(content, loaded)
    # Run through pages already, by the tests of this checkout: these bytes, this contract.
    report = replace(report, real=report.real or proven)
    with services.database.transaction() as stores:
        operations.save(stores, CLI, loaded, content, now=now)
        operations.keep(stores, services.files, report, now=now)
        version, _ = operations.release(stores, services.files, CLI, loaded, content, now=now)
    return version.id

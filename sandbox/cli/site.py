"""his-sandbox db | image | dataset | audit | doctor: the installation itself."""

from __future__ import annotations

from pathlib import Path

import click

from sandbox import bootstrap, installing
from sandbox.audit import chain
from sandbox.cli.doctoring import examine
from sandbox.cli.showing import telling_errors, terminal
from sandbox.errors import ImageMissingError
from sandbox.people.model import CLI


@click.group()
def db() -> None:
    """The database: make it, bring it up to date."""


@db.command("init")
@telling_errors
def init() -> None:
    """Make folders, secret and schema, or bring the schema up to date. Safe to repeat."""
    settings = terminal().settings()
    bootstrap.prepare(settings)
    terminal().say("数据库已就绪。", "The database is ready.")


@click.group()
def image() -> None:
    """The image that cells are made from."""


@image.command("build")
@click.option("--base-image", envvar="BASE_IMAGE", default="", help="Use this base instead of making one.")
@telling_errors
def build(base_image: str) -> None:
    """Build the image of this checkout, without any registry, and register it."""
    services = terminal().services()
    state = services.settings.site.state
    made = installing.build_image(
        state,
        engine_url=services.settings.worker.engine,
        base_image=base_image,
        say=lambda text: click.echo(text, err=True),
    )
    registered = installing.register_image(services, CLI, made, engine_url=services.settings.worker.engine)
    terminal().show({"image": registered.id, "contract": registered.contract})


@image.command("register")
@click.argument("image_id")
@telling_errors
def register(image_id: str) -> None:
    """Make an image that is on the engine the one to use."""
    services = terminal().services()
    registered = installing.register_image(services, CLI, image_id, engine_url=services.settings.worker.engine)
    terminal().show({"image": registered.id, "contract": registered.contract})


@click.group()
def dataset() -> None:
    """Golden datasets: synthetic patients, built once, copied per cell."""


@dataset.command("build")
@click.argument("name", default="base")
@telling_errors
def build_dataset(name: str) -> None:
    """Build a dataset with the registered image, unless it is there."""
    services = terminal().services()
    with services.database.reading() as stores:
        latest = stores.images.latest()
    if latest is None:
        raise ImageMissingError("no image is registered", image="his")
    one_shot = bootstrap.worker_services(services.settings).one_shot
    built = installing.build_dataset(services, CLI, one_shot, latest, name)
    terminal().show({"dataset": built.name, "sha256": built.sha256, "bytes": built.bytes, "built": built.built_at})


@dataset.command("check")
@click.argument("folder", type=click.Path(path_type=Path))
@telling_errors
def check_hospital(folder: Path) -> None:
    """Check a folder with a site's own hospital: name, departments, drugs, fees. Exit code 1 if anything is wrong."""
    spoken = terminal()
    problems = installing.examine_hospital(folder)
    if not problems:
        spoken.say(
            "目录可用：把 site.hospital 指向它，再运行 dataset build。",
            "The folder can be used: point site.hospital to it and run dataset build.",
        )
    spoken.table(
        ({"place": each.place, "problem": each.zh if spoken.language == "zh" else each.en} for each in problems),
        empty=("没有发现问题。", "Nothing is wrong."),
    )
    if problems:
        raise SystemExit(1)


@dataset.command("key")
@click.argument("name", default="base")
@click.option("--all", "everybody", is_flag=True, help="Also the hundreds with an allergy to penicillin, or no entry.")
@telling_errors
def show_key(name: str, everybody: bool) -> None:
    """Show the key of a dataset: namesakes, duplicates, lures and whom else was planted. For trainers only."""
    spoken = terminal()
    planted = installing.key(name, spoken.settings().site.hospital)
    few = (each for each in planted if everybody or each["planted"] not in installing.SHARES_OF_THE_TOWN)
    spoken.table(few, empty=("没有植入的人员。", "Nobody is planted."))


@click.group()
def audit() -> None:
    """The audit trail of the platform."""


@audit.command("verify")
@telling_errors
def verify() -> None:
    """Check the whole hash chain."""
    seq, prev, broken = 0, chain.GENESIS, None
    with terminal().services().database.reading() as stores:
        while broken is None and (page := stores.audit.chain(after=seq)):
            broken = chain.broken_at(page, seq=seq, prev=prev)
            seq, prev = page[-1].seq, page[-1].hash
    terminal().show({"entries": seq, "chain": broken or "ok"})
    if broken:
        raise SystemExit(70)


@click.command()
@telling_errors
def doctor() -> None:
    """Check this machine and site: one line per concern, with the fix. Exit code 1 if anything is broken."""
    spoken = terminal()
    findings = examine(spoken.settings())
    marks = {"good": "ok", "warn": "!", "bad": "✗"}
    spoken.table(
        (
            {
                "": marks[each.tone],
                "concern": each.key if spoken.as_json else each.title.say(spoken.language),
                "found": each.found.say(spoken.language),
                "fix": each.fix.say(spoken.language) if each.fix else "",
            }
            for each in findings
        ),
        empty=("", ""),
    )
    if any(each.tone == "bad" for each in findings):
        raise SystemExit(1)


COMMANDS = (db, image, dataset, audit, doctor)

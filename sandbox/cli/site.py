"""his-sandbox db | image | dataset | audit | doctor: the installation itself."""

from __future__ import annotations

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

"""What a site needs before the first launch: the image on the engine, its row, a golden dataset. Safe to repeat."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from fixtures import datasets
from sandbox.adapters import imaging
from sandbox.adapters.drivers import process
from sandbox.adapters.imaging import Recipe
from sandbox.audit import operations as audit
from sandbox.bootstrap import Services
from sandbox.contract import CONTRACT_VERSION
from sandbox.people import policy
from sandbox.people.model import Actor
from sandbox.provisioning import golden
from sandbox.provisioning.model import GoldenDataset, Image
from sandbox.provisioning.ports import OneShot

CHECKOUT = Path(__file__).resolve().parents[1]

Say = Callable[[str], None]


def build_image(state: Path, *, engine_url: str, base_image: str, say: Say) -> str:
    """Return the id of the image of these sources, building what is missing. Raises EngineUnavailableError."""
    recipe = Recipe(root=CHECKOUT, cache=state / "cache", base_image=base_image)
    with closing(imaging.client(engine_url)) as engine:
        return imaging.build(engine, recipe, say=say)


def process_image() -> str:
    """Return what stands for an image where cells are child processes: a name for the sources as they are now."""
    return process.image_of(CHECKOUT)


def register_image(services: Services, actor: Actor, image_id: str, *, engine_url: str) -> Image:
    """Make this image the one that cells are made from. Raises ImageMissingError, ContractMismatchError."""
    now = services.clock.now()
    if image_id.startswith(process.IMAGE_PREFIX):
        image = Image(id=image_id, contract=CONTRACT_VERSION, registered_at=now)
    else:
        with closing(imaging.client(engine_url)) as engine:
            image = imaging.describe(engine, image_id, now=now)
    policy.require(actor, "image.register")
    with services.database.transaction() as stores:
        latest = stores.images.latest()
        if latest is None or latest.id != image.id:
            stores.images.add(image)
            audit.record(stores, actor, "image.register", image.id, at=now, facts={"contract": image.contract})
    return image


def records(name: str) -> golden.RecordSource:
    """Return the dataset called `name` as a source of records."""
    # The key without an image names the specification, the seed, the sources and Faker's version.
    fingerprint = datasets.inputs_key(name, image="")
    return golden.RecordSource(name=name, fingerprint=fingerprint, stream=lambda: datasets.stream(name))


def build_dataset(services: Services, actor: Actor, one_shot: OneShot, image: Image, name: str) -> GoldenDataset:
    """Return the golden dataset of this image, building it with the image's own program if it is missing."""
    policy.require(actor, "dataset.build")
    folder = services.settings.site.state / "datasets"
    return golden.ensure(
        services.database.transaction, one_shot, image.id, records(name), folder, now=services.clock.now()
    )


def rehearsal_dataset(one_shot: OneShot, image: str, folder: Path, name: str = "base") -> Path:
    """Return a golden file for scripts run by this checkout's own hospital, built only if sources or records changed.

    No site knows of it: an exercise can be checked where no database is.
    """
    source = records(name)
    path = folder / f"{golden.inputs_key(image, source)}.db"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        for outdated in folder.glob("*.db"):
            outdated.unlink(missing_ok=True)
        one_shot.seed(image, source.stream(), path)
    return path

"""What a site needs before the first launch: the image on the engine, its row, a golden dataset. Safe to repeat."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from fixtures import consistency, datasets, site, specification
from sandbox.adapters import imaging
from sandbox.adapters.drivers import process
from sandbox.adapters.imaging import Recipe
from sandbox.audit import operations as audit
from sandbox.bootstrap import Services
from sandbox.contract import CONTRACT_VERSION
from sandbox.errors import HospitalInvalidError
from sandbox.people import policy
from sandbox.people.model import Actor
from sandbox.provisioning import golden
from sandbox.provisioning.model import GoldenDataset, Image
from sandbox.provisioning.ports import OneShot

CHECKOUT = Path(__file__).resolve().parents[1]

Say = Callable[[str], None]
SHARES_OF_THE_TOWN = frozenset({"no_allergy_entry", "penicillin_allergy"})
"""Kinds of the key that hundreds of people are of."""
_KEY_COLUMNS = ("mrn", "name", "sex", "birth_date", "status")


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


def records(name: str, hospital: Path | None = None) -> golden.RecordSource:
    """Return the dataset called `name` as a source of records; `hospital` is the folder of a site's own.

    Raises HospitalInvalidError naming everything that is wrong with that folder.
    """
    try:
        # The key without an image names the specification, the seed, the sources, the folder and Faker's version.
        fingerprint = datasets.inputs_key(name, image="", folder=hospital)
    except site.SiteUnfitError as unfit:
        raise HospitalInvalidError(
            str(unfit),
            problems_zh="\n".join(each.say("zh") for each in unfit.problems),
            problems_en="\n".join(each.say("en") for each in unfit.problems),
        ) from unfit
    return golden.RecordSource(name=name, fingerprint=fingerprint, stream=lambda: datasets.stream(name, hospital))


def examine_hospital(folder: Path) -> tuple[site.Problem, ...]:
    """Return everything wrong with a site's own hospital: its files, then what a small dataset made from it breaks."""
    try:
        catalogue = site.read(folder)
        built = datasets.build(specification.named("small", catalogue))
    except site.SiteUnfitError as unfit:
        return unfit.problems
    except ValueError as unfit:
        return (site.of_the_whole(folder, str(unfit)),)
    return tuple(site.of_the_whole(folder, each) for each in consistency.problems(datasets.lines(built)))


def key(name: str, hospital: Path | None = None) -> tuple[dict[str, object], ...]:
    """Return the key of a dataset: who was planted for what, with the words a search finds them by."""
    dataset = datasets.build(specification.named(name, site.read(hospital)))
    people = {row["label"]: row for row in dataset.tables["patient"]}
    return tuple(
        {"planted": kind, "label": label, **{column: people[label][column] for column in _KEY_COLUMNS}}
        for kind, labels in dataset.key.items()
        for label in labels
    )


def build_dataset(services: Services, actor: Actor, one_shot: OneShot, image: Image, name: str) -> GoldenDataset:
    """Return the golden dataset of this image, building it with the image's own program if it is missing."""
    policy.require(actor, "dataset.build")
    folder = services.settings.site.state / "datasets"
    return golden.ensure(
        services.database.transaction,
        one_shot,
        services.files,
        image.id,
        records(name, services.settings.site.hospital),
        folder,
        now=services.clock.now(),
    )


def rehearsal_dataset(
    one_shot: OneShot, image: str, folder: Path, name: str = "base", *, hospital: Path | None = None
) -> Path:
    """Return a golden file for scripts run by this checkout's own hospital, built only if sources or records changed.

    No site's database knows of it: an exercise can be checked where there is none.
    """
    source = records(name, hospital)
    path = folder / f"{golden.inputs_key(image, source)}.db"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        for outdated in folder.glob("*.db"):
            outdated.unlink(missing_ok=True)
        one_shot.seed(image, source.stream(), path)
    return path

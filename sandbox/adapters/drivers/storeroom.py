"""What the engine keeps for a site beside its cells: programs of killed runs, images of earlier builds."""

from __future__ import annotations

import http.client
from collections.abc import Mapping, Sequence
from pathlib import Path

import docker.errors

from sandbox.adapters.drivers import oneshot, profile
from sandbox.adapters.drivers.engine import Engine
from sandbox.errors import LostRaceError


class DockerStoreroom:
    """Fulfils provisioning.pruning.Storeroom. Touches nothing without this site's label or row."""

    def __init__(self, *, site: str, engine: Engine, scratch: Path) -> None:
        self._site = site
        self._engine = engine
        self._scratch = scratch

    def one_shots(self) -> Mapping[str, str]:
        with self._engine.call() as client:
            found = client.containers(all=True, filters={"label": f"{profile.ONE_SHOT_LABEL}={self._site}"})
        names = {each["Id"]: each["Names"][0].removeprefix("/") for each in found}
        return {
            engine_id: name
            for engine_id, name in names.items()
            if not oneshot.is_held(self._scratch / name.rpartition("-")[2])
        }

    def images(self, ids: Sequence[str]) -> Mapping[str, int]:
        with self._engine.call() as client:
            there = {each["Id"]: int(each["Size"]) for each in client.images(all=True)}
            # Whatever their site: an image serves every checkout whose sources are the same.
            used = {each["ImageID"] for each in client.containers(all=True)}
        return {image: there[image] for image in ids if image in there and image not in used}

    def discard_one_shot(self, engine_id: str) -> None:
        with self._engine.call() as client:
            try:
                client.remove_container(engine_id, v=True, force=True)
            except docker.errors.NotFound:
                return

    def discard_image(self, image: str) -> None:
        with self._engine.call() as client:
            try:
                client.remove_image(image)
            except docker.errors.NotFound:
                return
            except docker.errors.APIError as said:
                if said.status_code != http.client.CONFLICT:
                    raise
                raise LostRaceError(f"image {image[:19]} is in use by now") from said


class NoStoreroom:
    """Fulfils provisioning.pruning.Storeroom where no engine is: there is never anything."""

    def one_shots(self) -> Mapping[str, str]:
        return {}

    def images(self, ids: Sequence[str]) -> Mapping[str, int]:  # noqa: ARG002 - the port's signature
        return {}

    def discard_one_shot(self, engine_id: str) -> None:
        raise LostRaceError(f"no engine, no container {engine_id}")

    def discard_image(self, image: str) -> None:
        raise LostRaceError(f"no engine, no image {image}")

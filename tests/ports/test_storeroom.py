"""What a real engine keeps for a site: programs of killed runs and images of earlier builds, and nobody else's."""

from __future__ import annotations

import io
import secrets
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.adapters import imaging
from sandbox.adapters.drivers import profile
from sandbox.adapters.drivers.engine import Engine
from sandbox.adapters.drivers.oneshot import _held
from sandbox.adapters.drivers.storeroom import DockerStoreroom, NoStoreroom
from sandbox.errors import LostRaceError
from tests import engines

pytestmark = pytest.mark.docker


@pytest.fixture
def room(tmp_path: Path) -> Iterator[DockerStoreroom]:
    engine = Engine(engines.ENGINE_URL)
    yield DockerStoreroom(site=secrets.token_hex(4), engine=engine, scratch=tmp_path)
    engine.close()


def left_program(room: DockerStoreroom, folder: Path) -> str:
    """Make a container as a run does that is killed before its end."""
    folder.mkdir(exist_ok=True)
    body = profile.one_shot(room._site, image=engines.image(), uid=engines.FIRST_UID, command=["x"], folder=folder)
    with room._engine.call() as client:
        made = client.create_container_from_config(body, f"his-oneshot-{room._site}-{folder.name}")
    return str(made["Id"])


def test_a_program_whose_run_was_killed_is_found_and_removed(room: DockerStoreroom, tmp_path: Path) -> None:
    engine_id = left_program(room, tmp_path / "77")
    assert room.one_shots() == {engine_id: f"his-oneshot-{room._site}-77"}
    (tmp_path / "77").rmdir()
    assert list(room.one_shots()) == [engine_id]
    room.discard_one_shot(engine_id)
    room.discard_one_shot(engine_id)
    assert room.one_shots() == {}


def test_a_program_that_works_is_left_alone_and_another_sites_is_not_seen(
    room: DockerStoreroom, tmp_path: Path
) -> None:
    engine_id = left_program(room, tmp_path / "78")
    with _held(tmp_path / "78"):
        assert room.one_shots() == {}
    stranger = DockerStoreroom(site=secrets.token_hex(4), engine=room._engine, scratch=tmp_path)
    assert stranger.one_shots() == {}
    room.discard_one_shot(engine_id)


def own_image() -> str:
    """Import an image of this test's own: one small file."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        content = secrets.token_bytes(2_000_000)
        entry = tarfile.TarInfo("x")
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
    client = imaging.client(engines.ENGINE_URL)
    try:
        name = f"his-test-{secrets.token_hex(4)}"
        client.import_image_from_data(buffer.getvalue(), repository=name, tag="x")
        return str(client.inspect_image(f"{name}:x")["Id"])
    finally:
        client.close()


def test_an_image_that_nothing_uses_is_found_and_removed(room: DockerStoreroom) -> None:
    image, missing = own_image(), "sha256:" + "0" * 64
    assert list(room.images([image, missing])) == [image]
    assert room.images([image])[image] >= 2_000_000
    room.discard_image(image)
    room.discard_image(image)
    assert room.images([image]) == {}


def test_an_image_of_any_container_is_neither_listed_nor_removed(room: DockerStoreroom) -> None:
    image = own_image()
    with room._engine.call() as client:
        container = client.create_container(image, command=["/x"])["Id"]
        try:
            assert room.images([image]) == {}
            with pytest.raises(LostRaceError):
                room.discard_image(image)
        finally:
            client.remove_container(container)
    room.discard_image(image)


def test_without_an_engine_there_is_nothing() -> None:
    room = NoStoreroom()
    assert (room.one_shots(), room.images(["sha256:0"])) == ({}, {})
    for deed in (room.discard_one_shot, room.discard_image):
        with pytest.raises(LostRaceError):
            deed("x")

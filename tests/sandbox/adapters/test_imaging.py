"""The image is what its sources say, built once, without a registry, without a network."""

from __future__ import annotations

import gc
import io
import secrets
import shutil
import socket
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from docker import APIClient

from sandbox.adapters import imaging
from sandbox.adapters.imaging import ImageBuildError, Recipe
from sandbox.contract import CONTRACT_VERSION
from sandbox.errors import ContractMismatchError, EngineUnavailableError, ImageMissingError
from tests import engines

NOW = datetime(2025, 3, 3, tzinfo=UTC)


@pytest.fixture
def client() -> Iterator[APIClient]:
    made = imaging.client(engines.ENGINE_URL)
    yield made
    made.close()


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    """A checkout of its own, with the cache of the real one."""
    for part in ("images/base", "images/his", "sandbox/contract"):
        shutil.copytree(engines.CHECKOUT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(engines.CHECKOUT / "sandbox/__init__.py", tmp_path / "sandbox/__init__.py")
    return Recipe(root=tmp_path, cache=engines.CHECKOUT / ".state/cache")


def test_without_an_engine_there_is_nothing_to_build_with(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailableError):
        imaging.client(f"unix://{tmp_path}/none.sock")


@pytest.mark.docker
def test_equal_sources_are_one_image_and_no_work(client: APIClient, recipe: Recipe) -> None:
    built = imaging.build(client, recipe)
    said: list[str] = []
    assert imaging.build(client, recipe, say=said.append) == built
    assert said == []


@pytest.mark.docker
def test_a_changed_source_is_another_image_on_the_same_base(client: APIClient, recipe: Recipe) -> None:
    (recipe.root / "images/his/his/new.py").write_text(f"MARK = {secrets.token_hex(8)!r}\n")
    built = imaging.build(client, recipe, say=lambda _words: None)
    try:
        old, new = (client.inspect_image(each)["RootFS"]["Layers"] for each in (engines.image(), built))
        assert new != old
        # Base, wheels and their byte code are shared; the hospital and its byte code are new.
        assert new[:3] == old[:3]
        assert len(new) == len(old) == 5
    finally:
        client.remove_image(built, force=True)


@pytest.mark.docker
def test_a_source_that_does_not_compile_fails_the_build(client: APIClient, recipe: Recipe) -> None:
    (recipe.root / "images/his/his/broken.py").write_text(f"def {secrets.token_hex(4)}(:\n")
    with pytest.raises(ImageBuildError, match="SyntaxError"):
        imaging.build(client, recipe, say=lambda _words: None)


@pytest.mark.docker
def test_a_base_that_is_not_there_is_named(client: APIClient, recipe: Recipe) -> None:
    wanted = Recipe(root=recipe.root, cache=recipe.cache, base_image="nobody/nothing:here")
    with pytest.raises(ImageMissingError, match="nobody/nothing"):
        imaging.build(client, wanted)


@pytest.mark.docker
def test_a_site_may_bring_its_own_base(client: APIClient, recipe: Recipe) -> None:
    built = imaging.build(client, recipe)
    own = client.inspect_image(built)["Config"]["Labels"][imaging.BASE_LABEL]
    base = client.images(filters={"label": f"{imaging.BASE_LABEL}={own}"})
    name = next(tag for each in base for tag in each["RepoTags"] if tag.startswith("his-sandbox-base:"))
    wanted = Recipe(root=recipe.root, cache=recipe.cache, base_image=name)
    assert imaging.build(client, wanted) == built


@pytest.mark.docker
def test_the_image_is_described_by_id_and_contract(client: APIClient) -> None:
    found = imaging.describe(client, engines.image(), now=NOW)
    assert (found.id, found.contract, found.registered_at) == (engines.image(), CONTRACT_VERSION, NOW)


@pytest.mark.docker
def test_an_image_of_another_contract_is_refused(client: APIClient) -> None:
    base = client.inspect_image(engines.image())["Config"]["Labels"][imaging.BASE_LABEL]
    tag = f"his-sandbox-base:{base[:16]}"
    with pytest.raises(ContractMismatchError):
        imaging.describe(client, tag, now=NOW)


@pytest.mark.docker
def test_an_image_that_is_not_there_is_named(client: APIClient) -> None:
    with pytest.raises(ImageMissingError, match="sha256:0000"):
        imaging.describe(client, "sha256:" + "0" * 64, now=NOW)


def test_only_contract_and_hospital_go_into_the_image(recipe: Recipe) -> None:
    names = [name for name, _path in imaging._app_files(recipe)]
    assert "sandbox/contract/journal.py" in names
    assert "his/__main__.py" in names
    outside = [name for name in names if not name.startswith(("sandbox/contract/", "his/"))]
    assert outside == ["sandbox/__init__.py"]
    assert not [name for name in names if name.endswith(".pyc")]


def test_an_engine_that_hangs_is_told_and_no_socket_is_left_open(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as hung:
        hung.bind(str(tmp_path / "d.sock"))
        hung.listen()
        with pytest.raises(EngineUnavailableError):
            imaging.facts(f"unix://{tmp_path}/d.sock", timeout_s=0.2)
    gc.collect()


@pytest.mark.docker
def test_an_engine_says_what_it_is() -> None:
    assert imaging.facts(engines.ENGINE_URL, timeout_s=5)["ServerVersion"]


@pytest.mark.docker
def test_the_image_holds_its_templates_compiled(client: APIClient) -> None:
    made = client.create_container(engines.image(), name=f"his-look-{secrets.token_hex(4)}", network_disabled=True)
    try:
        stream, _ = client.get_archive(made["Id"], "/opt/his/ready/templates")
        with tarfile.open(fileobj=io.BytesIO(b"".join(stream))) as found:
            compiled = [each for each in found.getmembers() if each.isfile()]
    finally:
        client.remove_container(made["Id"], force=True)
    assert len(compiled) == len(list((engines.CHECKOUT / "images/his/his").glob("*/templates/**/*.html")))

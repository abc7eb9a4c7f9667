"""Builds the base and the his image through the engine, once per inputs; no registry, no network in the build."""

from __future__ import annotations

import fcntl
import hashlib
import io
import json
import logging
import os
import platform
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import docker.errors
import requests.exceptions
from docker import APIClient

from sandbox.adapters.drivers.engine import require_listening
from sandbox.contract import CONTRACT_VERSION
from sandbox.errors import (
    ContractMismatchError,
    EngineUnavailableError,
    ImageMissingError,
    PermanentError,
)
from sandbox.provisioning.model import Image

log = logging.getLogger(__name__)

BASE_LABEL = "his-sandbox.base"
INPUTS_LABEL = "his-sandbox.inputs"
CONTRACT_LABEL = "his-sandbox.contract"
BUILD_TIMEOUT_S = 600
MTIME = 1_735_689_600
"""All files of the build context carry this time, so that equal inputs give equal layers."""


class ImageBuildError(PermanentError):
    """A build step failed; its last lines are in the detail."""

    code = "SBX-411"
    zh = "镜像构建失败：{step}。"
    en = "Building the image failed: {step}."


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Where the sources lie and where intermediate results may be kept."""

    root: Path
    """The checkout: images/base, images/his, sandbox/contract."""
    cache: Path
    """Wheels and root file systems, by the hash of what they are made from."""
    base_image: str = ""
    """An image with Python 3.11 and tini that is already on the engine; '' = make our own from Debian packages."""


def client(base_url: str, *, timeout_s: float = BUILD_TIMEOUT_S) -> APIClient:
    """Return a client for builds. Raises EngineUnavailableError."""
    require_listening(base_url, timeout_s=timeout_s)
    try:
        return APIClient(base_url=base_url, version="auto", timeout=timeout_s)
    except (docker.errors.DockerException, requests.exceptions.RequestException) as gone:
        raise EngineUnavailableError(f"no engine at {base_url}: {gone}") from gone


def facts(base_url: str, *, timeout_s: float) -> dict[str, Any]:
    """Return what the engine says of itself. Raises EngineUnavailableError, also if it hangs."""
    with closing(client(base_url, timeout_s=timeout_s)) as engine:
        try:
            said: dict[str, Any] = engine.info()
        except (docker.errors.DockerException, requests.exceptions.RequestException) as gone:
            raise EngineUnavailableError(f"no answer from {base_url}: {gone}") from gone
    return said


def build(engine: APIClient, recipe: Recipe, *, say: Callable[[str], None] = log.info) -> str:
    """Return the id of the his image of these sources; build it, and the base, only if they are not there."""
    recipe.cache.mkdir(parents=True, exist_ok=True)
    # The demo and the tests may begin at the same moment; the second finds the first one's work.
    with (recipe.cache / "building").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _build(engine, recipe, say)


def _build(engine: APIClient, recipe: Recipe, say: Callable[[str], None]) -> str:
    base = recipe.base_image or _base(engine, recipe, say)
    base_id = _image_id(engine, base)
    inputs = _inputs(recipe, base_id)
    found = _labelled(engine, INPUTS_LABEL, inputs)
    if found:
        return found
    say("Building the image / 正在构建镜像")
    labels = {INPUTS_LABEL: inputs, CONTRACT_LABEL: str(CONTRACT_VERSION)}
    with _context(recipe) as context:
        lines = engine.build(
            fileobj=context,
            custom_context=True,
            buildargs={"BASE_IMAGE": base},
            labels=labels,
            tag=f"his-sandbox-his:{inputs[:16]}",
            network_mode="none",
            pull=False,
            rm=True,
            forcerm=True,
            decode=True,
        )
        _follow(lines)
    built = _labelled(engine, INPUTS_LABEL, inputs)
    if not built:
        raise ImageBuildError("the engine reported success but has no such image", step="docker build")
    return built


def describe(engine: APIClient, image_id: str, *, now: datetime) -> Image:
    """Return the image as a value. Raises ImageMissingError, ContractMismatchError for another contract's image."""
    try:
        seen = engine.inspect_image(image_id)
    except docker.errors.ImageNotFound as gone:
        raise ImageMissingError(f"image {image_id} is not on this engine", image=image_id) from gone
    except requests.exceptions.RequestException as gone:
        raise EngineUnavailableError(str(gone)) from gone
    label = (seen["Config"].get("Labels") or {}).get(CONTRACT_LABEL, "none")
    if label != str(CONTRACT_VERSION):
        raise ContractMismatchError(f"image {image_id[:19]}: contract {label}, platform: {CONTRACT_VERSION}")
    return Image(id=seen["Id"], contract=CONTRACT_VERSION, registered_at=now)


def _base(engine: APIClient, recipe: Recipe, say: Callable[[str], None]) -> str:
    script = recipe.root / "images/base/build.sh"
    key = hashlib.sha256(script.read_bytes() + platform.machine().encode()).hexdigest()
    tag = f"his-sandbox-base:{key[:16]}"
    if _labelled(engine, BASE_LABEL, key):
        return tag
    archive = recipe.cache / f"base-{key[:16]}.tar"
    if not archive.exists():
        say("Building the base file system from Debian packages / 正在用 Debian 软件包构建基础系统")
        _run([str(script), str(archive)], step="images/base/build.sh")
    engine.import_image_from_file(
        str(archive), repository=tag.partition(":")[0], tag=tag.partition(":")[2], changes=[f"LABEL {BASE_LABEL}={key}"]
    )
    return tag


def _image_id(engine: APIClient, name: str) -> str:
    try:
        return str(engine.inspect_image(name)["Id"])
    except docker.errors.ImageNotFound as gone:
        raise ImageMissingError(f"base image {name} is not on this engine", image=name) from gone


def _labelled(engine: APIClient, label: str, value: str) -> str:
    """Return the image with this label, '' if there is none; of two that were built at once always the same one."""
    found = engine.images(filters={"label": f"{label}={value}"})
    return min((str(each["Id"]) for each in found), default="")


def _inputs(recipe: Recipe, base_id: str) -> str:
    digest = hashlib.sha256(f"{base_id}\n{CONTRACT_VERSION}\n".encode())
    named = [("Dockerfile", _dockerfile(recipe)), ("lock", _lock(recipe)), *_app_files(recipe)]
    for name, path in named:
        content = path.read_bytes()
        digest.update(f"{name}\n{len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def _dockerfile(recipe: Recipe) -> Path:
    return recipe.root / "images/his/Dockerfile"


def _lock(recipe: Recipe) -> Path:
    return recipe.root / "images/his/requirements.lock"


def _app_files(recipe: Recipe) -> list[tuple[str, Path]]:
    """Return (name below /opt/his/app, file), sorted: the contract and the hospital, nothing else of ours."""
    root = recipe.root
    files = [("sandbox/__init__.py", root / "sandbox/__init__.py")]
    files += [(f"sandbox/contract/{name}", path) for name, path in _tree(root / "sandbox/contract")]
    files += [(f"his/{name}", path) for name, path in _tree(root / "images/his/his")]
    return sorted(files)


def _tree(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(folder).as_posix(), path


def _site(recipe: Recipe) -> Path:
    """Return a folder with the locked wheels installed; made once per lock."""
    lock = _lock(recipe)
    key = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()[:16]
    site = recipe.cache / f"site-{key}"
    if site.exists():
        return site
    wheels = recipe.cache / f"wheels-{key}"
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input"]
    locked = ["--require-hashes", "--no-deps", "--requirement", str(lock)]
    _run([*pip, "download", "--only-binary=:all:", "--dest", str(wheels), *locked], step="pip download")
    fresh = recipe.cache / f"site-{key}.{os.getpid()}"
    install = ["install", "--no-index", "--find-links", str(wheels), "--no-compile", "--target", str(fresh), *locked]
    _run([*pip, *install], step="pip install")
    shutil.rmtree(fresh / "bin", ignore_errors=True)
    fresh.rename(site)
    return site


def _context(recipe: Recipe) -> io.BytesIO:
    """Return the build context as an uncompressed tar."""
    buffer = io.BytesIO()
    files = [("Dockerfile", _dockerfile(recipe))]
    files += [(f"app/{name}", path) for name, path in _app_files(recipe)]
    # RECORD holds the hash of a script that names this checkout's Python: the layer would differ between checkouts.
    files += [(f"site/{name}", path) for name, path in _tree(_site(recipe)) if path.name != "RECORD"]
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, path in files:
            content = path.read_bytes()
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime, entry.mode = len(content), MTIME, 0o644
            tar.addfile(entry, io.BytesIO(content))
    buffer.seek(0)
    return buffer


def _follow(lines: Sequence[dict[str, Any]]) -> None:
    """Read the build's output to its end. Raises ImageBuildError with the last lines."""
    said: list[str] = []
    for line in lines:
        said.append(str(line.get("stream", "")).rstrip())
        if "error" in line:
            raise ImageBuildError("\n".join([*said[-20:], json.dumps(line["error"])]), step="docker build")


def _run(command: list[str], *, step: str) -> None:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ImageBuildError("\n".join((done.stdout + done.stderr).splitlines()[-20:]), step=step)

"""The container engine's API: a client per thread, ten seconds per call, its errors told as ours."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import docker.errors
import requests
import requests.exceptions
from docker import APIClient

from sandbox.errors import (
    DiskFullError,
    EngineUnavailableError,
    ImageMissingError,
    OutcomeUnknownError,
    PermanentError,
    SandboxError,
)

OLDEST_API = (1, 41)
"""Debian 12's engine (20.10). Older ones drop fields of the profile in silence."""


class EngineRefusedError(PermanentError):
    """The engine understood the call and said no."""

    code = "SBX-409"
    zh = "容器引擎拒绝了请求（{detail}）。"
    en = "The container engine refused ({detail})."


class Engine:
    """Hands out clients. A client is not safe between threads, so each thread keeps its own."""

    def __init__(
        self, base_url: str, *, timeout_s: float = 10.0, began: Callable[[], Callable[[str], None]] = lambda: _forget
    ) -> None:
        """`began` hears of every call and returns what hears of its end: '' or the code of its error."""
        self._base_url = base_url
        self._timeout_s = timeout_s
        self._began = began
        self._local = threading.local()
        self._clients: list[APIClient] = []
        self._said = ""

    @contextmanager
    def call(self) -> Iterator[APIClient]:
        """Yield this thread's client and turn what it raises into our errors.

        NotFound and Conflict pass through: what they mean depends on the verb.
        """
        ended, code = self._began(), ""
        try:
            with self._translated() as client:
                yield client
        except SandboxError as wrong:
            code = wrong.code
            raise
        finally:
            ended(code)

    @contextmanager
    def _translated(self) -> Iterator[APIClient]:
        require_listening(self._base_url, timeout_s=self._timeout_s)
        try:
            yield self._client()
        except (docker.errors.NotFound, SandboxError):
            raise
        except docker.errors.APIError as said:
            if said.status_code == http.client.CONFLICT:
                raise
            raise _named(said) from said
        except requests.exceptions.Timeout as late:
            raise OutcomeUnknownError(f"no answer within {self._timeout_s} s: {late}") from late
        except requests.exceptions.RequestException as broken:
            raise OutcomeUnknownError(f"no whole answer from the engine: {broken}") from broken
        except docker.errors.DockerException as gone:
            raise EngineUnavailableError(f"{self._base_url}: {gone}") from gone

    def version(self) -> str:
        """Return what the engine called itself in the head of its last answer, 'unknown' before the first."""
        return self._said.partition(" ")[0] or "unknown"

    def _listen(self, answer: requests.Response, **_: object) -> None:
        self._said = answer.headers.get("Server", "")

    def close(self) -> None:
        """Close every thread's client. The engine must not be used afterwards."""
        while self._clients:
            self._clients.pop().close()

    def _client(self) -> APIClient:
        client = getattr(self._local, "client", None)
        if client is None:
            client = APIClient(base_url=self._base_url, version="auto", timeout=self._timeout_s)
            client.hooks["response"].append(self._listen)
            version = tuple(int(part) for part in client.api_version.split("."))
            if version < OLDEST_API:
                raise EngineRefusedError(f"the engine speaks API {client.api_version}, at least 1.41 is needed")
            self._local.client = client
            self._clients.append(client)
        return client


def require_listening(base_url: str, *, timeout_s: float) -> None:
    """Raise EngineUnavailableError if nobody is there: only then is it known that nothing happened."""
    if not base_url.startswith("unix://"):
        return
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(timeout_s)
        try:
            probe.connect(base_url.removeprefix("unix://"))
        except OSError as gone:
            raise EngineUnavailableError(f"{base_url}: {gone}") from gone


def image_config(engine: Engine, image: str) -> dict[str, Any]:
    """Return what the image itself says about command and environment. Raises ImageMissingError."""
    with engine.call() as client:
        try:
            config: dict[str, Any] = client.inspect_image(image)["Config"]
        except docker.errors.ImageNotFound as gone:
            raise ImageMissingError(f"image {image} is not on this engine", image=image) from gone
    return config


def _forget(_code: str) -> None:
    """Hear of the end of a call that nobody times."""


def _named(said: docker.errors.APIError) -> SandboxError:
    words = str(said.explanation or said)
    if "no space left on device" in words:
        return DiskFullError(words, what="disk")
    if said.is_server_error():
        return EngineUnavailableError(words)
    return EngineRefusedError(words)

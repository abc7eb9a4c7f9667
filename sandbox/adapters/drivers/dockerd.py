"""Cells as hardened containers of one engine. Takes ids, never options; removes by engine id; calls exec never."""

from __future__ import annotations

import http.client
import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import docker.errors
from docker import APIClient

from sandbox.adapters.drivers import host, profile, walls
from sandbox.adapters.drivers.engine import Engine, EngineRefusedError, image_config
from sandbox.adapters.drivers.folders import Folders
from sandbox.contract import layout
from sandbox.errors import ImageMissingError, OutcomeUnknownError, ProfileDriftError
from sandbox.provisioning import attestation
from sandbox.provisioning.attestation import Attestation, HostFacts
from sandbox.provisioning.model import CellId, CellSpec, DriverFacts, Endpoint, SeenCell

log = logging.getLogger(__name__)


_LOG_LINES = 2000
"""Asked for; the profile caps the whole log at 2 MiB, so whatever a cell writes this is what an answer can hold."""


class DockerDriver:
    """Fulfils provisioning.ports.Driver."""

    def __init__(self, *, site: str, folders: Folders, engine: Engine) -> None:
        self._site = site
        self._folders = folders
        self._engine = engine
        self._image_configs: dict[str, dict[str, Any]] = {}
        self._containers: dict[CellId, str] = {}

    def facts(self) -> DriverFacts:
        return DriverFacts(name="docker", isolates=True, survives_restart=True, profile=profile.fingerprint())

    def observe(self) -> Sequence[SeenCell]:
        """Return every container with our site's label. One call: the reconciler asks often."""
        with self._engine.call() as client:
            found = client.containers(all=True, filters={"label": f"{profile.SITE_LABEL}={self._site}"})
        seen = [self._seen(each["Id"], each["Labels"], running=each["State"] == "running") for each in found]
        self._containers = {one.cell: one.engine_id for one in seen}
        return seen

    def find(self, cell: CellId) -> SeenCell | None:
        """Ask for one by its name: listing all two hundred to remove one would cost more than the removal."""
        with self._engine.call() as client:
            try:
                found = client.inspect_container(self._name(cell))
            except docker.errors.NotFound:
                return None
        return self._seen(found["Id"], found["Config"]["Labels"] or {}, running=found["State"]["Running"])

    def ensure(self, spec: CellSpec) -> SeenCell:
        """Make folders and container, or adopt the container of that name if its labels are ours.

        OutcomeUnknownError while the engine still makes what an earlier call asked for: an engine that was hung keeps
        the name and has no container yet.
        """
        _refuse(spec)
        self._folders.make(spec.cell, spec.uid)
        name = self._name(spec.cell)
        with self._engine.call() as client:
            try:
                client.create_container_from_config(self._creation(spec), name)
                log.debug("container of cell %s created", spec.cell)
            except docker.errors.ImageNotFound as gone:
                raise ImageMissingError(f"image {spec.image} is not on this engine", image=spec.image) from gone
            except docker.errors.APIError as said:
                if said.status_code != http.client.CONFLICT:
                    raise
                log.debug("cell %s already has a container", spec.cell)
        seen = self._adopt(spec, self._inspect(spec.cell))
        self._containers[spec.cell] = seen.engine_id
        return seen

    def start(self, cell: CellId) -> None:
        seen = self._inspect(cell)
        if seen["State"]["Running"]:
            return
        # A cell that had filled its socket folder could never bind again; it is empty at each start.
        self._folders.renew_run(cell)
        with self._engine.call() as client:
            client.start(seen["Id"])

    def stage(self, cell: CellId, golden: Path) -> None:
        self._folders.stage(cell, golden)

    def place(self, cell: CellId, golden: Path) -> None:
        self._folders.place(cell, golden)

    def read_back(self, cell: CellId) -> str:
        return self._folders.read_back(cell)

    def stop(self, cell: CellId, grace_s: float) -> None:
        with self._engine.call() as client:
            try:
                client.stop(self._name(cell), timeout=max(1, round(grace_s)))
            except docker.errors.NotFound:
                log.debug("cell %s is already gone", cell)

    def remove(self, seen: SeenCell) -> None:
        """Remove by id, so that a late call hits only what it meant; the folders only after the container."""
        with self._engine.call() as client:
            try:
                client.remove_container(seen.engine_id, v=True, force=True)
            except docker.errors.NotFound:
                log.debug("container of cell %s is already gone", seen.cell)
            except docker.errors.APIError as said:
                if said.status_code != http.client.CONFLICT:
                    raise
                raise OutcomeUnknownError(f"the engine is still removing {seen.engine_id}") from said
            if self._succeeded(client, seen.cell):
                log.debug("cell %s has another container by now, its folders stay", seen.cell)
                return
        self._folders.remove(seen.cell)

    def discard_folders(self, cell: CellId) -> None:
        self._folders.remove(cell)

    def endpoint(self, cell: CellId) -> Endpoint:
        """No engine call: commands to cells must not wait for an engine that hangs."""
        return replace(self._folders.endpoint(cell), container=self._containers.get(cell, ""))

    def log_tail(self, cell: CellId, limit: int) -> bytes:
        with self._engine.call() as client:
            try:
                told: bytes = client.logs(self._name(cell), stdout=True, stderr=True, tail=_LOG_LINES)
            except docker.errors.NotFound:
                return b""
        return told[-limit:]

    def attest(self, cell: CellId) -> Attestation:
        """Compare what the engine says it applied, then what the kernel says of the processes, with the profile."""
        seen = self._inspect(cell)
        uid = self._folders.owner(cell)
        spec = CellSpec(cell=cell, uid=uid, image=seen["Image"], fence=0)
        wrong = profile.differences(seen, self._creation(spec), self._image_config(seen["Image"]))
        facts = self._host_facts(cell, seen) if seen["State"]["Running"] else None
        read = attestation.readings(facts, walls.of_cell(seen["Id"], uid)) if facts else ()
        wrong += attestation.findings(read)
        if wrong:
            raise ProfileDriftError(f"cell {cell}: {', '.join(wrong)}", fields=", ".join(wrong))
        return Attestation(
            isolates=True,
            container=seen["Id"],
            begun=f"{seen['State']['Pid']} {seen['State']['StartedAt']}",
            uid=uid,
            image=seen["Image"],
            profile=profile.fingerprint(),
            engine=self._engine.version(),
            kernel=facts.kernel if facts else "",
            readings=read,
        )

    def _host_facts(self, cell: CellId, seen: dict[str, Any]) -> HostFacts:
        run, data = self._folders.run_folder(cell), self._folders.data_folder(cell)
        return host.read(seen["State"]["Pid"], {str(layout.RUN_MOUNT): run, str(layout.DATA_MOUNT): data})

    def _name(self, cell: CellId) -> str:
        return profile.container_name(self._site, cell)

    def _creation(self, spec: CellSpec) -> dict[str, Any]:
        run, data = self._folders.run_folder(spec.cell), self._folders.data_folder(spec.cell)
        return profile.creation(self._site, spec, run=run, data=data)

    def _inspect(self, cell: CellId) -> dict[str, Any]:
        with self._engine.call() as client:
            try:
                seen: dict[str, Any] = client.inspect_container(self._name(cell))
            except docker.errors.NotFound as gone:
                raise OutcomeUnknownError(f"cell {cell} has no container at the moment") from gone
        return seen

    def _succeeded(self, client: APIClient, cell: CellId) -> bool:
        """Say whether a container made after the removed one works on the same folders."""
        try:
            client.inspect_container(self._name(cell))
        except docker.errors.NotFound:
            return False
        return True

    def _image_config(self, image: str) -> dict[str, Any]:
        # An id names content, so what was read once stays true.
        if image not in self._image_configs:
            self._image_configs[image] = image_config(self._engine, image)
        return self._image_configs[image]

    def _adopt(self, spec: CellSpec, seen: dict[str, Any]) -> SeenCell:
        found = seen["Config"]["Labels"] or {}
        wrong = [
            label
            for label, value in profile.labels(self._site, spec).items()
            if label != profile.FENCE_LABEL and found.get(label) != value
        ]
        if seen["Image"] != spec.image:
            wrong.append("Image")
        if wrong:
            raise ProfileDriftError(f"container of cell {spec.cell} has other {wrong}", fields=", ".join(wrong))
        return self._seen(seen["Id"], found, running=seen["State"]["Running"])

    def _seen(self, engine_id: str, found: dict[str, str], *, running: bool) -> SeenCell:
        cell = CellId(found.get(profile.CELL_LABEL, ""))
        return SeenCell(
            cell=cell,
            engine_id=engine_id,
            running=running,
            spec_label=found.get(profile.SPEC_LABEL, ""),
            folders=self._folders.complete(cell),
        )


def _refuse(spec: CellSpec) -> None:
    """What the profile cannot check: the three values a caller does give."""
    if not spec.image.startswith("sha256:"):
        raise ImageMissingError(f"{spec.image!r} is a name, not an id: names can be moved", image=spec.image)
    if spec.uid < 1000:
        raise EngineRefusedError(f"uid {spec.uid} belongs to the system, a cell never gets it")

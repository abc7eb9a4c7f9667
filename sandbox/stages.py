"""Where exercises are proven: in this checkout's own hospital, or in the image and the cells of a site.

Cells that live for one test belong to a driver of their own, under a label that no worker's reconciler looks at.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from sandbox import bootstrap, config, installing
from sandbox.adapters.control_http import HttpControlChannel
from sandbox.adapters.drivers.dockerd import DockerDriver
from sandbox.adapters.drivers.engine import Engine
from sandbox.adapters.drivers.folders import Folders
from sandbox.adapters.drivers.oneshot import ImageOneShot, ProcessProgram
from sandbox.adapters.drivers.process import ProcessDriver
from sandbox.authoring.errand import Progress, Prove
from sandbox.authoring.gate_report import GateReport
from sandbox.bootstrap import WorkerServices
from sandbox.clock import SystemClock
from sandbox.errors import NotReadyError
from sandbox.exercises import loader
from sandbox.installing import CHECKOUT
from sandbox.proving import Prover
from sandbox.provisioning import golden
from sandbox.provisioning.ports import Driver
from sandbox.robot.living import Cells

STATE = CHECKOUT / ".state"
UID = 1_899_000
"""Of cells of no site: far from those of any."""
_GATE_UID = 110_000
"""Added to the first uid of a site's cells: a cell of the gate never shares one with a trainee's."""


@contextmanager
def checkout(*, real: bool = False, hospital: Path | None = None) -> Iterator[Prover]:
    """Yield a prover of this checkout; no site and no engine needed. The first use builds a dataset in some seconds.

    `hospital` is the folder of a site's own. Raises HospitalInvalidError.
    """
    image = installing.process_image()
    one_shot = ImageOneShot(program=ProcessProgram(CHECKOUT), scratch=STATE / "scratch")
    file = installing.rehearsal_dataset(one_shot, image, STATE / "cache" / "rehearsal", hospital=hospital)
    prover = Prover(one_shot=one_shot, image=image, golden=file, vocabulary=bootstrap.vocabulary(hospital))
    if not real:
        yield prover
        return
    # Short: a socket's path ends at 107 bytes.
    top = Path(tempfile.mkdtemp(prefix="his-"))
    top.chmod(0o755)
    try:
        folders = Folders(run_root=top / "run", data_root=top / "data", readers_gid=UID)
        yield replace(prover, pages=_cells(ProcessDriver(folders=folders, root=CHECKOUT), image, file, UID))
    finally:
        shutil.rmtree(top)


@contextmanager
def site(services: WorkerServices, *, real: bool = True, stop: threading.Event | None = None) -> Iterator[Prover]:
    """Yield a prover with the newest image of a site, its golden dataset and, with `real`, cells of its own.

    Raises NotReadyError while there is no image or no dataset.
    """
    settings = services.settings
    source = installing.records("base", settings.site.hospital)
    with services.database.reading() as stores:
        image = stores.images.latest()
        made = None if image is None else stores.goldens.by_key(golden.inputs_key(image.id, source))
    if image is None or made is None:
        raise NotReadyError("the site has no image or no golden dataset yet")
    file = settings.site.state / "datasets" / f"{made.sha256}.db"
    vocabulary = bootstrap.vocabulary(settings.site.hospital)
    prover = Prover(one_shot=services.one_shot, image=image.id, golden=file, vocabulary=vocabulary)
    if not real:
        yield prover
        return
    with _driver(settings) as driver:
        # What a worker left that was killed in the middle.
        for left in driver.observe():
            driver.remove(left)
        uid = settings.cell.uid_base + _GATE_UID
        yield replace(prover, pages=_cells(driver, image.id, file, uid, stop=stop))


def gate_of(services: WorkerServices, stop: threading.Event) -> Prove:
    """Return what the worker's gatekeeper runs on a draft."""

    def prove(content: bytes, tell: Progress) -> GateReport:
        loaded = loader.load(content, vocabulary=bootstrap.vocabulary(services.settings.site.hospital))
        with site(services, stop=stop) as prover:
            return prover.prove(content, loaded, tell=tell)

    return prove


def _cells(driver: Driver, image: str, file: Path, uid: int, *, stop: threading.Event | None = None) -> Cells:
    clock = SystemClock()
    return Cells(
        driver=driver,
        control=HttpControlChannel(monotonic=clock.monotonic),
        image=image,
        golden=file,
        uid=uid,
        clock=clock,
        stopped=stop or threading.Event(),
    )


@contextmanager
def _driver(settings: config.Settings) -> Iterator[Driver]:
    run = settings.site.run
    folders = Folders(
        run_root=run.with_name(f"{run.name}-gate"),
        data_root=settings.site.state / "gate",
        readers_gid=settings.cell.http_gid,
    )
    if settings.cell.driver == "process":
        yield ProcessDriver(folders=folders, root=CHECKOUT)
        return
    engine = Engine(settings.worker.engine, timeout_s=settings.worker.call_timeout_s)
    label = hashlib.sha256(f"gate of {settings.site.id}".encode()).hexdigest()[:8]
    try:
        yield DockerDriver(site=label, folders=folders, engine=engine)
    finally:
        engine.close()

"""An engine of the test's own: data, sockets and daemons in folders the test made. The real one is never touched."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.adapters import imaging
from sandbox.adapters.drivers.engine import require_listening
from sandbox.errors import EngineUnavailableError
from tests import engines


class SecondEngine:
    """A containerd and a dockerd that a test may stop, kill, freeze and fill."""

    def __init__(self, top: Path, *, live_restore: bool, data_size: str) -> None:
        self.top = top
        self.url = f"unix://{top}/docker.sock"
        self.data = top / "data"
        self._live_restore = live_restore
        self._data_size = data_size
        self._daemons: dict[str, subprocess.Popen[bytes]] = {}

    def open(self) -> None:
        (self.top / "daemon.json").write_text("{}")
        self.data.mkdir()
        if self._data_size:
            small = ["mount", "-t", "tmpfs", "-o", f"size={self._data_size}", "his-engine", str(self.data)]
            subprocess.run(small, check=True)
        self._start_containerd()
        self.start()

    def _start_containerd(self) -> None:
        self._daemon(
            "containerd",
            "--config=/dev/null",
            f"--root={self.top}/containerd",
            f"--state={self.top}/containerd-run",
            f"--address={self.top}/containerd.sock",
        )
        engines.until(lambda: self._listens("containerd.sock"), what="containerd listens")

    def replace_containerd(self, number: signal.Signals) -> None:
        """End containerd alone and start it again, as an update of its package does."""
        self._daemons["containerd"].send_signal(number)
        self._daemons["containerd"].wait(30)
        self._start_containerd()

    def start(self) -> None:
        self._daemon(
            "dockerd",
            f"--config-file={self.top}/daemon.json",
            f"--host={self.url}",
            f"--data-root={self.data}",
            f"--exec-root={self.top}/exec",
            f"--pidfile={self.top}/docker.pid",
            f"--containerd={self.top}/containerd.sock",
            "--bridge=none",
            "--iptables=false",
            *(["--live-restore"] if self._live_restore else []),
        )
        engines.until(lambda: self._listens("docker.sock"), what="the engine listens", patience_s=30)

    def send(self, number: signal.Signals) -> None:
        self._daemons["dockerd"].send_signal(number)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End the engine's daemon, not its containerd."""
        self.send(number)
        self._daemons["dockerd"].wait(30)
        # What a killed engine leaves; the next one would refuse to start while that pid lives.
        (self.top / "docker.pid").unlink(missing_ok=True)

    def close(self) -> None:
        # The engine first: it needs containerd to end in order.
        for name in ("dockerd", "containerd"):
            daemon = self._daemons[name]
            daemon.send_signal(signal.SIGCONT)
            daemon.terminate()
            daemon.wait(30)

    def _daemon(self, name: str, *options: str) -> None:
        with (self.top / f"{name}.log").open("ab") as log:
            self._daemons[name] = subprocess.Popen(
                [name, *options], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def _listens(self, name: str) -> bool:
        try:
            require_listening(f"unix://{self.top}/{name}", timeout_s=1)
        except EngineUnavailableError:
            return False
        return True


@contextmanager
def second_engine(*, live_restore: bool = True, data_size: str = "") -> Iterator[SecondEngine]:
    top = Path(tempfile.mkdtemp(prefix="his-engine-"))
    engine = SecondEngine(top, live_restore=live_restore, data_size=data_size)
    try:
        engine.open()
        yield engine
    finally:
        engine.close()
        _unmount_below(top)
        shutil.rmtree(top)


def image_on(engine: SecondEngine) -> str:
    """Build the image of this checkout there, from the cached base file system and wheels."""
    client = imaging.client(engine.url)
    try:
        return imaging.build(
            client, imaging.Recipe(root=engines.CHECKOUT, cache=engines.CHECKOUT / ".state/cache"), say=lambda _: None
        )
    finally:
        client.close()


def _unmount_below(top: Path) -> None:
    mounts = [line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()]
    for mount in sorted((each for each in mounts if each.startswith(f"{top}/")), reverse=True):
        subprocess.run(["umount", "--lazy", mount], check=False)

"""The demonstration site of one checkout: where its state lies, its ports, its accounts. Made once, then read."""

from __future__ import annotations

import fcntl
import grp
import hashlib
import os
import pwd
import socket
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sandbox.errors import PortTakenError, WrongStateError

CHECKOUT = Path(__file__).resolve().parents[2]
STATE = CHECKOUT / ".state"
SETTINGS = STATE / "settings.toml"

RUN_GROUP = "his-run"
"""Members reach the cells' http sockets: nginx's workers, nobody else."""
DATA_GROUP = "his-data"
"""Members reach the database and the sockets of panel and gateway."""
SERVICE_ACCOUNTS = ("his-panel", "his-gateway")
NGINX_ACCOUNT = "www-data"

FIRST_PORT, LAST_PORT = 8420, 8518


@dataclass(frozen=True, kw_only=True)
class DemoSite:
    """What the settings file of a demonstration says."""

    id: str
    panel_port: int
    gateway_port: int
    isolated: bool
    separate_accounts: bool
    """False if this checkout lies where service accounts cannot read it, e.g. in root's home."""

    @property
    def panel_origin(self) -> str:
        return f"http://localhost:{self.panel_port}"


def site_id(checkout: Path) -> str:
    """Return 8 hex digits that belong to this checkout on this machine."""
    return hashlib.sha256(f"{socket.gethostname()}:{checkout}".encode()).hexdigest()[:8]


def free_ports() -> tuple[int, int]:
    """Return the first neighbouring pair of ports on loopback that nobody listens on."""
    for port in range(FIRST_PORT, LAST_PORT, 2):
        if _is_free(port) and _is_free(port + 1):
            return port, port + 1
    raise PortTakenError(port=f"{FIRST_PORT}…{LAST_PORT}")


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@contextmanager
def alone() -> Iterator[None]:
    """Hold this checkout's demonstration. Raises WrongStateError if another run of it is under way."""
    STATE.mkdir(exist_ok=True)
    with (STATE / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as held:
            raise WrongStateError(f"a demonstration of {CHECKOUT} is already running") from held
        yield


def make_accounts() -> None:
    """Make the service groups and accounts that are missing. Needs root."""
    for group in (RUN_GROUP, DATA_GROUP):
        if not _known(group, grp.getgrnam):
            subprocess.run(["groupadd", "--system", group], check=True)
    for account in SERVICE_ACCOUNTS:
        if not _known(account, pwd.getpwnam):
            command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin"]
            subprocess.run([*command, "--gid", DATA_GROUP, account], check=True)


def _known(name: str, lookup: Callable[[str], object]) -> bool:
    try:
        lookup(name)
    except KeyError:
        return False
    return True


def readable_by_accounts() -> bool:
    """Say whether the service accounts can read this checkout and run its Python."""
    tests = ["test", "-r", str(CHECKOUT / "sandbox" / "__init__.py"), "-a", "-x", str(CHECKOUT / ".venv/bin/python")]
    done = subprocess.run(["runuser", "-u", SERVICE_ACCOUNTS[0], "--", *tests], check=False, capture_output=True)
    return done.returncode == 0


def lay_out(*, isolated: bool, separate_accounts: bool) -> DemoSite:
    """Write folders and settings and return the site. Ports, once chosen, stay unless somebody else took them."""
    site = _existing(isolated, separate_accounts)
    if site is None or not (_is_free(site.panel_port) and _is_free(site.gateway_port)):
        panel_port, gateway_port = free_ports()
        site = DemoSite(
            id=site_id(CHECKOUT),
            panel_port=panel_port,
            gateway_port=gateway_port,
            isolated=isolated,
            separate_accounts=separate_accounts,
        )
    _make_folders()
    SETTINGS.write_text(_toml(site), encoding="utf-8")
    share(SETTINGS, 0o640)
    return site


def _existing(isolated: bool, separate_accounts: bool) -> DemoSite | None:
    if not SETTINGS.is_file():
        return None
    told = tomllib.loads(SETTINGS.read_text(encoding="utf-8"))
    return DemoSite(
        id=told["site"]["id"],
        panel_port=told["panel"]["port"],
        gateway_port=told["gateway"]["port"],
        isolated=isolated,
        separate_accounts=separate_accounts,
    )


def _make_folders() -> None:
    data = grp.getgrnam(DATA_GROUP).gr_gid if os.geteuid() == 0 else -1
    for name, mode in (
        ("", 0o755),
        ("db", 0o2770),
        # Evidence and logs: panel and gateway read, and could not take anything away if they were taken over.
        ("files", 0o2750),
        ("logs", 0o2750),
        ("datasets", 0o755),
        ("cache", 0o755),
        ("cells", 0o700),
    ):
        folder = STATE / name
        folder.mkdir(exist_ok=True)
        if os.geteuid() == 0:
            os.chown(folder, 0, data if mode & 0o2000 else 0)
        folder.chmod(mode)


def share(path: Path, mode: int) -> None:
    """Give a file to the group of the service accounts."""
    if os.geteuid() == 0:
        os.chown(path, 0, grp.getgrnam(DATA_GROUP).gr_gid)
    path.chmod(mode)


def run_folder(site: DemoSite) -> Path:
    """Return the short folder for sockets: tmpfs where the machine has one."""
    return Path(f"/run/his-{site.id}") if os.geteuid() == 0 else STATE / "run"


def _toml(site: DemoSite) -> str:
    root = os.geteuid() == 0
    gid = grp.getgrnam(RUN_GROUP).gr_gid if root else os.getgid()
    driver = "docker" if site.isolated else "process"
    return f"""# Written by `make demo` for this checkout. A real site has a file of its own.
[site]
id = "{site.id}"
state = "{STATE}"
run = "{run_folder(site)}"

[database]
url = "sqlite:///{STATE}/db/sandbox.db"

[panel]
port = {site.panel_port}

[gateway]
port = {site.gateway_port}

[pool]
# People look at a demonstration at any hour.
night_begins = "00:00"
night_ends = "00:00"

[cell]
driver = "{driver}"
uid_base = {1_000_000 + int(site.id[:3], 16) * 10_000}
run_group = "{RUN_GROUP if root else "root"}"
http_gid = {gid}
"""

"""Starts the processes of the demonstration site in order and waits until each of them answers."""

from __future__ import annotations

import grp
import http.client
import os
import pwd
import socket
import sys
from contextlib import ExitStack
from pathlib import Path

from sandbox.adapters import nginx
from sandbox.config import Settings
from sandbox.demo.processes import Child, Supervisor, gunicorn
from sandbox.demo.progress import step
from sandbox.demo.site import DATA_GROUP, RUN_GROUP, DemoSite

GATEWAY_THREADS = 8


def serve(supervisor: Supervisor, site: DemoSite, settings: Settings) -> None:
    """Start worker, panel, gateway and nginx. Raises ProcessEndedError."""
    _make_socket_folders(settings)
    panel = "his-panel" if site.separate_accounts else None
    gateway = "his-gateway" if site.separate_accounts else None
    with ExitStack() as steps:
        steps.enter_context(step("后台、门户、网关、nginx", "Worker, panel, gateway, nginx"))
        worker = supervisor.start("worker", [sys.executable, "-m", "sandbox", "worker"])
        first = supervisor.start(
            "panel",
            gunicorn("panel", "web.app:serve()", settings.site.panel_socket, threads=settings.panel.threads),
            account=panel,
        )
        second = supervisor.start(
            "gateway",
            gunicorn("gateway", "web.gateway:serve()", settings.site.gateway_socket, threads=GATEWAY_THREADS),
            account=gateway,
        )
        front = _start_nginx(supervisor, settings)
        supervisor.wait_for(worker, settings.site.poke_socket.exists)
        supervisor.wait_for(first, lambda: _listens(settings.site.panel_socket))
        supervisor.wait_for(second, lambda: _listens(settings.site.gateway_socket))
        for path in (settings.site.panel_socket, settings.site.gateway_socket):
            # gunicorn gives its socket to its own group; nginx, which alone gets into the folder, must reach it.
            os.chown(path, -1, grp.getgrnam(RUN_GROUP).gr_gid)
        supervisor.wait_for(front, lambda: _answers(site.panel_port))


def _start_nginx(supervisor: Supervisor, settings: Settings) -> Child:
    folder = settings.site.nginx_folder
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    written = folder / "nginx.conf"
    written.write_text(nginx.render(settings), encoding="utf-8")
    return supervisor.start("nginx", ["/usr/sbin/nginx", "-c", str(written), "-g", "daemon off;"])


def _make_socket_folders(settings: Settings) -> None:
    """Make one folder per listener: only its own account writes there, only its readers get through."""
    run, data = grp.getgrnam(RUN_GROUP).gr_gid, grp.getgrnam(DATA_GROUP).gr_gid
    root = settings.site.sockets
    root.mkdir(parents=True, exist_ok=True)
    root.chmod(0o755)
    settings.site.run.mkdir(parents=True, exist_ok=True)
    os.chown(settings.site.run, 0, run)
    settings.site.run.chmod(0o750)
    for path, account, group in (
        (settings.site.panel_socket, "his-panel", run),
        (settings.site.gateway_socket, "his-gateway", run),
        (settings.site.poke_socket, "root", data),
        (settings.site.gateway_figures, "his-gateway", data),
    ):
        path.parent.mkdir(exist_ok=True)
        os.chown(path.parent, pwd.getpwnam(account).pw_uid, group)
        path.parent.chmod(0o2750)
        # A socket left by a killed process would look as if somebody listened.
        path.unlink(missing_ok=True)


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        return probe.connect_ex(str(path)) == 0


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/", headers={"Host": f"localhost:{port}"})
        return connection.getresponse().status < 500
    except OSError:
        return False
    finally:
        connection.close()

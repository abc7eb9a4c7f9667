"""A whole site in front of a browser: real cells, a worker of its own, panel and gateway behind a real nginx."""

from __future__ import annotations

import grp
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Literal

from sandbox.adapters import nginx
from tests import towns
from tests.front import READERS, running_nginx, serving
from tests.towns import Town
from web.app import create_app
from web.gateway import create_gateway


@contextmanager
def served(driver: Literal["docker", "process"], *, ports: tuple[int, int]) -> Iterator[Town]:
    """Serve a prepared site on these ports of loopback (panel, gateway) until the block ends."""
    with ExitStack() as stack:
        town = stack.enter_context(towns.prepared(driver, ports=ports, readers=READERS))
        site = town.settings.site
        readers = grp.getgrnam(READERS).gr_gid
        site.run.mkdir(parents=True, exist_ok=True)
        os.chown(site.run, 0, readers)
        site.run.chmod(0o750)
        for path in (site.panel_socket, site.gateway_socket, site.poke_socket):
            path.parent.mkdir(parents=True, exist_ok=True)
            os.chown(path.parent, 0, readers)
            path.parent.chmod(0o2750)
        stack.enter_context(town.worker())
        stack.enter_context(serving(create_app(town.services), site.panel_socket))
        stack.enter_context(serving(create_gateway(town.services), site.gateway_socket))
        site.nginx_folder.mkdir()
        (site.nginx_folder / "nginx.conf").write_text(nginx.render(town.settings), encoding="utf-8")
        stack.enter_context(running_nginx(site.nginx_folder))
        yield town

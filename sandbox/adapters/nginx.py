"""The configuration of nginx as text. Whoever starts nginx writes it down; this module touches nothing."""

from __future__ import annotations

import re
from pathlib import Path

from sandbox.config import Settings

TEMPLATE = Path(__file__).resolve().parents[2] / "images" / "nginx" / "nginx.conf.in"
ACCOUNT = "www-data"
"""Debian's account for nginx's workers. Ignored with a warning where nginx is not started as root."""

_QUESTIONS = """proxy_set_header Host $instance.localhost;
            proxy_set_header Content-Length "";
            proxy_set_header Cookie $http_cookie;
            proxy_set_header Accept-Language $http_accept_language;
            proxy_set_header Origin $http_origin;
            proxy_set_header Sec-Fetch-Site $http_sec_fetch_site;
            proxy_set_header X-Instance $instance;
            proxy_set_header X-Method $request_method;
            proxy_set_header X-By-Script $by_script;
            proxy_set_header X-Real-IP $remote_addr;
            proxy_set_header X-Request-Id $request_id;
            proxy_connect_timeout 2s;
            proxy_read_timeout 10s;"""
"""What the gateway is told, and nothing that the browser could add."""

_SAFE = re.compile(r"[\w./:-]+")


def render(settings: Settings) -> str:
    """Return nginx.conf for these settings. Raises ValueError for a path that nginx would read as something else.

    Pid, lock and temporary files lie in settings.site.nginx_folder. Run it with `nginx -c <file> -g "daemon off;"`.
    """
    values = {
        "account": ACCOUNT,
        "group": settings.cell.run_group,
        "workers": "2",
        "folder": str(settings.site.nginx_folder),
        "host": settings.panel.host,
        "panel_port": str(settings.panel.port),
        "panel_origin": f"http://localhost:{settings.panel.port}",
        "gateway_port": str(settings.gateway.port),
        "panel_socket": str(settings.site.panel_socket),
        "gateway_socket": str(settings.site.gateway_socket),
    }
    for name, value in values.items():
        if not _SAFE.fullmatch(value):
            raise ValueError(f"{name} {value!r} cannot stand in nginx's configuration")
    values["questions"] = _QUESTIONS
    return re.sub(r"@@(\w+)", lambda found: values[found.group(1)], TEMPLATE.read_text(encoding="utf-8"))

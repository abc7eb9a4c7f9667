"""Copies the few third-party assets the panel serves into static/vendor and writes their manifest.

Run by hand after `npm ci` in web/: `python -m web.vendoring`. The result is committed, so neither building nor
running the panel needs npm.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

HERE = Path(__file__).parent
VENDOR = HERE / "static" / "vendor"
MANIFEST = VENDOR / "manifest.json"

ICON_PACKAGE = "@tabler/icons"
ICONS = (
    "activity-heartbeat", "alert-triangle", "arrow-left", "arrow-right", "building-hospital", "bulb", "calendar-due",
    "check", "chevron-down", "chevron-right", "circle-check", "circle-x", "clipboard-check", "clipboard-list", "clock",
    "copy", "external-link", "eye", "hourglass", "info-circle", "key", "language", "layout-sidebar-left-collapse",
    "layout-sidebar-left-expand", "list-check", "lock", "logout", "moon-stars", "player-play", "plus", "printer",
    "refresh", "report-medical", "rotate", "search", "send", "server-2", "shield-off", "target", "trash", "user",
    "users", "x",
)  # fmt: skip

_LICENCE = re.compile(r"<!--.*?-->", re.DOTALL)
_OPENING = re.compile(r"<svg[^>]*>", re.DOTALL)


def sprite(folder: Path) -> str:
    """Return one SVG with a symbol per icon; pages refer to `icons.svg#<name>`."""
    symbols = []
    for name in ICONS:
        drawing = _LICENCE.sub("", (folder / f"{name}.svg").read_text())
        body = _OPENING.sub("", drawing).replace("</svg>", "")
        lines = "".join(line.strip() for line in body.splitlines())
        symbols.append(
            f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" '
            f'stroke-linecap="round" stroke-linejoin="round">{lines}</symbol>'
        )
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def entry(name: str, package: dict[str, str], content: bytes) -> dict[str, str]:
    """Return what the manifest says of one vendored file."""
    return {
        "file": name,
        "package": package["name"],
        "version": package["version"],
        "licence": package["license"],
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def main() -> None:
    """Write the sprite and the manifest from web/node_modules."""
    home = HERE / "node_modules" / ICON_PACKAGE
    package = json.loads((home / "package.json").read_text())
    content = sprite(home / "icons" / "outline").encode()
    VENDOR.mkdir(parents=True, exist_ok=True)
    (VENDOR / "icons.svg").write_bytes(content)
    (VENDOR / "icons.LICENSE").write_bytes((home / "LICENSE").read_bytes())
    MANIFEST.write_text(json.dumps([entry("icons.svg", package, content)], indent=2) + "\n")


if __name__ == "__main__":
    main()

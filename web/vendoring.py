"""Copies the few third-party assets the panel serves into static/vendor and writes their manifest.

Run by hand after `npm ci` in web/: `python -m web.vendoring`. The result is committed, so neither building nor
running the panel needs npm.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
VENDOR = HERE / "static" / "vendor"
MANIFEST = VENDOR / "manifest.json"

CHART_PACKAGE, CHART_DIST, CHART_COLOURS = "chart.js", "chart.umd.min.js", "@kurkle/color"
ICON_PACKAGE = "@tabler/icons"
ICONS = (
    "activity-heartbeat", "alert-triangle", "arrow-left", "arrow-right", "building-hospital", "bulb", "calendar-due",
    "calendar-event", "chart-line", "check", "chevron-down", "chevron-right", "circle-check", "circle-x",
    "clipboard-check", "clipboard-list", "clock", "copy", "download", "external-link", "eye", "gauge", "hourglass",
    "info-circle", "key", "language", "layout-sidebar-left-collapse", "layout-sidebar-left-expand", "list-check",
    "lock", "logout", "moon-stars", "player-pause", "player-play", "plus", "printer", "refresh", "report-medical",
    "rotate", "search", "send", "server-2", "shield-check", "shield-off", "target", "trash", "user", "users", "x",
    "zzz",
)  # fmt: skip

_LICENCE = re.compile(r"<!--.*?-->", re.DOTALL)
_SOURCE_MAP = re.compile(r"^//# sourceMappingURL=.*\n?", re.MULTILINE)
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


def chart(script: str) -> str:
    """Return the library without the name of a source map that is not served."""
    return _SOURCE_MAP.sub("", script)


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
    """Write sprite, chart library and manifest from web/node_modules."""
    VENDOR.mkdir(parents=True, exist_ok=True)
    icons, charts = MODULES / ICON_PACKAGE, MODULES / CHART_PACKAGE
    library = chart((charts / "dist" / CHART_DIST).read_text())
    entries = [
        _vendored("icons.svg", icons, sprite(icons / "icons" / "outline"), [icons / "LICENSE"]),
        # The library carries its colours inside.
        _vendored("chart.js", charts, library, [charts / "LICENSE.md", MODULES / CHART_COLOURS / "LICENSE.md"]),
    ]
    MANIFEST.write_text(json.dumps(entries, indent=2) + "\n")


def _vendored(name: str, home: Path, content: str, licences: Sequence[Path]) -> dict[str, str]:
    package = json.loads((home / "package.json").read_text())
    (VENDOR / name).write_text(content)
    (VENDOR / name).with_suffix(".LICENSE").write_text("\n".join(each.read_text() for each in licences))
    return entry(name, package, content.encode())


if __name__ == "__main__":
    main()

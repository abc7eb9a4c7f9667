"""HTML to PDF with WeasyPrint, in one short-lived child per batch: it grows with every page and never shrinks.

`python -m sandbox.adapters.pdf` is the child: a JSON list of pages in, a JSON list of files (base64) out.
"""

from __future__ import annotations

import base64
import ctypes.util
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from sandbox.errors import PdfUnavailableError

PATIENCE_S = 120.0
"""A cold start takes about a second, a page a tenth; a child that takes this long is stuck."""
NICENESS = 10
_CHECKOUT = Path(__file__).resolve().parents[2]

LIBRARIES: Mapping[str, str] = {
    "pango-1.0": "libpango-1.0-0",
    "pangoft2-1.0": "libpangoft2-1.0-0",
    "harfbuzz-subset": "libharfbuzz-subset0",
}
FONTS: Mapping[str, str] = {
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc": "fonts-wqy-microhei",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc": "fonts-noto-cjk",
}


def missing(fonts: Mapping[str, str] = FONTS) -> list[str]:
    """Return the Debian packages that printing lacks here: without a font Chinese vanishes silently."""
    lacking = [package for name, package in LIBRARIES.items() if ctypes.util.find_library(name) is None]
    return lacking + [package for path, package in fonts.items() if not Path(path).is_file()]


class PdfPrinter:
    """Fulfils attempts.printer.Printing."""

    def __init__(self, *, fonts: Mapping[str, str] = FONTS, patience_s: float = PATIENCE_S) -> None:
        self._fonts = fonts
        self._patience_s = patience_s

    def __call__(self, pages: Sequence[str]) -> list[bytes]:
        """Return a PDF for each page. Raises PdfUnavailableError if a package is missing or the child fails."""
        lacking = missing(self._fonts)
        if lacking:
            raise PdfUnavailableError(detail="apt-get install " + " ".join(lacking))
        try:
            done = subprocess.run(
                [sys.executable, "-m", "sandbox.adapters.pdf"],
                input=json.dumps(list(pages)).encode(),
                capture_output=True,
                cwd=_CHECKOUT,
                timeout=self._patience_s,
                check=True,
            )
        except subprocess.TimeoutExpired as late:
            raise PdfUnavailableError(detail=f"no answer within {self._patience_s:.0f} s") from late
        except subprocess.CalledProcessError as failed:
            said = failed.stderr.decode(errors="replace").strip().splitlines()
            raise PdfUnavailableError(detail=said[-1][:200] if said else f"exit {failed.returncode}") from failed
        return [base64.b64decode(each) for each in json.loads(done.stdout)]


def main() -> None:
    """Be the child."""
    # Here and not above: only the child may load half a second of layout engine.
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher

    os.nice(NICENESS)
    # No protocol at all: a report names nothing to fetch, and whatever a name in it looks like is text.
    nothing = URLFetcher(allowed_protocols=())
    pages: list[str] = json.load(sys.stdin.buffer)
    made = [HTML(string=page, url_fetcher=nothing).write_pdf() for page in pages]
    json.dump([base64.b64encode(each).decode() for each in made], sys.stdout)


if __name__ == "__main__":
    main()

"""Lists as files: the form that asks for a second person and a purpose, and the CSV that a spreadsheet opens safely."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from flask import request
from werkzeug.wrappers import Response

from his.chart.refusing import Refused
from his.shell import frames, keyboard, seconds
from his.shell.frames import Page
from his.shell.glossary import Option

BYTE_ORDER_MARK = "\ufeff"
"""Without it spreadsheets take Chinese for another encoding."""
_COMPUTED = re.compile(r"[\s]*[=+\-@＝＋－＠]|[\t\r\n]")
_NUMBER = re.compile(r"-?\d+(\.\d+)?%?")


@dataclass(frozen=True, kw_only=True)
class ExportListView:
    """A list that may be exported: what it is, where its form goes, what the form carries along."""

    what: str
    facts: Sequence[tuple[str, str]]
    """Wording key and value of what the list is limited to."""
    action: str
    fields: Mapping[str, str]
    back: str
    purpose: str
    seconds: Sequence[Option]
    wrong: str


def form(
    *,
    what: str,
    facts: Sequence[tuple[str, str]],
    action: str,
    fields: Mapping[str, str],
    back: str,
    tab: str,
    refusal: Refused | None = None,
) -> Response:
    """Show the form of one list; `fields` (hidden) say which."""
    with keyboard.looking() as act:
        choices = seconds.choices(act)
    view = ExportListView(
        what=what,
        facts=facts,
        action=action,
        fields=fields,
        back=back,
        purpose=request.form.get("purpose", ""),
        seconds=choices,
        wrong=_wrong(refusal),
    )
    page = Page(
        template="shell/export_list.html",
        title="safety.export",
        tab=tab,
        view=view,
        keys=("F9=export",),
        here=back if refusal else "",
        refusal=refusal,
    )
    return frames.show(page)


def _wrong(refusal: Refused | None) -> str:
    """Return the code that marks what the form lacks: without a second person the field for one."""
    if refusal is not None and refusal.code == "E-PRV-02" and not request.form.get("second"):
        return "E-GEN-04"
    return "" if refusal is None else refusal.code


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table as CSV: the band of the training hospital, the names of the columns, then the rows."""
    out = io.StringIO()
    out.write(BYTE_ORDER_MARK)
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([keyboard.say("frame.band")])
    writer.writerow([harmless(each) for each in head])
    writer.writerows([harmless(each) for each in row] for row in rows)
    return out.getvalue()


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet computes: what would begin a formula becomes text; numbers stay numbers."""
    return f"'{cell}" if _COMPUTED.match(cell) and not _NUMBER.fullmatch(cell) else cell


def file(name: str, text: str) -> Response:
    """Return a CSV as a file to be saved; `name` without its ending."""
    reply = Response(text, mimetype="text/csv")
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-") or "list"
    reply.headers["Content-Disposition"] = f"attachment; filename={plain}.csv; filename*=UTF-8''{quote(name)}.csv"
    return reply

"""How quick the mock hospital is on its golden dataset: `PYTHONPATH=.:images/his python -m tests.bench.hospital`.

Prints a table. Server time in process, one request at a time: what a page costs before nginx, gateway and half a
processor. Builds the dataset twice, so that its size, its time and whether it comes out the same stand in one run.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from fixtures import datasets
from his import seeding
from tests.bench import table
from tests.bench.table import Bound, Row, Samples
from tests.his.pages import walking
from tests.his.stage import Stage

ROUNDS = 15
WARM_UP = 2
"""Requests of each address that are not counted: the first one compiles statements."""
TYPED = (
    "z",
    "zh",
    "zhw",
    "张",
    "王伟",
    "13",
    "7701",
    "770101",
    "154",
    "9",
    "P00",
    "a",
    "amxl",
    "阿",
    "j0",
    "J06.9",
    "gan",
    "感冒",
)
"""What people begin to type: initials, characters, numbers of every kind, codes."""
PAGE_MS, SEARCH_MS, BUILD_S, SIZE_MIB = 40, 20, 60, 24
WORST_SHOWN = 5


@dataclass
class Times:
    """Milliseconds of each address."""

    of: dict[str, list[float]] = field(default_factory=dict)

    def take(self, client: object, address: str, name: str, rounds: int) -> None:
        for number in range(rounds + WARM_UP):
            begun = time.perf_counter()
            reply = client.get(address)  # type: ignore[attr-defined]
            took = 1000 * (time.perf_counter() - begun)
            if reply.status_code >= 400:
                raise SystemExit(f"{address} answers {reply.status_code}")
            if number >= WARM_UP:
                self.of.setdefault(name, []).append(took)

    def samples(self, name: str) -> Samples:
        return Samples(name=name, values=tuple(value for each in self.of.values() for value in each))

    def worst(self) -> Iterator[str]:
        """Yield the slowest addresses in words."""
        slowest = sorted(self.of.items(), key=lambda item: -table.quantile(item[1], 0.95))
        for name, values in slowest[:WORST_SHOWN]:
            yield f"{name}: p95 {table.quantile(values, 0.95):.1f} ms"


def build(folder: Path) -> tuple[Path, Row]:
    """Build the dataset twice and return it with the row of its figures."""
    files, seconds = [folder / "first.db", folder / "second.db"], []
    for file in files:
        begun = time.perf_counter()
        seeding.seed(datasets.stream("base"), file)
        seconds.append(time.perf_counter() - begun)
    size = files[0].stat().st_size / (1 << 20)
    same = files[0].read_bytes() == files[1].read_bytes()
    connection = sqlite3.connect(files[0])
    people = connection.execute('SELECT COUNT(*) FROM "patient"').fetchone()[0]
    connection.close()
    row = Row(
        key="golden",
        title=f"golden dataset, {people} people in the index",
        measured=(Samples(name="build", values=tuple(seconds), unit="s"),),
        gates=(
            Bound(words=f"build ≤ {BUILD_S} s", value=max(seconds), limit=BUILD_S),
            Bound(words=f"size ≤ {SIZE_MIB} MiB", value=size, limit=SIZE_MIB),
            Bound(words="two builds, the same bytes", value=float(same), limit=1, least=True),
        ),
    )
    return files[0], row


def measure(golden: Path, rounds: int) -> tuple[Row, ...]:
    """Return the rows of pages and of search as you type."""
    pages, searches = Times(), Times()
    connection = sqlite3.connect(f"file:{golden}?mode=ro&immutable=1", uri=True)
    for situation, prepare in walking.SITUATIONS.items():
        for seat in walking.SEATS:
            with Stage.set_up(connection, seats=walking.SEATS) as stage:
                prepare(stage)
                browser = walking.sit_down(stage, seat.name)
                stops = [stop.page for stop in walking.walk(browser, seat.name) if stop.page.status == 200]
                for page in stops:
                    pages.take(browser.client, page.url, f"{situation} {seat.name} {page.url}", rounds)
                if situation == "in_consult":
                    for address in typing(browser.client.application):
                        _type(browser.client, searches, f"{seat.name} {address}", address, rounds)
    connection.close()
    return (
        Row(
            key="pages",
            title=f"{len(pages.of)} pages, server time",
            measured=(pages.samples("page"),),
            gates=(Bound(words=f"p95 ≤ {PAGE_MS} ms", value=pages.samples("page").p95, limit=PAGE_MS), _slowest(pages)),
            notes=tuple(pages.worst()),
        ),
        Row(
            key="search",
            title="search as you type, server time",
            measured=(searches.samples("each key"),),
            gates=(Bound(words=f"p95 ≤ {SEARCH_MS} ms", value=searches.samples("each key").p95, limit=SEARCH_MS),),
            notes=tuple(searches.worst()),
        ),
    )


def _slowest(pages: Times) -> Bound:
    slowest = max(table.quantile(values, 0.95) for values in pages.of.values())
    return Bound(words=f"p95 of the slowest page ≤ {PAGE_MS} ms", value=slowest, limit=PAGE_MS)


def typing(app: object) -> list[str]:
    """Return the addresses that answer while somebody types: their last part begins with an underscore."""
    rules = app.url_map.iter_rules()  # type: ignore[attr-defined]
    found = {rule.rule for rule in rules if rule.rule.rpartition("/")[2].startswith("_") and not rule.arguments}
    return sorted(address for address in found if not address.endswith(("_pulse", "_notes", "_quantity", "_input")))


def _type(client: object, times: Times, name: str, address: str, rounds: int) -> None:
    if client.get(address, query_string={"q": "z"}).status_code != 200:  # type: ignore[attr-defined]
        return
    for typed in TYPED:
        times.take(client, f"{address}?q={typed}", f"{name} {typed}", max(1, rounds // 3))


def main() -> int:
    """Measure, print, and return 1 if a gate is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.hospital", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        golden, built = build(Path(folder))
        rows = (built, *measure(golden, asked.rounds))
    for row in rows:
        print("\n".join(table.lines(row)))
    print(table.machine())
    return 0 if all(gate.met for row in rows for gate in row.gates) else 1


if __name__ == "__main__":
    sys.exit(main())

"""Figure: a regrade of 5,000 archived attempts (median 300 journal rows, reading included) in at most 60 s on 2 cores.

Run on an otherwise idle machine: `.venv/bin/python -m tests.bench.regrade [attempts] [profile]`. Makes the attempts in
a folder of its own, asks for a preview by the present grader, accepts it; prints, asserts nothing. `profile` also shows
where the worker spends its time, and slows it.
"""

from __future__ import annotations

import cProfile
import json
import pstats
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from pathlib import Path

from sandbox.adapters.db import schema
from sandbox.adapters.db.bundle import DbStores, open_database
from sandbox.adapters.db.engine import Database
from sandbox.adapters.files import FileStore
from sandbox.adapters.graders import GradingProcesses
from sandbox.attempts import regrading
from sandbox.attempts.judging import judge
from sandbox.attempts.model import AttemptId, AttemptState, Evidence, GradingInputs, Result
from sandbox.attempts.regrader import Regrader
from sandbox.attempts.second_look import Scope
from sandbox.exercises import loader, releasing
from sandbox.people.model import CLI
from sandbox.provisioning.model import CellState
from tests.builders import NOON, make_archive, make_attempt, make_cell, make_instance
from tests.fakes import FrozenClock
from tests.graded import X05
from tests.web import papers

ATTEMPTS, MEDIAN_ROWS = 5_000, 300


def main(wanted: int) -> None:
    """Make, measure, print."""
    with tempfile.TemporaryDirectory(prefix="his-regrade-") as folder:
        root = Path(folder)
        schema.upgrade(f"sqlite:///{root}/sandbox.db")
        database = open_database(f"sqlite:///{root}/sandbox.db", busy_timeout_s=10)
        files = FileStore(root / "files")
        rows = _make(database, files, wanted)
        print(f"{wanted} attempts, rows: median {statistics.median(rows):.0f}, most {max(rows)}, all {sum(rows)}")
        _measure(database, files)
        database.close()


def _make(database: Database[DbStores], files: FileStore, wanted: int) -> list[int]:
    content = papers.EXERCISE.read_bytes()
    version = releasing.described(loader.trusted(content), now=NOON)
    with database.transaction() as stores:
        releasing.release(stores, files, CLI, version, content, now=NOON)
    drawn = random.Random(7)
    # Another grader's reports: what counts now differs from what is computed, as after a repair.
    sizes = [max(12, round(drawn.lognormvariate(0, 0.5) * MEDIAN_ROWS)) for _ in range(wanted)]
    with ProcessPoolExecutor(2) as pool:
        made = pool.map(_papers, [(files, number, size) for number, size in enumerate(sizes)], chunksize=50)
        for number, (journal, state, report, score, verdict) in enumerate(made):
            _insert(database, number, sizes[number], (journal, state, report), score, verdict)
    return sizes


def _papers(task: tuple[FileStore, int, int]) -> tuple[str, str, str, str, str]:
    files, number, size = task
    deeds = papers.CAREFUL if number % 3 else papers.HASTY
    views: list[papers.Deed] = [
        (5 + second % 900, "chart.section", "", {"data": {"section": "orders"}})
        for second in range(size - len(deeds) - 2)
    ]
    ordered = tuple(sorted((*deeds, *views), key=lambda deed: deed[0]))
    journal = papers.journal(_id(number), ordered)
    state = papers.state(severity="2" if number % 3 else "3")
    inputs = GradingInputs(
        exercise=papers.EXERCISE.read_bytes(),
        journal=journal,
        state=state,
        baseline=papers.BEGUN,
        attempt=_id(number),
        nonce=papers.NONCE,
        fault="",
        hints=(),
    )
    files.put(papers.BEGUN)
    graded = judge(inputs)
    report = graded.report.replace(b'"got":"10.00"', b'"got":"9.00"', 1)
    return files.put(journal), files.put(state), files.put(report), graded.score, graded.verdict


def _id(number: int) -> AttemptId:
    return AttemptId(f"{number:016x}")


def _insert(
    database: Database[DbStores], number: int, rows: int, names: tuple[str, str, str], score: str, verdict: str
) -> None:
    attempt = make_attempt(
        id=_id(number),
        exercise_version=X05,
        state=AttemptState.GRADED,
        opened_at=NOON,
        submitted_at=NOON + timedelta(minutes=10),
        closed_at=NOON + timedelta(minutes=11),
    )
    cell = make_cell(instance=attempt.instance, epoch=1, attempt=attempt.id, state=CellState.GONE, nonce=papers.NONCE)
    journal, state, report = names
    paper = {"attempt": attempt.id, "journal_sha256": journal, "state_sha256": state, "rows": rows}
    with database.transaction() as stores:
        stores.instances.add(make_instance(id=attempt.instance, owner=f"p{number}"))
        stores.attempts.add(attempt)
        stores.cells.add(cell)
        stores.archives.add(make_archive(cell=cell.id, instance=attempt.instance, **paper))
        stores.evidence.add(Evidence(**paper, nonce=papers.NONCE, sealed_at=NOON))
        stores.results.append(
            Result(
                attempt=attempt.id,
                number=1,
                exercise_version=X05,
                score=score,
                verdict=verdict,
                report_sha256=report,
                grader="0",
                actor="worker",
                graded_at=NOON,
            )
        )


def _measure(database: Database[DbStores], files: FileStore) -> None:
    computing = GradingProcesses()
    regrader = Regrader(
        begin=database.transaction,
        reading=database.reading,
        files=files,
        grade=judge,
        computing=computing,
        clock=FrozenClock(),
    )
    with database.transaction() as stores:
        asked = regrading.request(stores, files, CLI, scope=Scope(exercise=X05[:-2]), reason="figure", now=NOON)
    own, others = time.process_time(), _children_s()
    profile = cProfile.Profile() if "profile" in sys.argv else None
    slices: list[float] = []
    previewed = profile.runcall(_timed, regrader.tick, slices) if profile else _timed(regrader.tick, slices)
    with database.transaction() as stores:
        counts = stores.regrades.counts(asked.id)
        regrading.decide(stores, CLI, asked.id, "all", now=NOON)
    applied = _timed(regrader.tick, slices)
    computing.close()
    used = {"worker": time.process_time() - own, "graders": _children_s() - others}
    print(json.dumps({"preview_s": round(previewed, 1), "apply_s": round(applied, 1)}), dict(counts))
    print("seconds of processor time:", json.dumps({name: round(spent, 1) for name, spent in used.items()}))
    print(f"longest slice {max(slices):.2f} s, {len(slices)} slices")
    if profile:
        pstats.Stats(profile).sort_stats("cumulative").print_stats(18)


def _children_s() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def _timed(tick: Callable[[], int], slices: list[float]) -> float:
    begun = time.perf_counter()
    while True:
        slice_begun = time.perf_counter()
        if not tick():
            return time.perf_counter() - begun
        slices.append(time.perf_counter() - slice_begun)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ATTEMPTS)

"""Proves an exercise on this machine: its scripts replayed by the image's program, then lived through real pages.

Nothing here decides: `authoring.gate` judges what was seen. Two programs share the scripts of one file, for a run in
memory costs ten milliseconds and their number is what takes time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from sandbox.authoring import findings, gate, rehearsing
from sandbox.authoring.gate_report import GateReport
from sandbox.authoring.rehearsing import Rehearsed, Task
from sandbox.contract import codec
from sandbox.contract.replay import Replayed, Replays, whole
from sandbox.errors import PermanentError
from sandbox.exercises.loader import Loaded
from sandbox.exercises.vocabulary import Vocabulary
from sandbox.provisioning.ports import OneShot

AT_ONCE = 2
"""Programs that replay one file at the same time; source: the machines we are measured on have two cores."""
MAX_REPLY_BYTES = 64 << 20

Progress = Callable[[str, int, int], None]
"""Told the stage (memory, mutants, pages), how much is done and of how much."""
Pages = Callable[[Loaded, Mapping[str, Replayed], Callable[[int], None]], dict[str, list[str]]]
"""Lives every test in a real cell; returns, per test, what differs from its run in memory."""


def silent(_stage: str, _done: int, _of: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, kw_only=True)
class Prover:
    """Where scripts run: the image and golden dataset of a site, and its way into real cells."""

    one_shot: OneShot
    image: str
    golden: Path
    vocabulary: Vocabulary
    pages: Pages | None = None

    def prove(self, content: bytes, loaded: Loaded, *, quick: bool = False, tell: Progress = silent) -> GateReport:
        """Return the gate's report on a valid file. Runs through pages only what is clean in memory.

        Raises PermanentError, TemporaryError if the hospital's program itself fails.
        """
        if findings.unserved(loaded):
            return gate.judge(content, loaded, Rehearsed(), image=self.image, quick=quick)
        tasks = rehearsing.tasks(loaded, self.vocabulary, quick=quick, at_once=AT_ONCE)
        tell("memory", 0, len(tasks))
        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            replays = list(zip(tasks, pool.map(self._replay, tasks), strict=True))
        tell("memory", len(tasks), len(tasks))
        seen = rehearsing.judged(loaded, self.vocabulary, replays)
        again = rehearsing.judged(loaded, self.vocabulary, replays, with_mutants=False)
        report = gate.judge(content, loaded, seen, image=self.image, quick=quick, again=again)
        if self.pages is None or not report.clean:
            return report
        real = self._lived(loaded, replays, tell)
        return gate.judge(content, loaded, seen, image=self.image, quick=quick, again=again, real=real)

    def _lived(self, loaded: Loaded, replays: list[tuple[Task, Replays]], tell: Progress) -> dict[str, list[str]]:
        if self.pages is None:
            return {}
        memory = {run.name: run for task, given in replays if task.variant == 0 for run in whole(given)}
        number = len(loaded.exercise.tests)
        tell("pages", 0, number)
        return self.pages(loaded, memory, lambda done: tell("pages", done, number))

    def _replay(self, task: Task) -> Replays:
        script = json.dumps(codec.to_json(task.script), ensure_ascii=False).encode()
        answer = self.one_shot.replay(self.image, self.golden, script)
        if len(answer) > MAX_REPLY_BYTES:
            raise PermanentError(f"the replay answered with {len(answer)} bytes")
        try:
            return codec.from_json(Replays, json.loads(answer))
        except (ValueError, RecursionError) as unfit:
            raise PermanentError(f"the replay's answer is none: {unfit}") from unfit

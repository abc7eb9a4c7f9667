"""The main job, watched: a robot trainee launches a hospital, does the exercise, is graded; the cell is gone after."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urljoin

from sandbox.attempts import operations
from sandbox.attempts.model import Attempt, AttemptId
from sandbox.demo.preparing import Prepared
from sandbox.demo.progress import heading, say, step
from sandbox.exercises import loader, scripts
from sandbox.grading import lines, report
from sandbox.grading.report import Report
from sandbox.people.model import Actor, Person
from sandbox.provisioning.model import Cell, CellState
from sandbox.robot.hospital import hospital_of
from sandbox.robot.trainee import Trainee

PATIENCE_S = 60.0


class MainJobError(Exception):
    """The demonstration did not come out as the exercise declares."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came out, beside what the exercise's own reference test declares."""

    score: str
    verdict: str
    report: Report


def run(prepared: Prepared) -> Outcome:
    """Do the main job and return its outcome. Raises MainJobError, RobotError, TimeoutError."""
    services = prepared.services
    with services.database.reading() as stores:
        version = stores.exercises.get(prepared.exercise_version)
    exercise = loader.trusted(services.files.get(version.sha256)).exercise
    reference = next(test for test in exercise.tests if test.name == "reference")
    heading(f"机器人学员做练习「{version.title_zh}」", f"A robot trainee does: {version.title_en}")
    robot = Trainee(panel=prepared.site.panel_origin)
    _put_away_leftovers(prepared)
    with step("登录门户", "Log in to the panel"):
        robot.log_in("robot", prepared.passwords["robot"])
    with step("一键启动练习环境", "Launch a practice hospital") as notes:
        robot.start(prepared.exercise_version)
        attempt = _attempt(prepared)
        cell = _cell(prepared, attempt.id)
        notes.text = f"his-cell-{prepared.site.id}-{cell.id}"
    with step("在模拟 HIS 页面中完成练习", "Do the exercise on the hospital's own pages") as notes:
        seats, window = robot.seats(), robot.enter()
        hospital = hospital_of(exercise, window, home=urljoin(window.seen().url, "/"), seats=seats)
        acts = scripts.resolve(exercise, reference)
        for act in acts:
            hospital.perform(act)
        notes.text = f"{len(acts)} acts"
    with step("提交并评分", "Submit and grade"):
        robot.submit()
    outcome = _outcome(prepared, attempt.id)
    _compare(outcome, score=f"{reference.expect.score}", verdict=reference.expect.result)
    with step("存档并销毁容器", "Archive and destroy the cell") as notes:
        _wait(lambda: _is_gone(prepared, cell), "the cell's end")
        notes.text = f"{cell.id} gone"
    return outcome


def show(outcome: Outcome) -> None:
    """Print the report line by line, Chinese first."""
    heading("成绩报告", "Report")
    for language in ("zh", "en"):
        for line in lines.render(outcome.report, "zh" if language == "zh" else "en"):
            say(f"  {line}")
        say("")


def _put_away_leftovers(prepared: Prepared) -> None:
    """Close what an interrupted run of the demonstration left open for the robot."""
    robot = _robot(prepared)
    actor = Actor(id=robot.id, roles=robot.roles)
    with prepared.services.database.transaction() as stores:
        for one in stores.instances.live_of(robot.id):
            operations.close_instance(stores, actor, one.id, now=prepared.services.clock.now())


def _robot(prepared: Prepared) -> Person:
    with prepared.services.database.reading() as stores:
        robot = stores.people.by_login("robot")
    if robot is None:
        raise MainJobError("the robot has no account")
    return robot


def _attempt(prepared: Prepared) -> Attempt:
    robot = _robot(prepared)
    with prepared.services.database.reading() as stores:
        return stores.attempts.of_person(robot.id)[0]


def _cell(prepared: Prepared, attempt: AttemptId) -> Cell:
    with prepared.services.database.reading() as stores:
        return stores.cells.of_attempt(attempt)[-1]


def _outcome(prepared: Prepared, attempt: AttemptId) -> Outcome:
    with prepared.services.database.reading() as stores:
        result = stores.results.of(attempt)[0]
    content = report.loads(prepared.services.files.get(result.report_sha256))
    return Outcome(score=result.score, verdict=result.verdict, report=content)


def _compare(outcome: Outcome, *, score: str, verdict: str) -> None:
    if float(outcome.score) != float(score) or outcome.verdict != verdict:
        show(outcome)
        raise MainJobError(f"graded {outcome.score} {outcome.verdict}, the exercise declares {score} {verdict}")


def _is_gone(prepared: Prepared, cell: Cell) -> bool:
    with prepared.services.database.reading() as stores:
        archived = stores.archives.of_cell(cell.id) is not None
        return archived and stores.cells.get(cell.id).state is CellState.GONE


def _wait(done: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while not done():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {PATIENCE_S:.0f} s for {what}")
        time.sleep(0.1)

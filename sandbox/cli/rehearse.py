"""his-sandbox rehearse …: would a whole class get in at once? Measures, draws, names the bottleneck."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import click

from sandbox.cli.showing import Terminal, columns_of, padded, telling_errors, terminal
from sandbox.contract import codec
from sandbox.errors import Language, TemporaryError
from sandbox.people.model import CLI
from sandbox.rehearsal import plotting, words
from sandbox.rehearsal.model import Rehearsal
from sandbox.rehearsing.conductor import Conductor
from sandbox.robot.client import RobotError
from sandbox.robot.wire import WireError

STAGES = {
    "arrive": ("机器人登录", "robots log in"),
    "idle": ("空闲时的页面", "pages while nobody launches"),
    "launch": ("同时启动", "launching at once"),
    "reset": ("重置", "resetting"),
    "hibernate": ("休眠", "hibernating"),
    "wake": ("唤醒", "waking"),
    "leave": ("离开并清除", "leaving, taking all away"),
}


class RehearsalFailedError(TemporaryError):
    """The robots did not get to their pages: is the site served?"""

    code = "SBX-314"
    zh = "机器人打不开门户：{why}。站点在运行吗？"
    en = "The robots cannot open the panel: {why}. Is the site being served?"


@click.command()
@click.option("--seats", type=int, default=50, show_default=True, help="How many trainees launch at once.")
@click.option("--sample", type=int, default=10, show_default=True, help="How many reset, rest and wake afterwards.")
@click.option("--force", is_flag=True, help="Even while an exam or a class is under way.")
@telling_errors
def rehearse(seats: int, sample: int, force: bool) -> None:
    """Have a class of robots launch at once; show p50 and p95, a plot, and what holds them up.

    The robots' hospitals are archived and removed afterwards, Ctrl-C included; nothing they do is ever graded.
    """
    spoken = terminal()
    progress = _Progress(spoken)
    conductor = Conductor(spoken.services(), CLI, seats, tell=progress.tell, sample=sample)
    try:
        found = conductor.conduct(force=force)
    except (RobotError, WireError, OSError) as wrong:
        raise RehearsalFailedError(str(wrong), why=str(wrong)) from wrong
    finally:
        progress.end()
    if spoken.as_json:
        told = {"id": found.id, "begun_at": found.begun_at.isoformat(), "seats": found.seats}
        told |= {"machine": codec.to_json(found.machine), "figures": codec.to_json(found.figures)}
        click.echo(json.dumps({**told, "bottleneck": words.bottleneck(found, spoken.language)}, ensure_ascii=False))
        return
    for line in shown(found, spoken.language):
        click.echo(line)


def shown(found: Rehearsal, language: Language) -> list[str]:
    """Return the report of a rehearsal: table, curve, parts, bottleneck."""
    figures = found.figures
    return [
        "",
        *_table(found, language),
        "",
        words.told(("启动用时，由快到慢（每列一人）", "Launches, fastest to slowest"), language),
        *plotting.curve(figures.launch.times),
        "",
        words.told(("最慢者的时间去向", "Where the time of the slowest went"), language),
        *_parts(found, language),
        "",
        words.bottleneck(found, language),
        words.load(figures, found.machine.cores, language),
        words.kept(found, language),
    ]


def _table(found: Rehearsal, language: Language) -> list[str]:
    heads = words.told(("阶段|人次|p50|p95|最慢|失败", "phase|n|p50|p95|max|failed"), language).split("|")
    rows = [heads]
    for name, each in words.phases(found):
        times = (each.p50, each.p95, each.worst)
        shown_times = ["–" if time is None else words.seconds(time) for time in times]
        rows.append(
            [words.told(words.PHASES[name], language), str(len(each.times)), *shown_times, f"{len(each.failures)}"]
        )
    widths = [max(columns_of(row[at]) for row in rows) for at in range(len(heads))]
    return ["  ".join(_aligned(row, widths)).rstrip() for row in rows]


def _aligned(row: list[str], widths: list[int]) -> list[str]:
    first, *numbers = row
    return [
        padded(first, widths[0]),
        *(" " * (w - columns_of(n)) + n for n, w in zip(numbers, widths[1:], strict=True)),
    ]


def _parts(found: Rehearsal, language: Language) -> list[str]:
    parts = found.figures.parts
    whole = sum(part.us for part in parts)
    names = [words.told(words.PART_WORDS[part.name], language) for part in parts]
    width = max((columns_of(name) for name in names), default=0)
    return [
        f"{padded(name, width)}  {plotting.bar(part.us, whole)} {words.seconds(part.us)}"
        for name, part in zip(names, parts, strict=True)
    ]


@dataclass
class _Progress:
    """One line that is written over while a stage goes on; nothing but the result is said to scripts."""

    spoken: Terminal
    stage: str = field(default="")

    def tell(self, stage: str, done: int, total: int) -> None:
        if self.spoken.as_json:
            return
        if stage != self.stage:
            self.end()
            self.stage = stage
        text = words.told(STAGES[stage], self.spoken.language)
        click.echo(f"\r  {text} {done}/{total} ", nl=False, err=True)

    def end(self) -> None:
        if self.stage and not self.spoken.as_json:
            click.echo("", err=True)
        self.stage = ""


COMMANDS = (rehearse,)

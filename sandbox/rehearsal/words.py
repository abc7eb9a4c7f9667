"""What a rehearsal says in words: phases, parts, processes, and the bottleneck in a plain sentence. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.errors import Language
from sandbox.rehearsal.model import COLD, Figures, Measured, Part, PartName, Rehearsal, Who

PHASES: Mapping[str, tuple[str, str]] = {
    "launch": ("启动：点击到首页", "launch: press to first page"),
    "reset": ("重置", "reset"),
    "hibernate": ("休眠", "hibernate"),
    "wake": ("唤醒", "wake"),
    "pages_idle": ("他人页面：空闲时", "others' pages: idle"),
    "pages_busy": ("他人页面：高峰时", "others' pages: during the rush"),
}
PART_WORDS: Mapping[PartName, tuple[str, str]] = {
    "door": ("门户受理点击", "the panel taking the press"),
    "turn": ("等待后台开始建容器", "waiting for the worker to begin a cell"),
    "create": ("容器引擎创建容器", "the engine's creations"),
    "start": ("容器引擎启动容器", "the engine's starts"),
    "boot": ("模拟医院开机与核对", "the hospital's boot and check"),
    "hand_over": ("领取、装载、切换", "claim, arm and flip"),
    "notice": ("页面得知已开放", "the page's next look"),
    "page": ("练习台、入场与首页", "workbench, ticket and first page"),
}
WHO_WORDS: Mapping[Who, tuple[str, str]] = {
    "engine": ("容器引擎", "engine"),
    "worker": ("后台", "worker"),
    "panel": ("门户", "panel"),
    "gateway": ("网关", "gateway"),
    "nginx": ("nginx", "nginx"),
    "cells": ("练习环境", "hospitals"),
    "robots": ("机器人", "robots"),
    "others": ("其他进程", "other processes"),
}
FOREIGN = 0.2
"""From this share of the processors on, what is not ours spoils the measurement."""
_AGAIN = ("其他进程占用过多，请在机器空闲时重测。", " Other processes took too much: measure again on an idle machine.")
_WHO_WORKS: Mapping[PartName, Who] = {"door": "panel", "hand_over": "worker", "page": "panel"}


def told(words: tuple[str, str], language: Language) -> str:
    """Return one of a pair."""
    return words[0] if language == "zh" else words[1]


def seconds(us: int) -> str:
    """Return a time for people: milliseconds below a second."""
    return f"{us / 1000:.0f} ms" if us < 1_000_000 else f"{us / 1_000_000:.1f} s"


def mib(kib: int) -> str:
    return f"{kib / 1024:.0f} MiB" if kib < 1 << 20 else f"{kib / (1 << 20):.1f} GiB"


def longest(figures: Figures) -> Part | None:
    """Return the part in which the slowest spent most of their time."""
    return max(figures.parts, key=lambda part: part.us, default=None)


def named(figures: Figures, language: Language) -> str:
    """Return the name of the bottleneck, or a dash."""
    part = longest(figures)
    return "–" if part is None else told(PART_WORDS[part.name], language)


def phases(one: Rehearsal) -> list[tuple[str, Measured]]:
    """Return the phases that were measured, by name."""
    figures = one.figures
    each: dict[str, Measured] = {name: getattr(figures, name) for name in PHASES}
    return [(name, measured) for name, measured in each.items() if measured.times or measured.failures]


def bottleneck(one: Rehearsal, language: Language) -> str:
    """Return where the time of the slowest went, with numbers, and what would help."""
    figures = one.figures
    part = longest(figures)
    if part is None:
        return told(("没有人进入练习环境，无从判断。", "Nobody came inside, so nothing can be said."), language)
    whole = sum(each.us for each in figures.parts)
    share = round(100 * part.us / max(1, whole))
    name = told(PART_WORDS[part.name], language)
    if language == "zh":
        first = f"{name}：占最慢 {figures.slowest} 人等待时间的 {share} %（{seconds(part.us)} / {seconds(whole)}）。"
    else:
        first = f"{_capital(name)}: {share} % of the wait of the slowest {figures.slowest} "
        first += f"({seconds(part.us)} of {seconds(whole)})."
    return ("" if language == "zh" else " ").join((first, _advice(one, part, language)))


def load(figures: Figures, cores: int, language: Language) -> str:
    """Return who used the processors during the rush, most first."""
    room = max(1, figures.rush_us * cores)
    used = sorted((each for each in figures.burdens if each.cpu_us), key=lambda each: each.cpu_us, reverse=True)
    named = [f"{told(WHO_WORDS[each.who], language)} {round(100 * each.cpu_us / room)} %" for each in used]
    busy = min(100, round(100 * figures.cpu_us / room))
    foreign = sum(each.cpu_us for each in used if each.who == "others") / room
    again = told(_AGAIN, language) if foreign > FOREIGN else ""
    if language == "zh":
        return f"高峰 {seconds(figures.rush_us)} 内处理器占用 {busy} %：" + "、".join(named) + "。" + again
    return f"During the rush ({seconds(figures.rush_us)}) the processors were {busy} % busy: {', '.join(named)}.{again}"


def _advice(one: Rehearsal, part: Part, language: Language) -> str:
    figures = one.figures
    if part.name in COLD:
        return _pool_advice(one, language)
    if part.name == "notice":
        return told(
            ("页面每秒询问一次，服务器已无可省。", "The page asks once a second: the server has nothing to save here."),
            language,
        )
    who = _WHO_WORKS[part.name]
    used = next((each.cpu_us for each in figures.burdens if each.who == who), 0)
    core = round(100 * used / max(1, figures.rush_us))
    name = told(WHO_WORDS[who], language)
    if language == "zh":
        return f"此间{name}占用一个核心的 {core} %；处理器更快或更多时，此项缩短。"
    return f"Meanwhile the {name} used {core} % of a core; faster or more cores shorten this."


def _pool_advice(one: Rehearsal, language: Language) -> str:
    figures, cold = one.figures, len(one.figures.launch.times) - one.figures.warm
    each = figures.cell_kib[len(figures.cell_kib) // 2] if figures.cell_kib else 0
    cost = mib(one.seats * each) if each else "–"
    spared = sum(part.us for part in figures.parts if part.name in COLD)
    rest = sum(part.us for part in figures.parts) - spared
    if language == "zh":
        first = f"{cold} 人没有现成容器；预热 {one.seats} 个（约 {cost} 内存）"
        return f"{first}可免去这 {seconds(spared)}，剩 {seconds(rest)}。"
    return (
        f"{cold} of {one.seats} found no warm cell; a pool of {one.seats} (about {cost} of memory) "
        f"would spare {seconds(spared)} of it and leave {seconds(rest)}."
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def kept(one: Rehearsal, language: Language) -> str:
    """Return memory, who was there, and that nothing stayed."""
    figures, machine = one.figures, one.machine
    cells = figures.cell_kib
    each = mib(cells[len(cells) // 2]) if cells else "–"
    if language == "zh":
        gone = "已全部清除。" if not figures.left else f"仍有 {figures.left} 个未清除，见「实例与容器」。"
        return f"每个环境 {each}，门户等 {mib(figures.control_kib)}；开始时有 {machine.pool} 个现成容器。{gone}"
    gone = "Nothing of it is left." if not figures.left else f"{figures.left} are still there: see Instances and cells."
    platform = mib(figures.control_kib)
    return f"{each} per hospital, {platform} for the platform; {machine.pool} warm cells at the start. {gone}"

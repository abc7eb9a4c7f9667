"""The morning report in words, zh and en: one sentence for the night, one per instance that needs reading about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from sandbox.errors import (
    ArchiveCorruptError,
    ContractMismatchError,
    ControlUnreachableError,
    DatasetCorruptError,
    DatasetMissingError,
    DiskFullError,
    ImageMissingError,
    JournalBrokenError,
    Language,
    ProfileDriftError,
    SandboxError,
)
from sandbox.scheduling.model import Fate, Reason
from sandbox.scheduling.report import Line, Report

Both = tuple[str, str]
"""zh, en."""

FATES: Mapping[Fate, Both] = {
    Fate.WAITING: ("等待", "waiting"),
    Fate.DEFERRED: ("推迟", "deferred"),
    Fate.RUNNING: ("进行中", "running"),
    Fate.RESET: ("已重置", "reset"),
    Fate.CLOSED: ("已关闭", "closed"),
    Fate.RETIRED: ("休眠环境已归档", "retired while hibernated"),
    Fate.SKIPPED: ("跳过", "skipped"),
    Fate.FAILED: ("失败", "failed"),
}
_REASONS: Mapping[str, Both] = {
    Reason.EXAM: ("考试进行中", "an exam is under way"),
    Reason.CLASS: ("课堂练习进行中", "a class is under way"),
    Reason.PRACTICE: ("练习进行中", "an exercise is being practised"),
    Reason.AT_WORK: ("有人正在使用", "somebody is at work"),
    Reason.ASLEEP: ("休眠中", "it hibernated"),
    Reason.RESETTING: ("已有人要求重置", "a reset had been asked for already"),
    Reason.GONE: ("轮到之前已更换或失效", "it was replaced or failed before its turn"),
    Reason.NEXT_NIGHT: ("由下一夜处理", "the next night does it"),
}
_REMEDIES: Mapping[str, Both] = {
    DatasetCorruptError.code: (
        "运行 his-sandbox dataset build base 重新生成数据集，然后 his-sandbox nightly run",
        "run his-sandbox dataset build base, then his-sandbox nightly run",
    ),
    DatasetMissingError.code: (
        "运行 his-sandbox dataset build base，然后 his-sandbox nightly run",
        "run his-sandbox dataset build base, then his-sandbox nightly run",
    ),
    ImageMissingError.code: (
        "运行 his-sandbox image build，然后 his-sandbox instance retry",
        "run his-sandbox image build, then his-sandbox instance retry",
    ),
    ContractMismatchError.code: (
        "重新构建镜像（his-sandbox image build），然后 his-sandbox instance retry",
        "build the image again (his-sandbox image build), then his-sandbox instance retry",
    ),
    DiskFullError.code: ("清理磁盘，系统会自动继续", "free disk space; it goes on by itself"),
    ControlUnreachableError.code: (
        "旧容器无响应，已隔离保留：his-sandbox cell release 再试一次，或 cell give-up 放弃其中的操作记录",
        "the old cell does not answer and is kept: his-sandbox cell release tries again, cell give-up drops its work",
    ),
    ArchiveCorruptError.code: (
        "旧容器无法存档，已隔离保留：his-sandbox cell release 再试一次，或 cell give-up",
        "the old cell could not be archived and is kept: his-sandbox cell release tries again, or cell give-up",
    ),
    JournalBrokenError.code: (
        "存档已保存，但操作日志的校验链不完整；相关成绩需由培训师复核",
        "the archive is kept, but the journal's chain does not hold: a trainer has to look at what was graded from it",
    ),
    ProfileDriftError.code: (
        "容器的隔离设置被改动，请告知安全管理员",
        "the container's isolation was changed: tell the security administrator",
    ),
    "unverified": (
        "已重置，但部分校验没有完成（后台进程中断）；可再次重置：his-sandbox instance reset",
        "it was reset, but not all was verified (the worker was interrupted): his-sandbox instance reset does it again",
    ),
}
_ANY_REMEDY: Both = (
    "查看「实例与容器」，排除原因后运行 his-sandbox instance retry",
    "look at Instances and cells; once the cause is gone, his-sandbox instance retry",
)


def headline(report: Report, language: Language, zone: ZoneInfo) -> str:
    """Return the night in one sentence."""
    zh = {
        "clean": f"一夜顺利：{report.done} 个练习环境全部处理完毕{_counts(report, 'zh')}，存档和数据均已校验。",
        "nothing": "没有需要重置的练习环境。",
        "deferred": f"{report.done} 个已处理{_counts(report, 'zh')}，{report.deferred} 个推迟，结束后自动进行。",
        "failures": f"{_wrong(report)} 个需要处理；其余 {report.total - _wrong(report)} 个正常。",
        "running": f"正在进行：已完成 {report.total - report.left - report.deferred} / {report.total}。",
        "missed": f"未运行。{since(report, 'zh', zone)}",
    }
    en = {
        "clean": f"A clean night: {_all(report)} done{_counts(report, 'en')}, archives and data verified.",
        "nothing": "No practice hospital had to be reset.",
        "deferred": f"{report.done} done{_counts(report, 'en')}, {report.deferred} deferred until people are done.",
        "failures": f"{_wrong_en(report)} a person; the other {report.total - _wrong(report)} went as they should.",
        "running": f"Under way: {report.total - report.left - report.deferred} of {report.total} done.",
        "missed": f"It did not run. {since(report, 'en', zone)}",
    }
    late = since(report, language, zone) if report.late else ""
    parts = [part for part in ((zh if language == "zh" else en)[report.verdict], late) if part]
    return ("" if language == "zh" else " ").join(parts)


def _all(report: Report) -> str:
    return "the one practice hospital" if report.done == 1 else f"all {report.done} practice hospitals"


def _wrong(report: Report) -> int:
    return sum(line.fate is Fate.FAILED or line.trouble != "" for line in report.lines)


def _wrong_en(report: Report) -> str:
    return "1 needs" if _wrong(report) == 1 else f"{_wrong(report)} need"


def _counts(report: Report, language: Language) -> str:
    counted = (
        (Fate.RESET, report.reset),
        (Fate.CLOSED, report.closed),
        (Fate.RETIRED, report.retired),
        (Fate.SKIPPED, report.skipped),
    )
    told = [_pick(FATES[fate], language) + f" {count}" for fate, count in counted if count]
    if not told:
        return ""
    return f"（{'、'.join(told)}）" if language == "zh" else f" ({', '.join(told)})"


def since(report: Report, language: Language, zone: ZoneInfo) -> str:
    """Return why a night came late or not at all; '' if it came in time."""
    if report.begun_at is not None and not report.late:
        return ""
    at = "" if report.silent_since is None else clock(report.silent_since, zone)
    zh = f"后台进程自 {at} 起没有工作" if at else "后台进程没有工作"
    en = f"The worker was not at work since {at}" if at else "The worker was not at work"
    if report.begun_at is None:
        return f"{zh}。" if language == "zh" else f"{en}."
    begun = clock(report.begun_at, zone)
    return f"{zh}，于 {begun} 补做。" if language == "zh" else f"{en}; caught up at {begun}."


def sentence(line: Line, language: Language, zone: ZoneInfo, *, fate: bool = True) -> str:
    """Return what there is to know about one instance: its fate (unless told apart), why, until when, what to do."""
    zh = language == "zh"
    parts = [_pick(FATES[line.fate], language)] if fate else []
    if line.reason:
        parts.append(reason(line.reason, line.until if line.fate is Fate.DEFERRED else None, language, zone))
    if line.trouble in _CODES:
        parts.append(f"{line.trouble} {_CODES[line.trouble]().say(language)}".replace(" ()", "").replace("（）", ""))
    elif line.trouble and line.trouble != "unverified":
        parts.append(line.trouble)
    if line.trouble and line.fate is not Fate.SKIPPED:
        parts.append(("处理：" if zh else "To do: ") + remedy(line.trouble, language))
    told = ("；" if zh else "; ").join(part.rstrip("。.") for part in parts)
    return told + ("。" if zh else ".") if told else ""


def reason(of: str, until: datetime | None, language: Language, zone: ZoneInfo) -> str:
    """Return why something waits and until when: 考试进行中，至 10:40."""
    words = _pick(_REASONS[of], language)
    if until is None:
        return words
    return f"{words}，至 {clock(until, zone)}" if language == "zh" else f"{words}, until {clock(until, zone)}"


def remedy(code: str, language: Language) -> str:
    """Return what a person is to do about an error that ended something at night."""
    return _pick(_REMEDIES.get(code, _ANY_REMEDY), language)


def text(report: Report, language: Language, zone: ZoneInfo, *, most: int = 200) -> list[str]:
    """Return the whole report as lines of plain text; at most so many about single instances."""
    zh = language == "zh"
    begun = clock(report.begun_at, zone) if report.begun_at else ("未开始" if zh else "never")
    ended = clock(report.ended_at, zone) if report.ended_at else "–"
    lines = [f"夜间重置 {report.local_date}" if zh else f"Nightly reset {report.local_date}"]
    lines.append(headline(report, language, zone))
    if report.begun_at is not None and report.total:
        lines += [
            f"开始 {begun}，结束 {ended}，共 {_seconds(report.total_s)}；每个中位 {_seconds(report.p50_s)}，"
            f"最长 {_seconds(report.max_s)}"
            if zh
            else f"Begun {begun}, ended {ended}, {_seconds(report.total_s)} in all; each: median "
            f"{_seconds(report.p50_s)}, longest {_seconds(report.max_s)}",
            f"数据校验 {report.digests_verified}/{report.reset}，存档校验 {report.archives_verified}/{report.archived}"
            if zh
            else f"Data verified {report.digests_verified} of {report.reset}, archives verified "
            f"{report.archives_verified} of {report.archived}",
        ]
    colon = "：" if zh else ": "
    lines += [f"- {line.who}{colon}{sentence(line, language, zone)}" for line in report.lines[:most]]
    if len(report.lines) > most:
        lines.append(f"… {len(report.lines) - most}")
    return lines


def clock(at: datetime, zone: ZoneInfo) -> str:
    """Return day and time at the site."""
    return f"{at.astimezone(zone):%m-%d %H:%M}"


def _seconds(count: float | None) -> str:
    return "–" if count is None else f"{count:g} s"


def _pick(both: Both, language: Language) -> str:
    return both[0] if language == "zh" else both[1]


def _every_error() -> dict[str, type[SandboxError]]:
    found: dict[str, type[SandboxError]] = {}
    waiting: list[type[SandboxError]] = [SandboxError]
    while waiting:
        kind = waiting.pop()
        found.setdefault(kind.code, kind)
        waiting.extend(kind.__subclasses__())
    return found


_CODES = _every_error()

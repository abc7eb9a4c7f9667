"""What a person reads at a closed door: what is the matter and what to do, in zh and en."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import render_template, request

from sandbox.errors import Language
from web.gateway.judging import Reason

REFRESH_S = 2


@dataclass(frozen=True, kw_only=True)
class Words:
    title: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Door:
    """`status` of the reply; `waits`: the page looks again by itself."""

    status: int
    zh: Words
    en: Words
    waits: bool = False


@dataclass(frozen=True, kw_only=True)
class DoorView:
    """Everything the template shows."""

    language: Language
    title: str
    sentence: str
    back: str
    back_href: str
    refresh_s: int | None


DOORS: Mapping[Reason, Door] = {
    Reason.UNKNOWN: Door(
        status=404,
        zh=Words(title="没有这个练习环境", sentence="地址可能有误，或该环境早已关闭。请从「我的培训」重新进入。"),
        en=Words(title="No such practice hospital", sentence="It may be long closed. Please enter from My training."),
    ),
    Reason.NO_PASS: Door(
        status=401,
        zh=Words(
            title="请从「我的培训」进入", sentence="此页面只能从「我的培训」打开；如已在别处登录或退出，请重新进入。"
        ),
        en=Words(
            title="Please enter from My training",
            sentence="This page opens from My training only. If you logged in elsewhere or logged out, enter again.",
        ),
    ),
    Reason.FOREIGN: Door(
        status=403,
        zh=Words(title="这不是您的练习环境", sentence="练习环境仅供本人使用。请从「我的培训」进入自己的环境。"),
        en=Words(title="Not your practice hospital", sentence="Each is for one person. Enter yours from My training."),
    ),
    Reason.FORGED: Door(
        status=403,
        zh=Words(title="操作未执行", sentence="该请求不是从本练习环境的页面发出的，已被拒绝。请返回后重试。"),
        en=Words(title="Nothing was done", sentence="The request did not come from a page of this hospital."),
    ),
    Reason.TICKET: Door(
        status=403,
        zh=Words(title="进入凭证已失效", sentence="凭证只能使用一次且很快过期。请从「我的培训」重新进入。"),
        en=Words(
            title="This entry ticket is used up", sentence="Tickets work once and briefly. Enter from My training."
        ),
    ),
    Reason.CLOSED: Door(
        status=404,
        zh=Words(title="练习环境已关闭", sentence="您的操作已存档。请在「我的培训」查看成绩或重新开始。"),
        en=Words(title="This practice hospital is closed", sentence="Your work is archived. See My training."),
    ),
    Reason.FAILED: Door(
        status=409,
        zh=Words(title="练习环境出现故障", sentence="信息科已收到提醒。请返回「我的培训」，稍后再试。"),
        en=Words(title="This practice hospital has a fault", sentence="IT has been told. Please try again later."),
    ),
    Reason.ASLEEP: Door(
        status=409,
        zh=Words(title="练习环境正在休眠", sentence="您已做的内容都已保存。请在练习台点「继续」，几秒后从原处接着练。"),
        en=Words(
            title="Your practice hospital sleeps",
            sentence="All you did is kept. Press Continue on the workbench; it goes on where you left it.",
        ),
    ),
    Reason.COMING: Door(
        status=409,
        zh=Words(title="练习环境正在准备", sentence="准备好后会自动打开，请稍候。"),
        en=Words(title="Your practice hospital is being prepared", sentence="It opens by itself. One moment, please."),
        waits=True,
    ),
    Reason.SILENT: Door(
        status=502,
        zh=Words(title="练习环境暂时没有响应", sentence="系统会自动重新连接，已保存的操作不会丢失。"),
        en=Words(
            title="The practice hospital does not answer", sentence="It reconnects by itself; saved work is kept."
        ),
        waits=True,
    ),
}


def page(reason: Reason, *, panel: str, instance: str) -> tuple[str, int]:
    """Return the page of a closed door and its status. `panel` is its address, with a slash at the end."""
    door, language = DOORS[reason], _language()
    words = door.zh if language == "zh" else door.en
    view = DoorView(
        language=language,
        title=words.title,
        sentence=words.sentence,
        back=_back(reason, language),
        back_href=f"{panel}practice/{instance}" if reason is Reason.ASLEEP else panel,
        refresh_s=REFRESH_S if door.waits else None,
    )
    return render_template("gateway/door.html", view=view), door.status


def _back(reason: Reason, language: Language) -> str:
    if reason is Reason.ASLEEP:
        return "到练习台继续" if language == "zh" else "Continue on the workbench"
    return "返回「我的培训」" if language == "zh" else "Back to My training"


def _language() -> Language:
    return "en" if request.accept_languages.best_match(["zh", "en"], default="zh") == "en" else "zh"

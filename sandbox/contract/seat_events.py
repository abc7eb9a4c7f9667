"""What every seat does whatever its desk: log-in, mail, messages, and everything about other people's data."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.contract.action import Action

_AT_TERMINAL = {"account": "text", "terminal": "text"}
_MAIL = {"lure": "text"}

SEAT_ACTIONS: tuple[Action, ...] = (
    Action("patient.view_id", "view", "查看证件号明文", "Unmasked ID number viewed", "patient"),
    Action("message.read", "view", "阅读消息", "Message read", "", {"message": "text"}),
    Action(
        "chart.break_glass",
        "privacy",
        "应急调阅",
        "Break-glass access",
        "encounter",
        {"reason": "code:break_glass_reason", "text": "text"},
    ),
    Action(
        "export.request",
        "privacy",
        "导出",
        "Export requested",
        "",
        {"what": "code:export_kind", "list": "text", "purpose": "text", "rows": "int", "second": "text"},
    ),
    Action("print.document", "privacy", "打印", "Document printed", "", {"document": "text", "purpose": "text"}),
    Action("mail.open", "privacy", "打开院内邮件(模拟)", "Simulated mail opened", "mail", _MAIL),
    Action("mail.report", "privacy", "举报可疑邮件", "Suspicious mail reported", "mail", _MAIL),
    Action("mail.link_follow", "privacy", "点击邮件链接", "Link followed", "mail", _MAIL),
    Action("incident.report", "write", "上报事件", "Incident reported", "incident", {"kind": "code:incident_kind"}),
    Action("auth.login", "auth", "登录", "Logged in", "", _AT_TERMINAL),
    Action("auth.login_failed", "auth", "登录失败", "Log-in failed", "", _AT_TERMINAL),
    Action("auth.logout", "auth", "退出", "Logged out", "", {**_AT_TERMINAL, "cause": "int"}),
    Action("auth.password_change", "auth", "修改密码", "Password changed", "", {"reason": "text"}),
    Action("auth.agreement_sign", "auth", "签署保密承诺", "Confidentiality agreement signed"),
    Action("auth.reauth", "auth", "再次确认身份", "Credential re-entered", "", {"purpose": "text"}),
    Action("auth.seat_switch", "auth", "切换岗位账号", "Seat switched", "", {"from": "text", "to": "text"}),
    Action("auth.lock_screen", "auth", "锁屏", "Screen locked", "", {"by": "text"}),
    Action("auth.unlock_screen", "auth", "解锁", "Screen unlocked"),
)
"""`lure` of a mail: phishing, production (it leads to the simulated real system), none. `terminal` counts the
browsers in order of their first log-in; a log-out names account and terminal where somebody else logged in at a locked
screen. `reason` says why a new password was not taken; passwords are never written."""

TYPED_FIELDS: Mapping[str, Mapping[str, str]] = {
    "auth.login": {"password": "text"},
    "auth.password_change": {"old": "text", "new": "text"},
    "auth.unlock_screen": {"password": "text"},
}
"""What a scripted step may say is typed and no journal keeps. Left out, it is what the seat's password is at first;
`new: ''` is the button for later."""

"""The one error tree. A class says what rule was broken; its code and words say it to people, in zh and en."""

from __future__ import annotations

from typing import ClassVar, Literal

Language = Literal["zh", "en"]


class SandboxError(Exception):
    """Any error of ours. `detail` is for the log; `say()` is for people; `facts` fill the sentence."""

    code: ClassVar[str] = "SBX-000"
    zh: ClassVar[str] = "系统内部错误，操作未保存。请把编号告诉信息科。"
    en: ClassVar[str] = "Internal error, nothing was saved. Please give the reference number to IT."

    def __init__(self, detail: str = "", **facts: object) -> None:
        super().__init__(detail or self.en.format_map(_Known(facts)))
        self.facts: dict[str, object] = {"detail": detail, **facts}

    def say(self, language: Language) -> str:
        """Return the sentence for people, with this error's facts filled in."""
        sentence = self.zh if language == "zh" else self.en
        return sentence.format_map(_Known(self.facts))


class _Known(dict[str, object]):
    """Fills what is known and leaves a dash for what is not: an error must never fail while being told."""

    def __missing__(self, key: str) -> str:
        return "–"


class RefusedError(SandboxError):
    """Not you, or not now. Shown to the person, never retried."""

    code = "SBX-100"
    zh = "现在不能这样做。"
    en = "This is not possible now."


class ForbiddenError(RefusedError):
    code = "SBX-101"
    zh = "您没有此项权限。如需要，请联系信息科。"
    en = "You may not do this. If you need to, ask IT."


class NotFoundError(RefusedError):
    code = "SBX-102"
    zh = "没有找到，可能已被删除或不属于您。"
    en = "Not found: it may be gone, or not yours."


class WrongStateError(RefusedError):
    code = "SBX-103"
    zh = "当前状态不允许此操作，请刷新页面查看最新状态。"
    en = "Not possible in the present state. Reload the page to see where things stand."


class LostRaceError(RefusedError):
    code = "SBX-104"
    zh = "刚刚已有人先做了这件事，请刷新页面。"
    en = "Somebody was first. Reload the page."


class QuotaError(RefusedError):
    code = "SBX-105"
    zh = "已达到上限（{limit}），请稍后再试。"
    en = "The limit of {limit} is reached. Please try again later."


class TooOftenError(QuotaError):
    code = "SBX-112"
    zh = "{minutes} 分钟内最多 {limit} 次，请 {seconds} 秒后再试。"
    en = "At most {limit} times within {minutes} minutes. Please try again in {seconds} seconds."


class ExpiredError(RefusedError):
    code = "SBX-113"
    zh = "练习环境已到期关闭，您的操作已存档。可在「我的培训」重新开始。"
    en = "This practice hospital's time was over, so it was closed. Your work is archived; start anew from My training."


class AttemptLimitError(RefusedError):
    code = "SBX-106"
    zh = "此练习的次数（{limit}）已用完。"
    en = "All {limit} attempts of this exercise are used up."


class NotYetError(RefusedError):
    """Allowed, but only from a later moment: fact `next`, in the hospital's time or as seconds to wait."""

    code = "SBX-109"
    zh = "现在还不行，{next} 后再试。"
    en = "Not yet. Possible after {next}."


class VersionTakenError(RefusedError):
    """An exercise version is released already, with other bytes."""

    code = "SBX-108"
    zh = "练习 {version} 已发布且内容不同；已发布的版本不能更改，请把文件中的 version 加 1。"
    en = "Exercise {version} is released with other content. Released versions never change: raise its version."


class NotReleasableError(RefusedError):
    code = "SBX-110"
    zh = "练习 {version} 还没有通过发布检查，不能发布。请先运行发布检查。"
    en = "Exercise {version} has not passed the release gate. Run the gate first."


class RetiredError(RefusedError):
    code = "SBX-111"
    zh = "练习 {version} 已停用，不能再分配。"
    en = "Exercise {version} is retired and cannot be assigned."


class TicketError(RefusedError):
    """An expired, used or forged ticket to an instance."""

    code = "SBX-107"
    zh = "进入凭证已失效，请从「我的培训」重新进入。"
    en = "This entry ticket is no longer valid. Please enter again from My training."


class InvalidError(SandboxError):
    """Content is wrong; carries every problem with its place."""

    code = "SBX-200"
    zh = "内容有误，未保存：{problems}"
    en = "The content is wrong, nothing was saved: {problems}"


class ExerciseInvalidError(InvalidError):
    code = "SBX-201"
    zh = "练习文件有误：{problems_zh}"
    en = "The exercise file is wrong: {problems_en}"


class SettingsInvalidError(InvalidError):
    code = "SBX-202"
    zh = "配置有误：{problems}"
    en = "The settings are wrong: {problems}"


class HospitalInvalidError(InvalidError):
    code = "SBX-213"
    zh = "本院目录有误：{problems_zh}"
    en = "The folder of the site's own hospital is wrong: {problems_en}"


class PasswordWeakError(InvalidError):
    """Carries the broken rules in both languages: facts `zh`, `en`, and their names in `rules`."""

    code = "SBX-203"
    zh = "密码不符合要求：{zh}"
    en = "The password does not meet the policy: {en}"


class AdjustmentInvalidError(InvalidError):
    """A mark, override or its reason cannot stand: facts `zh`, `en`."""

    code = "SBX-211"
    zh = "调整未保存：{zh}。"
    en = "Nothing was adjusted: {en}."


class RegradeInvalidError(InvalidError):
    """A regrade cannot be asked for like this: facts `zh`, `en`."""

    code = "SBX-212"
    zh = "不能这样重新评分：{zh}。"
    en = "A regrade is not possible like this: {en}."


class TemporaryError(SandboxError):
    """A later tick tries again. `retry_after` is in seconds."""

    code = "SBX-300"
    zh = "暂时无法完成，系统会自动重试。"
    en = "Not possible right now; it will be tried again."
    retry_after: ClassVar[float] = 1.0


class EngineUnavailableError(TemporaryError):
    code = "SBX-301"
    zh = "容器引擎无响应，暂时不能创建练习环境；已打开的环境不受影响。"
    en = "The container engine does not answer. No new practice hospital can be made; open ones go on."


class NoCapacityError(TemporaryError):
    code = "SBX-302"
    zh = "资源不足（{what}），已排队等候。"
    en = "Not enough {what}; waiting in the queue."


class DiskFullError(NoCapacityError):
    code = "SBX-303"
    zh = "磁盘空间不足，已排队等候；请通知信息科清理磁盘。"
    en = "The disk is full; waiting in the queue. Please tell IT to free disk space."


class OutcomeUnknownError(TemporaryError):
    """A call timed out: it may have happened. Observe first, never repeat blindly."""

    code = "SBX-304"
    zh = "引擎响应超时，正在核实结果。"
    en = "The engine took too long; checking what happened."


class ControlUnreachableError(TemporaryError):
    code = "SBX-305"
    zh = "练习环境暂时没有响应。"
    en = "The practice hospital does not answer at the moment."


class NotReadyError(TemporaryError):
    """Something is still being prepared, or just being taken down."""

    code = "SBX-308"
    zh = "系统尚未就绪，稍后会自动重试。"
    en = "Not ready yet; it will be tried again."


class StoreBusyError(TemporaryError):
    code = "SBX-306"
    zh = "数据库繁忙，未保存，请稍后再试。"
    en = "The database is busy, nothing was saved. Please try again in a moment."


class PermanentError(SandboxError):
    """Trying again cannot help. Held for a person, with an alarm."""

    code = "SBX-400"
    zh = "需要信息科处理。"
    en = "IT has to look at this."


class ContractMismatchError(PermanentError):
    code = "SBX-401"
    zh = "镜像与平台版本不一致（{detail}），请重新构建镜像。"
    en = "Image and platform do not fit ({detail}). Build the image again."


class ImageMissingError(PermanentError):
    code = "SBX-402"
    zh = "找不到镜像 {image}，请运行 make image。"
    en = "Image {image} is missing. Run `make image`."


class ProfileDriftError(PermanentError):
    code = "SBX-403"
    zh = "容器的隔离设置与要求不符（{fields}），已停用。"
    en = "The container's isolation differs from the profile ({fields}); it was taken out of use."


class JournalBrokenError(PermanentError):
    code = "SBX-404"
    zh = "操作日志校验失败（{detail}），成绩暂不给出。"
    en = "The journal does not verify ({detail}); no score is given."


class ArchiveCorruptError(PermanentError):
    code = "SBX-405"
    zh = "存档校验失败（{detail}）。"
    en = "The archive does not verify ({detail})."


class PortTakenError(PermanentError):
    code = "SBX-406"
    zh = "端口 {port} 已被占用，请在设置中改用其他端口。"
    en = "Port {port} is taken. Choose another one in the settings."


class DatasetMissingError(PermanentError):
    code = "SBX-407"
    zh = "还没有为当前镜像生成练习数据集，请运行 his-sandbox dataset build。"
    en = "There is no dataset for the present image yet. Run `his-sandbox dataset build`."


class DatasetCorruptError(PermanentError):
    """The golden file, or a copy of it, is not the one that was built."""

    code = "SBX-413"
    zh = "练习数据集校验失败（{detail}），没有发放。"
    en = "The dataset does not verify ({detail}); it was not given out."


class PdfUnavailableError(PermanentError):
    code = "SBX-421"
    zh = "无法生成 PDF（{detail}），请信息科检查。网页版报告不受影响。"
    en = "No PDF can be made ({detail}). IT has to look; the report's page is not affected."


class LeaseLostError(SandboxError):
    """Another worker leads: stop at once, write nothing more."""

    code = "SBX-500"
    zh = "另一个后台进程正在运行，同一时间只能有一个，本进程退出。"
    en = "Another worker is running. There can be only one; this one leaves."

"""The catalogue of journal actions: what may stand in a row, with its attributes.

Every transition of `machines` (`entity.event`) and the other actions below. The HIS offers exactly these (a test in
the image proves it), exercises may name only these. Attribute kinds are those of `state`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.contract import machines

_TABLE_OF = {
    "patient_index": "patient",
    "his_account": "",
}


@dataclass(frozen=True)
class Action:
    """`kind`: transition, write, view, alert, privacy, auth, print, attempt, inject, clock."""

    name: str
    kind: str
    zh: str
    en: str
    target: str = ""
    """Table of the record the row is about; '' = none."""
    attributes: Mapping[str, str] = field(default_factory=dict)


_EVENT_WORDS: Mapping[str, tuple[str, str]] = {
    "patient_index.create": ("建档", "Patient created"),
    "patient_index.update": ("修改基本信息", "Demographics updated"),
    "patient_index.flag_duplicate": ("标记疑似重复", "Flagged as a possible duplicate"),
    "patient_index.merge": ("合并档案", "Records merged"),
    "patient_index.dismiss": ("排除重复", "Duplicate dismissed"),
    "patient_index.unmerge": ("撤销合并", "Merge undone"),
    "registration.create": ("挂号", "Registered"),
    "registration.pay": ("缴挂号费", "Registration fee paid"),
    "registration.expire": ("挂号过期", "Registration expired"),
    "registration.check_in": ("报到", "Checked in"),
    "registration.call": ("叫号", "Called"),
    "registration.pass": ("过号", "Passed over"),
    "registration.re_queue": ("重新排队", "Queued again"),
    "registration.refund": ("退号", "Registration refunded"),
    "registration.start": ("接诊", "Consultation started"),
    "registration.finish": ("诊毕", "Consultation finished"),
    "registration.undo_start": ("取消接诊", "Start undone"),
    "encounter.plan": ("就诊登记", "Visit planned"),
    "encounter.arrive": ("到诊", "Visit arrived"),
    "encounter.triage": ("分诊", "Triaged"),
    "encounter.start": ("就诊开始", "Visit started"),
    "encounter.cancel": ("就诊取消", "Visit cancelled"),
    "encounter.leave": ("请假离院", "On leave"),
    "encounter.return": ("返院", "Returned"),
    "encounter.finish": ("就诊结束", "Visit finished"),
    "encounter.undo_start": ("撤销就诊开始", "Visit start undone"),
    "encounter.reopen": ("重新打开就诊", "Visit reopened"),
    "allergy.record": ("登记过敏", "Allergy recorded"),
    "allergy.retract": ("撤销过敏", "Allergy retracted"),
    "medical_record.create": ("新建病历", "Record created"),
    "medical_record.save": ("保存病历", "Record saved"),
    "medical_record.submit": ("提交审签", "Record submitted"),
    "medical_record.sign": ("病历签名", "Record signed"),
    "medical_record.return": ("退回修改", "Record returned"),
    "medical_record.countersign": ("审签", "Record countersigned"),
    "medical_record.amend": ("修订病历", "Record amended"),
    "medical_record.void": ("作废病历", "Record voided"),
    "medical_record.archive": ("归档", "Record archived"),
    "medical_record.unlock_request": ("申请解锁", "Unlock requested"),
    "medical_record.unlock": ("解锁", "Record unlocked"),
    "medical_record.refuse_unlock": ("拒绝解锁", "Unlock refused"),
    "medical_record.seal": ("封存", "Record sealed"),
    "medical_record.unseal": ("解封", "Record unsealed"),
    "prescription.create": ("新开处方", "Prescription drafted"),
    "prescription.sign": ("处方签名", "Prescription signed"),
    "prescription.approve": ("审方通过", "Prescription approved"),
    "prescription.reject": ("审方退回", "Prescription rejected"),
    "prescription.revise": ("修改处方", "Prescription revised"),
    "prescription.cancel": ("作废处方", "Prescription cancelled"),
    "prescription.charge": ("处方收费", "Prescription charged"),
    "prescription.expire": ("处方过期", "Prescription expired"),
    "prescription.extend": ("延长有效期", "Prescription extended"),
    "prescription.pick": ("调配", "Picked"),
    "prescription.check": ("核对", "Checked"),
    "prescription.unpick": ("取消调配", "Picking undone"),
    "prescription.dispense": ("发药", "Dispensed"),
    "prescription.refund": ("处方退费", "Prescription refunded"),
    "prescription.skin_test": ("皮试", "Skin test"),
    "prescription.return_apply": ("申请退药", "Return applied for"),
    "prescription.accept_return": ("验收退药", "Return accepted"),
    "prescription.refuse_return": ("拒绝退药", "Return refused"),
    "charge_item.plan": ("计划收费", "Charge planned"),
    "charge_item.post": ("记账", "Charge posted"),
    "charge_item.void": ("作废收费项", "Charge voided"),
    "charge_item.pay": ("收费", "Charge paid"),
    "charge_item.apply_refund": ("申请退费", "Refund applied for"),
    "charge_item.approve": ("批准退费", "Refund approved"),
    "charge_item.reject": ("驳回退费", "Refund rejected"),
    "charge_item.refund": ("退费", "Charge refunded"),
    "invoice.issue": ("开票", "Invoice issued"),
    "invoice.reverse": ("冲红", "Invoice reversed"),
    "invoice.reprint": ("补打发票", "Invoice reprinted"),
    "his_account.request": ("申请账号", "Account requested"),
    "his_account.enrol_training": ("进入培训", "Enrolled for training"),
    "his_account.pass": ("培训通过", "Training passed"),
    "his_account.provision": ("开通账号", "Account provisioned"),
    "his_account.first_login": ("首次登录", "First log-in"),
    "his_account.lock": ("账号锁定", "Account locked"),
    "his_account.unlock": ("账号解锁", "Account unlocked"),
    "his_account.reset_password": ("重置密码", "Password reset"),
    "his_account.suspend": ("暂停账号", "Account suspended"),
    "his_account.resume": ("恢复账号", "Account resumed"),
    "his_account.disable": ("停用账号", "Account disabled"),
    "stock_batch.receive": ("入库", "Batch received"),
    "stock_batch.accept": ("验收入库", "Batch accepted"),
    "stock_batch.reject": ("拒收", "Batch rejected"),
    "stock_batch.near_expiry": ("近效期", "Batch near expiry"),
    "stock_batch.expire": ("批次过期", "Batch expired"),
    "stock_batch.quarantine": ("批次锁定", "Batch quarantined"),
    "stock_batch.release": ("批次解锁", "Batch released"),
    "stock_batch.scrap": ("报损", "Batch scrapped"),
}

_CAUSE = {"cause": "int"}
_EVENT_ATTRIBUTES: Mapping[str, Mapping[str, str]] = {
    "patient_index.create": {"name": "text", "duplicate_shown": "bool"},
    "patient_index.flag_duplicate": {"other": "ref:patient"},
    "registration.create": {
        "dept": "code:departments",
        "doctor": "ref:staff",
        "level": "code:registration_levels",
        "half_day": "code:half_day",
        "insurance_type": "code:insurance_types",
    },
    "registration.pay": {"channel": "code:pay_channel", "amount": "decimal"},
    "registration.start": {"identifiers": "int"},
    "registration.undo_start": {"reason": "text"},
    "registration.call": {"reason": "text"},
    "allergy.record": {
        "class": "code:allergy_classes",
        "drug": "code:drugs",
        "reaction": "text",
        "severity": "code:allergy_severity",
        "source": "code:allergy_source",
    },
    "allergy.retract": {"reason": "text"},
    "medical_record.create": {"type": "code:record_type"},
    "medical_record.save": {"type": "code:record_type"},
    "medical_record.sign": {"type": "code:record_type", "similarity": "decimal", "foreign_identity": "bool"},
    "medical_record.amend": {"reason": "text"},
    "medical_record.void": {"reason": "text"},
    "prescription.create": {"type": "code:rx_type"},
    "prescription.sign": {
        "drugs": "list:drugs",
        "classes": "list:allergy_classes",
        "items": "int",
        "max_days": "int",
        "long_supply_reason": "code:long_supply_reason",
    },
    "prescription.revise": {
        "drugs": "list:drugs",
        "classes": "list:allergy_classes",
        "items": "int",
        "max_days": "int",
        "long_supply_reason": "code:long_supply_reason",
    },
    "prescription.reject": {"reason": "code:rx_review_reason", "note": "text"},
    "prescription.cancel": {"reason": "code:cancel_reason"},
    "prescription.charge": {"invoice": "ref:invoice", "amount": "decimal"},
    "prescription.pick": {"batches": "list:stock_batch"},
    "prescription.dispense": {"identifiers": "int"},
    "charge_item.pay": {"channel": "code:pay_channel", "invoice": "ref:invoice"},
    "invoice.issue": {"total": "decimal", "channel": "code:pay_channel"},
}

_OTHERS: tuple[Action, ...] = (
    Action("patient.search", "view", "检索患者", "Patient searched", "", {"kind": "text", "hits": "int"}),
    Action("patient.view_id", "view", "查看证件号明文", "Unmasked ID number viewed", "patient"),
    Action("chart.open", "view", "打开病历", "Chart opened", "encounter", {"relation": "text"}),
    Action("chart.section", "view", "查看病历栏目", "Chart section viewed", "", {"section": "text"}),
    Action("queue.view", "view", "查看候诊队列", "Queue viewed", "", {"desk": "text"}),
    Action("stock.view", "view", "查看库存", "Stock viewed", "", {"drug": "code:drugs"}),
    Action("message.read", "view", "阅读消息", "Message read", "", {"message": "text"}),
    Action(
        "diagnosis.add",
        "write",
        "录入诊断",
        "Diagnosis added",
        "diagnosis",
        {"code": "code:icd10", "dx_type": "code:dx_type", "rank": "int", "certainty": "code:certainty"},
    ),
    Action(
        "diagnosis.retract",
        "write",
        "撤销诊断",
        "Diagnosis retracted",
        "diagnosis",
        {"code": "code:icd10", "reason": "text"},
    ),
    Action(
        "stock_movement.post",
        "write",
        "库存变动",
        "Stock movement posted",
        "stock_batch",
        {"type": "code:stock_move", "quantity": "int", "cause": "int"},
    ),
    Action(
        "alert.shown",
        "alert",
        "弹出提示",
        "Alert shown",
        "",
        {"rule": "text", "level": "text", "items": "list:drugs"},
    ),
    Action("alert.heeded", "alert", "返回修改", "Alert heeded", "", {"rule": "text", "items": "list:drugs"}),
    Action(
        "alert.override",
        "alert",
        "继续并填写理由",
        "Alert overridden",
        "",
        {
            "rule": "text",
            "level": "text",
            "items": "list:drugs",
            "reason": "code:override_reason",
            "text": "text",
            "second": "text",
        },
    ),
    Action(
        "chart.break_glass",
        "privacy",
        "应急调阅",
        "Break-glass access",
        "encounter",
        {"reason": "code:break_glass_reason", "text": "text"},
    ),
    Action("print.document", "privacy", "打印", "Document printed", "", {"document": "text", "purpose": "text"}),
    Action("auth.login", "auth", "登录", "Logged in", "", {"account": "text"}),
    Action("auth.login_failed", "auth", "登录失败", "Log-in failed", "", {"account": "text"}),
    Action("auth.logout", "auth", "退出", "Logged out"),
    Action("auth.password_change", "auth", "修改密码", "Password changed"),
    Action("auth.reauth", "auth", "再次确认身份", "Credential re-entered", "", {"purpose": "text"}),
    Action("auth.seat_switch", "auth", "切换岗位账号", "Seat switched", "", {"from": "text", "to": "text"}),
    Action("auth.lock_screen", "auth", "锁屏", "Screen locked", "", {"by": "text"}),
    Action("auth.unlock_screen", "auth", "解锁", "Screen unlocked"),
    Action("colleague.ask", "colleague", "请同事核对", "Colleague asked", "", {"step": "text", "subject": "text"}),
    Action(
        "colleague.answer",
        "colleague",
        "同事答复(模拟)",
        "Colleague answered",
        "",
        {"verdict": "text", "comment": "text", "staff_no": "text"},
    ),
    Action("inject.fired", "inject", "情境事件触发", "Inject fired", "", {"inject": "text"}),
    Action(
        "attempt.begin",
        "attempt",
        "练习开始",
        "Attempt begins",
        "",
        {"bindings": "text", "anchor": "date", "exercise": "text", "dataset": "text"},
    ),
    Action("attempt.end", "attempt", "练习结束", "Attempt ends", "", {"reason": "text"}),
    Action("answer.give", "attempt", "作答", "Answer given", "", {"check": "text", "value": "text"}),
)


def _transitions() -> list[Action]:
    return [
        Action(
            name,
            "transition",
            *_EVENT_WORDS[name],
            _TABLE_OF.get(name.split(".")[0], name.split(".")[0]),
            {**_EVENT_ATTRIBUTES.get(name, {}), **_CAUSE},
        )
        for name in sorted(machines.actions())
    ]


ACTIONS: Mapping[str, Action] = {each.name: each for each in (*_OTHERS, *_transitions())}

ROW_FIELDS = ("actor", "patient", "encounter", "target")
"""Columns of every row that a pattern may match besides action, outcome, code and the action's attributes."""

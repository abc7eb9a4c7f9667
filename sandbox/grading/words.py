"""What people call tables, columns, states and codes, in zh and en. The names that report sentences are made of."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.contract.foreseen import state as coming
from sandbox.contract.foreseen import states as coming_states
from sandbox.grading import field_words

Pair = tuple[str, str]

TABLES: Mapping[str, Pair] = {
    **coming.TABLE_WORDS,
    "patient": ("患者档案", "patient record"),
    "allergy": ("过敏记录", "allergy entry"),
    "staff": ("职工档案", "staff record"),
    "registration": ("挂号", "registration"),
    "encounter": ("就诊", "visit"),
    "diagnosis": ("诊断", "diagnosis"),
    "medical_record": ("病历", "medical record"),
    "prescription": ("处方", "prescription"),
    "rx_item": ("处方明细", "prescription line"),
    "charge_item": ("收费项目", "charge item"),
    "invoice": ("发票", "invoice"),
    "stock_batch": ("药品批次", "stock batch"),
    "stock_movement": ("库存流水", "stock movement"),
    "mail": ("院内邮件", "mail"),
    "incident": ("安全事件上报", "incident report"),
    "vitals": ("生命体征", "vital signs"),
}

COLUMNS: Mapping[str, Pair] = {
    **coming.COLUMN_WORDS,
    "id": ("记录", "record"),
    "mrn": ("病案号", "MRN"),
    "name": ("姓名", "name"),
    "pinyin_initials": ("拼音简码", "initials"),
    "sex": ("性别", "sex"),
    "birth_date": ("出生日期", "birth date"),
    "id_type": ("证件类型", "ID type"),
    "id_no": ("证件号", "ID number"),
    "phone": ("电话", "phone"),
    "address": ("住址", "address"),
    "insurance_type": ("医保类型", "insurance"),
    "insurance_no": ("医保号", "insurance number"),
    "card_no": ("就诊卡号", "card number"),
    "status": ("状态", "status"),
    "patient": ("患者", "patient"),
    "class": ("过敏类别", "allergy class"),
    "drug": ("药品", "drug"),
    "reaction": ("过敏表现", "reaction"),
    "severity": ("严重程度", "severity"),
    "source": ("来源", "source"),
    "recorded_by": ("登记人", "recorded by"),
    "recorded_at": ("登记时间", "recorded at"),
    "staff_no": ("工号", "staff number"),
    "role": ("岗位", "role"),
    "title": ("职称", "title"),
    "dept": ("科室", "department"),
    "encounter": ("就诊", "visit"),
    "registration": ("挂号", "registration"),
    "doctor": ("医生", "doctor"),
    "level": ("号别", "level"),
    "visit_date": ("就诊日期", "visit date"),
    "half_day": ("午别", "half-day"),
    "queue_no": ("排队号", "queue number"),
    "fee": ("挂号费", "fee"),
    "paid_at": ("缴费时间", "paid at"),
    "attending": ("接诊医生", "attending doctor"),
    "started_at": ("开始时间", "started at"),
    "finished_at": ("结束时间", "finished at"),
    "code": ("编码", "code"),
    "dx_type": ("诊断类型", "diagnosis type"),
    "rank": ("诊断次序", "rank"),
    "certainty": ("确定程度", "certainty"),
    "added_by": ("录入人", "added by"),
    "added_at": ("录入时间", "added at"),
    "type": ("类型", "type"),
    "author": ("书写人", "author"),
    "complaint": ("主诉", "complaint"),
    "present": ("现病史", "present history"),
    "past": ("既往史", "past history"),
    "examination": ("查体", "examination"),
    "plan": ("处理意见", "plan"),
    "signed_at": ("签名时间", "signed at"),
    "version_no": ("版本号", "version"),
    "rx_no": ("处方号", "prescription number"),
    "prescriber": ("开方医生", "prescriber"),
    "reviewer": ("审方药师", "reviewer"),
    "picker": ("调配人", "picker"),
    "checker": ("核对人", "checker"),
    "review_reason": ("审方意见", "review reason"),
    "amount": ("金额", "amount"),
    "prescription": ("处方", "prescription"),
    "dose": ("单次剂量", "dose"),
    "dose_unit": ("剂量单位", "dose unit"),
    "route": ("给药途径", "route"),
    "freq": ("频次", "frequency"),
    "days": ("天数", "days"),
    "quantity": ("数量", "quantity"),
    "price": ("单价", "price"),
    "item": ("项目", "item"),
    "number": ("号码", "number"),
    "channel": ("支付渠道", "channel"),
    "total": ("合计", "total"),
    "cashier": ("收费员", "cashier"),
    "issued_at": ("开票时间", "issued at"),
    "reverses": ("冲红的发票", "invoice reversed"),
    "checked_in_at": ("报到时间", "checked in at"),
    "turn": ("候诊位次", "turn in the queue"),
    "room": ("诊室", "room"),
    "triage": ("分诊级别", "triage level"),
    "chief_complaint": ("主诉", "chief complaint"),
    "temp": ("体温", "temperature"),
    "pulse": ("脉搏", "pulse"),
    "resp": ("呼吸", "breathing rate"),
    "sbp": ("收缩压", "systolic pressure"),
    "dbp": ("舒张压", "diastolic pressure"),
    "spo2": ("血氧饱和度", "oxygen saturation"),
    "pain": ("疼痛评分", "pain score"),
    "height": ("身高", "height"),
    "weight": ("体重", "weight"),
    "gcs": ("昏迷评分", "coma score"),
    "batch_no": ("批号", "batch number"),
    "expiry": ("有效期", "expiry"),
    "place": ("库房", "store"),
    "location": ("库位", "location"),
    "cost": ("进价", "cost price"),
    "supplier": ("供货单位", "supplier"),
    "delivery_no": ("随货单号", "delivery note"),
    "origin": ("来源批次", "batch it came from"),
    "received_by": ("收货人", "received by"),
    "accepted_by": ("验收人", "accepted by"),
    "recipient": ("收件人", "recipient"),
    "sender_zh": ("发件人", "sender"),
    "sender_en": ("发件人(英文)", "sender in English"),
    "sender_address": ("发件地址", "sender's address"),
    "subject_zh": ("主题", "subject"),
    "subject_en": ("主题(英文)", "subject in English"),
    "body_zh": ("正文", "text"),
    "body_en": ("正文(英文)", "text in English"),
    "link": ("链接地址", "address of the link"),
    "link_zh": ("链接文字", "words of the link"),
    "link_en": ("链接文字(英文)", "words of the link in English"),
    "lure": ("诱饵类别", "kind of lure"),
    "delivered_at": ("送达时间", "delivered at"),
    "opened_at": ("打开时间", "opened at"),
    "followed_at": ("点击链接时间", "link followed at"),
    "kind": ("类别", "kind"),
    "text": ("内容", "text"),
    "reporter": ("上报人", "reported by"),
    "reported_at": ("上报时间", "reported at"),
    "return_reason": ("退药原因", "reason for the return"),
    "return_qty": ("申请退药数量", "quantity to return"),
    "returned_qty": ("已退数量", "returned quantity"),
    "batch": ("批次", "batch"),
    "reversal_of": ("冲销的流水", "movement reversed"),
    "reason": ("理由", "reason"),
    "note": ("备注", "note"),
    "second": ("复核人", "second person"),
    "posted_by": ("记账人", "posted by"),
    "posted_at": ("记账时间", "posted at"),
}

STATES: Mapping[str, Pair] = {
    **coming_states.STATE_WORDS,
    "active": ("有效", "active"),
    "merge_candidate": ("疑似重复", "possible duplicate"),
    "merged": ("已合并", "merged"),
    "retracted": ("已撤销", "retracted"),
    "unpaid": ("未缴费", "unpaid"),
    "registered": ("已挂号", "registered"),
    "checked_in": ("已报到", "checked in"),
    "called": ("已叫号", "called"),
    "missed": ("过号", "passed over"),
    "in_consult": ("就诊中", "in consultation"),
    "completed": ("已诊毕", "completed"),
    "refunded": ("已退费", "refunded"),
    "expired": ("已过期", "expired"),
    "planned": ("已计划", "planned"),
    "arrived": ("已到诊", "arrived"),
    "triaged": ("已分诊", "triaged"),
    "in_progress": ("进行中", "in progress"),
    "on_leave": ("请假中", "on leave"),
    "finished": ("已结束", "finished"),
    "cancelled": ("已取消", "cancelled"),
    "draft": ("草稿", "draft"),
    "pending_countersign": ("待审签", "awaiting countersignature"),
    "signed": ("已签名", "signed"),
    "amended": ("已修订", "amended"),
    "voided": ("已作废", "voided"),
    "archived": ("已归档", "archived"),
    "unlock_pending": ("待解锁", "awaiting unlock"),
    "sealed": ("已封存", "sealed"),
    "issued": ("已开具", "issued"),
    "reviewed": ("审方通过", "reviewed"),
    "rejected": ("已退回", "rejected"),
    "charged": ("已收费", "charged"),
    "dispensing": ("调配中", "being picked"),
    "checked": ("已核对", "checked"),
    "dispensed": ("已发药", "dispensed"),
    "return_requested": ("申请退药", "return requested"),
    "returned": ("已退药", "returned"),
    "billable": ("待收费", "billable"),
    "paid": ("已收费", "paid"),
    "refund_requested": ("申请退费", "refund requested"),
    "refund_approved": ("退费已批", "refund approved"),
    "reversed": ("已冲红", "reversed"),
    "awaiting_check": ("待验收", "awaiting check"),
    "available": ("可用", "available"),
    "near_expiry": ("近效期", "near expiry"),
    "quarantined": ("已锁定", "quarantined"),
    "scrapped": ("已报损", "scrapped"),
    "returned_supplier": ("已退供应商", "returned to supplier"),
}

CODES: Mapping[str, Mapping[str, Pair]] = {
    "allergy_severity": {
        "1": ("轻度", "Mild"),
        "2": ("中度", "Moderate"),
        "3": ("重度/过敏性休克", "Severe/anaphylaxis"),
    },
    "allergy_source": {
        "SELF": ("患者自述", "Reported by the patient"),
        "SKIN": ("皮试阳性", "Positive skin test"),
        "ADR": ("院内不良反应", "Reaction in this hospital"),
    },
    "certainty": {"P": ("疑似", "Provisional"), "C": ("确诊", "Confirmed"), "X": ("已排除", "Refuted")},
    "mail_status": {
        "new": ("未读", "Unread"),
        "opened": ("已读", "Read"),
        "reported": ("已举报", "Reported"),
    },
    "incident_kind": {
        "PHISH": ("钓鱼邮件/可疑链接", "Phishing mail or suspicious link"),
        "ACCOUNT": ("索要或借用账号密码", "Account or password asked for or shared"),
        "LOOKUP": ("要求查看无关患者病历", "Asked to look up an unrelated patient"),
        "EXPORT": ("要求导出或外传患者信息", "Asked to export or pass on patient data"),
        "DEVICE": ("设备或资料遗失", "Device or papers lost"),
        "WEAKNESS": ("系统漏洞或安全隐患", "Weakness of a system"),
        "OTHER": ("其他(需说明)", "Other, explain"),
    },
    "half_day": {"AM": ("上午", "Morning"), "PM": ("下午", "Afternoon"), "NT": ("夜间", "Night")},
}
"""Codes whose bare value would tell nobody anything; the others are shown as they are. Same words as code_lists."""


def table(name: str) -> Pair:
    """Return what people call a table."""
    return TABLES.get(name, (name, name))


def column(name: str) -> Pair:
    """Return what people call a column."""
    return COLUMNS.get(name, (name, name))


def value(kind: str, raw: object) -> Pair:
    """Return what people call a value of a column of this kind."""
    if raw is None or raw == "":
        return ("空", "empty")
    if isinstance(raw, bool):
        return ("是", "yes") if raw else ("否", "no")
    text = str(raw)
    prefix, _, name = kind.partition(":")
    known = STATES if prefix == "state" else CODES.get(name, {}) if prefix == "code" else {}
    return known.get(text, (text, text))


def field(name: str) -> Pair:
    """Return what people call a field of a journal row."""
    return field_words.FIELDS.get(name) or column(name)

"""Gradable tables of desks that are not built yet, in the form of `sandbox.contract.state`."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.contract.state import Columns

# A block per table: its name and its words in zh | en; then `column kind zh | en` until the next empty line.
_TABLES = """
inpatient_stay 住院记录 | hospital stay
patient ref:patient
stay_no text 住院号 | stay number
times int 住院次数 | admissions so far
admission_route code:admission_route 入院途径 | way of admission
ward code:wards 病区 | ward
bed text 床位 | bed
nursing_level code:nursing_level 护理级别 | nursing level
condition code:condition_level 病情 | condition
attending ref:staff
admitted_at time 入院时间 | admitted at
discharge_way code:discharge_way 离院方式 | way of discharge
discharged_at time 出院时间 | discharged at
deposit_total decimal 预交金合计 | deposits
status state:inpatient

bed 床位 | bed
ward code:wards
bed_no text 床号 | bed number
sex_room text 男女房 | room for
isolation bool 隔离 | isolation
patient ref:patient
status state:bed

order 医嘱 | order
patient ref:patient
inpatient_stay ref:inpatient_stay 住院记录 | hospital stay
duration code:order_duration 长期/临时 | long-term or temporary
category code:order_category 医嘱类别 | category
item text
dose decimal
dose_unit text
route code:routes
freq code:frequencies
start_at time 开始时间 | starts at
stop_at time 停止时间 | stops at
group_no int 组号 | group
skin_test text 皮试 | skin test
verbal bool 口头医嘱 | verbal
prescriber ref:staff
verifier ref:staff 校对护士 | verifier
pharmacist ref:staff 审方药师 | pharmacist
stopper ref:staff 停嘱医生 | stopped by
status state:order

order_execution 执行项 | dose
order ref:order 医嘱 | order
patient ref:patient
planned_at time 计划时间 | planned at
done_at time 执行时间 | done at
executor ref:staff 执行人 | done by
second_checker ref:staff 双人核对人 | second checker
wristband_scanned bool 已扫腕带 | wristband scanned
drug_scanned bool 已扫药品 | drug scanned
dispensed_at time 发药时间 | dispensed at
result text 结果 | result
status state:order_execution

specimen 标本 | specimen
request ref:lab_request 申请单 | request
patient ref:patient
collected_at time 采集时间 | collected at
collected_by ref:staff 采集人 | collected by
received_at time 接收时间 | received at
reject_reason code:reject_specimen 拒收原因 | reason of rejection
status text

lab_result 检验结果 | laboratory result
request ref:lab_request
patient ref:patient
item code:lab_items
value decimal 结果值 | value
text text 文字结果 | text
unit text 单位 | unit
ref_low decimal 参考下限 | lower limit
ref_high decimal 参考上限 | upper limit
flag code:result_flag 标志 | flag
status text

critical_value 危急值 | critical value
patient ref:patient
request ref:lab_request
item code:lab_items
value decimal
rerun bool 已复测 | re-run
haemolysis text 溶血判断 | haemolysis
confirmed_at time 复核时间 | confirmed at
notified_to text 通知对象 | notified to
notified_at time 通知时间 | notified at
read_back bool 已回读 | read back
acknowledged_at time 接收时间 | acknowledged at
handled_at time 处置时间 | acted on at
action_note text 处置记录 | note of the action
status state:critical_value

imaging_study 影像检查 | imaging study
request ref:imaging_request
patient ref:patient
accession_no text 检查号 | accession number
laterality code:laterality
image_count int 图像数 | images
status text

imaging_report 检查报告 | imaging report
request ref:imaging_request
patient ref:patient
findings text 所见 | findings
impression text 印象 | impression
laterality code:laterality
author ref:staff
verifier ref:staff
version_no int
status text

deposit 预交金 | deposit
patient ref:patient
inpatient_stay ref:inpatient_stay
amount decimal
channel code:pay_channel
receipt text 收据号 | receipt
status state:deposit

insurance_claim 医保结算单 | insurance claim
patient ref:patient
inpatient_stay ref:inpatient_stay
insurance_type code:insurance_types
total decimal
fund decimal 统筹支付 | paid by the fund
account decimal 个人账户支付 | paid from the account
self decimal 个人自付 | paid by the patient
pre_settle_no text 预结算号 | pre-settlement number
status state:insurance_claim

online_consult 在线问诊 | online consultation
patient ref:patient
doctor ref:staff
complaint text
reply text 回复 | reply
status state:online_consult
"""


def _read(text: str) -> tuple[dict[str, Columns], dict[str, tuple[str, str]], dict[str, tuple[str, str]]]:
    tables: dict[str, Columns] = {}
    named: dict[str, tuple[str, str]] = {}
    columns: dict[str, tuple[str, str]] = {}
    for block in text.strip().split("\n\n"):
        head, *lines = block.splitlines()
        table, _, told = head.partition(" ")
        named[table] = _words(told)
        kinds = {"id": "text"}
        for line in lines:
            column, kind, *said = line.split(" ", 2)
            kinds[column] = kind
            if said:
                columns[column] = _words(said[0])
        tables[table] = kinds
    return tables, named, columns


def _words(told: str) -> tuple[str, str]:
    zh, _, en = told.partition(" | ")
    return zh, en


TABLES: Mapping[str, Columns]
TABLE_WORDS: Mapping[str, tuple[str, str]]
COLUMN_WORDS: Mapping[str, tuple[str, str]]
"""Words of columns that no built table has; the others are named as there."""
TABLES, TABLE_WORDS, COLUMN_WORDS = _read(_TABLES)

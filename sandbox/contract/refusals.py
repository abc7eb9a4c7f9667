"""Why the hospital refuses: code -> words. The catalogue of every code the mock HIS can answer with.

The same as fixtures/reference/illegal_transitions.csv for the entities served so far; a test compares the two.
`structural`: no such edge. `guard`: the edge exists, a condition fails. `policy`: a rule outside the machine.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Refusal:
    """`states` may be `*`; `event` with a dot names an event of another entity."""

    code: str
    entity: str
    states: tuple[str, ...]
    event: str
    kind: str
    zh: str
    en: str


# Two lines each: code, entity, states, event, kind; then the sentence in zh | en.
_TABLE = """
E-REG-01 registration completed refund structural
  已诊结的号不能退号 | A completed visit cannot be refunded
E-REG-02 registration in_consult refund structural
  已接诊不能退号,请医生先取消接诊 | Already in consultation: the doctor must undo the start first
E-REG-03 registration unpaid check_in structural
  未缴费不能签到 | Cannot check in before payment
E-REG-04 registration - create guard
  同一患者同日同医生已挂号 | Duplicate registration same day, same doctor
E-REG-05 registration - create guard
  号源已满,不得加号(需医生加号授权) | Quota full
E-REG-06 registration - create guard
  性别/年龄与科室不符(如男性挂妇产科) | Sex/age does not fit the department
E-REG-07 registration expired start structural
  挂号已过期 | Registration expired
E-REG-08 registration registered;checked_in;missed refund guard
  已过退号时限 | Past the refund cut-off
E-APT-01 appointment cancelled take_ticket structural
  预约已取消 | Appointment cancelled
E-APT-02 appointment booked cancel guard
  已过取消时限 | Past the cancellation cut-off
E-APT-03 appointment requested confirm guard
  号源已满或与本人其他预约冲突 | Quota full or clash with another booking
E-PAT-01 patient_index merged registration.create policy
  该档案已合并,请使用主档案 | Merged record: use the survivor
E-PAT-02 patient_index - create guard
  证件号已存在 | ID number already on file
E-MR-01 medical_record signed;amended;archived void structural
  已签名病历不能删除或作废,只能修订 | Signed record cannot be deleted, only amended
E-MR-02 medical_record signed;amended save structural
  已签名病历不能直接覆盖 | Signed text cannot be overwritten in place
E-MR-03 medical_record archived amend structural
  已归档,需申请解锁 | Archived: request unlock
E-MR-04 medical_record sealed amend structural
  病历已封存,禁止修改 | Sealed record is read-only
E-MR-05 medical_record draft sign guard
  必填项缺失,不能签名 | Mandatory fields missing
E-MR-06 medical_record draft sign guard
  不能代他人签名 | Cannot sign for another person
E-MR-07 medical_record draft archive structural
  存在未签名文书,不能归档 | Unsigned document
E-MR-08 medical_record draft sign guard
  无独立签名权,请提交上级审签 | No signing right: submit for countersignature
E-RX-01 prescription issued;reviewed pick structural
  未收费不能发药 | Not paid
E-RX-02 prescription issued charge structural
  处方未审核通过 | Not reviewed
E-RX-03 prescription dispensing;checked refund structural
  已调配,请先取消调配再退费 | Already picked: undo the picking first
E-RX-04 prescription dispensed;return_requested refund structural
  已发药未退药,不能退费 | Dispensed drug not returned
E-RX-05 prescription draft sign guard
  处方超过5种药品 | More than 5 drugs
E-RX-06 prescription draft sign guard
  超过规定天数(普通7日/急诊3日) | Days' supply exceeds limit
E-RX-07 prescription draft sign guard
  无诊断不能开方 | No diagnosis
E-RX-08 prescription draft sign guard
  单次或日剂量超上限 | Dose above maximum
E-RX-09 prescription draft sign guard
  存在禁忌的相互作用或重复用药 | Contraindicated interaction or duplicate therapy
E-RX-10 prescription expired charge structural
  处方已过期 | Prescription expired
E-RX-11 prescription checked dispense guard
  药品批次已过期/锁定 | Batch expired or locked
E-RX-12 prescription dispensing check guard
  调配与核对不能为同一人 | Picker cannot be checker
E-RX-13 prescription return_requested accept_return guard
  冷藏/已拆封药品不予退回 | Cold-chain or opened drug not returnable
E-RX-14 prescription charged pick guard
  需皮试药品无阴性结果 | Skin test not negative
E-RX-15 prescription draft sign guard
  患者对该药过敏 | Patient is allergic to this drug
E-RX-16 prescription draft sign guard
  无该级别抗菌药物/麻精药品处方权 | No privilege for this drug class
E-LAB-01 lab_request requested collect structural
  未缴费不能采集 | Not paid
E-LAB-02 lab_request charged collect guard
  采血管与项目不符 | Wrong tube
E-LAB-03 lab_request preliminary verify guard
  检验者与审核者不能相同 | Same person cannot verify
E-LAB-04 lab_request preliminary verify guard
  危急值未复核/未报告 | Critical value not confirmed or notified
E-LAB-05 lab_request final;corrected result structural
  已发布报告不能改,只能更正 | Final report: use correction
E-LAB-06 lab_request collected;received;in_process;preliminary;final refund structural
  标本已采集,不能退费 | Specimen collected: no refund
E-LAB-07 lab_request rejected result structural
  拒收标本不能出结果 | Rejected specimen cannot be resulted
E-IMG-01 imaging_request requested;charged start structural
  未缴费/未登记不能检查 | Not paid or not scheduled
E-IMG-02 imaging_request charged schedule guard
  碘过敏/金属植入/妊娠筛查未完成 | Safety screen incomplete
E-IMG-03 imaging_request in_exam;images_available;preliminary;final refund structural
  检查已开始,不能退费 | Exam started: no refund
E-IMG-04 imaging_request preliminary verify guard
  报告人与审核人不能相同 | Same person cannot verify
E-IMG-05 imaging_request final;amended draft_report structural
  已签发报告只能修订 | Final report: revise only
E-CHG-01 charge_item paid void structural
  已收费项目不能作废,走退费 | Paid item: use refund
E-CHG-02 charge_item refund_requested refund structural
  退费未审批 | Refund not approved
E-CHG-03 charge_item refunded refund structural
  重复退费 | Double refund
E-CHG-04 charge_item refund_requested approve guard
  申请人不能审批自己的退费 | Applicant cannot approve
E-INV-01 invoice reversed reprint structural
  已冲红发票不能补打 | Reversed invoice
E-SHF-01 cashier_shift closed charge_item.pay policy
  已日结,不能继续收费 | Shift closed
E-SHF-02 cashier_shift reconciled reopen structural
  已对账,不能反日结 | Shift reconciled
E-STK-01 stock_batch expired prescription.pick;order.dispense policy
  过期批次禁止发药 | Expired batch
E-STK-02 stock_batch quarantined prescription.pick;order.dispense policy
  待处理批次禁止发药 | Quarantined batch
E-STK-03 stock_batch available;near_expiry prescription.pick;order.dispense policy
  库存不足,禁止负库存 | Negative stock not allowed
E-ACC-01 his_account requested provision structural
  未通过上岗培训考核,不能开通账号 | Training not passed
E-ACC-02 his_account initial_password * policy
  首次登录必须修改初始密码 | Must change initial password
E-ACC-03 his_account disabled auth.login policy
  账号已停用 | Account disabled
E-ACC-04 his_account active auth.login policy
  账号已在其他终端登录(疑似共用) | Concurrent log-in: possible sharing
E-PRV-01 encounter * chart.open policy
  无诊疗关系,需填写调阅理由 | No treatment relationship: reason needed
E-PRV-02 * * export.request policy
  禁止导出患者信息(需审批) | Export of patient data needs approval
E-PRV-03 * * report.run policy
  禁止按医生统计药品用量(统方) | Drug statistics per doctor are not allowed
E-GEN-01 * * * structural
  当前状态不允许此操作 | Not allowed in this state
E-GEN-02 * * * policy
  无此操作权限 | No permission
E-GEN-03 * * * guard
  前置条件未满足 | Precondition not met
E-GEN-04 * * * policy
  需由另一人完成 | A different person must do this
E-GEN-05 * * * policy
  数据已被更新,请刷新后重试 | Changed meanwhile: reload
E-GEN-06 * * * guard
  必填项缺失或格式错误 | Required field missing or malformed
E-GEN-07 * * * policy
  身份确认失败 | Re-entered credential is wrong
E-GEN-08 * * * policy
  停机期间不可用 | Not available during downtime
E-GEN-09 * * * policy
  培训师已暂停练习 | Paused by the trainer
"""


def read(table: str) -> tuple[Refusal, ...]:
    """Return the refusals of a table written as above."""
    lines = table.strip().splitlines()
    return tuple(
        _refusal(head.split(" "), *words.strip().split(" | "))
        for head, words in zip(lines[::2], lines[1::2], strict=True)
    )


def _refusal(head: list[str], zh: str, en: str) -> Refusal:
    code, entity, states, event, kind = head
    return Refusal(code, entity, tuple(states.split(";")), event, kind, zh, en)


REFUSALS: tuple[Refusal, ...] = read(_TABLE)

BY_CODE = {each.code: each for each in REFUSALS}

ANY_STATE, GENERAL_STATE, GENERAL_PERMISSION, GENERAL_GUARD = "*", "E-GEN-01", "E-GEN-02", "E-GEN-03"


def structural(entity: str, state: str, event: str) -> str:
    """Return the code for an event that has no edge from this state: the entity's own, else E-GEN-01."""
    for each in REFUSALS:
        if each.entity == entity and each.kind == "structural" and each.event == event and state in each.states:
            return each.code
    return GENERAL_STATE

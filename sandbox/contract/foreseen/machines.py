"""The machines of desks that are not built yet: the same as fixtures/reference/state_machines.csv, with their words."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.contract.machines import Transition

# A line per action: entity.event, then its words in zh | en.
_WORDS = """
order.create 新开医嘱 | Order drafted
order.sign 医嘱签名 | Order signed
order.cancel 取消医嘱 | Order cancelled
order.verify 校对医嘱 | Order verified
order.return 退回医嘱 | Order returned
order.revise 修改医嘱 | Order revised
order.pharm_review 医嘱审方 | Order reviewed by the pharmacist
order.execute 执行医嘱 | Order executed
order.complete 医嘱完成 | Order completed
order.request_stop 停医嘱 | Stop requested
order.dispense 病区发药 | Dispensed to the ward
order.confirm_stop 确认停止 | Stop confirmed
order.return_drug 病区退药 | Drug returned by the ward
order.skin_test 医嘱皮试 | Skin test for the order
order.expire 医嘱失效 | Order expired
order_execution.split 拆分执行项 | Doses planned
order_execution.due 执行项到时 | Dose due
order_execution.cancel 取消执行项 | Dose cancelled
order_execution.give 给药执行 | Dose given
order_execution.not_give 未执行 | Dose not given
order_execution.overdue 执行项超时 | Dose overdue
critical_value.detect 发现危急值 | Critical value detected
critical_value.confirm 复核危急值 | Critical value confirmed
critical_value.dismiss 排除危急值 | Critical value dismissed
critical_value.notify 通知危急值 | Critical value notified
critical_value.ack 接收危急值 | Critical value acknowledged
critical_value.escalate 危急值升级 | Critical value escalated
critical_value.handle 处置危急值 | Critical value acted on
critical_value.close 危急值闭环 | Critical value closed
inpatient.order_admit 开住院证 | Admission ordered
inpatient.register 入院登记 | Admission registered
inpatient.cancel 取消入院 | Admission cancelled
inpatient.enter_ward 入科分床 | Entered the ward
inpatient.change_bed 换床 | Bed changed
inpatient.request_transfer 申请转科 | Transfer requested
inpatient.accept 接收转科 | Transfer accepted
inpatient.refuse 拒绝转科 | Transfer refused
inpatient.leave 请假离院 | On leave from the ward
inpatient.return 返院 | Back from leave
inpatient.order_discharge 开出院医嘱 | Discharge ordered
inpatient.revoke 撤销出院 | Discharge revoked
inpatient.clear 出院清账 | Cleared for discharge
inpatient.recall_to_ward 召回病区 | Recalled to the ward
inpatient.settle 出院结算 | Stay settled
inpatient.die 死亡登记 | Death recorded
inpatient.recall 取消结算 | Settlement recalled
bed.install 新增床位 | Bed installed
bed.reserve 预留床位 | Bed reserved
bed.occupy 占用床位 | Bed occupied
bed.release 释放床位 | Bed released
bed.vacate 腾空床位 | Bed vacated
bed.ready 床位就绪 | Bed ready
bed.block 封锁床位 | Bed blocked
bed.unblock 解除封锁 | Bed unblocked
deposit.receive 收预交金 | Deposit received
deposit.apply 预交金抵扣 | Deposit applied
deposit.refund 退预交金 | Deposit refunded
deposit.restore 恢复预交金 | Deposit restored
insurance_claim.upload 上传医保明细 | Claim uploaded
insurance_claim.pre_settle 医保预结算 | Claim pre-settled
insurance_claim.settle 医保结算 | Claim settled
insurance_claim.reverse 医保冲销 | Claim reversed
online_consult.submit 提交在线问诊 | Online consultation submitted
online_consult.accept 接受在线问诊 | Online consultation accepted
online_consult.reject 拒绝在线问诊 | Online consultation rejected
online_consult.finish 结束在线问诊 | Online consultation finished
online_consult.timeout 在线问诊超时 | Online consultation timed out
"""

# A line per edge: entity, source, event, target, actors, permission ("-" = none).
_EDGES = """
order - create draft IPD,HOD order.create
order draft sign issued IPD,HOD order.sign
order draft cancel cancelled IPD,HOD order.cancel
order issued verify verified NUR order.verify
order issued return returned NUR order.return
order returned revise issued IPD,HOD order.sign
order returned cancel cancelled IPD,HOD order.cancel
order verified pharm_review reviewed PHA rx.review
order verified execute executing NUR order.execute
order reviewed execute executing NUR order.execute
order executing complete completed NUR order.execute
order executing request_stop stop_pending IPD,HOD order.stop
order executing dispense executing PHA rx.dispense
order verified request_stop stop_pending IPD,HOD order.stop
order stop_pending confirm_stop stopped NUR order.verify
order stop_pending return_drug stop_pending PHA rx.return
order issued cancel cancelled IPD,HOD order.cancel
order verified cancel cancelled IPD,HOD order.cancel
order reviewed request_stop stop_pending IPD,HOD order.stop
order reviewed cancel cancelled IPD,HOD order.cancel
order reviewed skin_test reviewed NUR skin_test.result
order reviewed dispense reviewed PHA rx.dispense
order reviewed expire expired system -
order verified expire expired system -
order verified return returned PHA order.return
order verified skin_test verified NUR skin_test.result
order_execution - split planned system -
order_execution planned due due system -
order_execution planned cancel cancelled system -
order_execution due give done NUR order.execute
order_execution due not_give not_done NUR order.execute
order_execution due overdue overdue system -
order_execution due cancel cancelled system -
order_execution overdue give done NUR order.execute
order_execution overdue cancel cancelled system -
order_execution overdue not_give not_done NUR order.execute
critical_value - detect detected system,LAB,IMG critical.notify
critical_value detected confirm confirmed LAB,IMG critical.notify
critical_value detected dismiss dismissed LAB critical.notify
critical_value confirmed notify notified LAB,IMG critical.notify
critical_value notified ack acknowledged NUR,OPD,IPD,HOD critical.ack
critical_value notified escalate escalated system -
critical_value escalated ack acknowledged NUR,OPD,IPD,HOD critical.ack
critical_value acknowledged handle handled OPD,IPD,HOD critical.handle
critical_value handled close closed OPD,IPD,HOD critical.handle
inpatient - order_admit admission_ordered OPD,IPD,HOD adt.order_admit
inpatient admission_ordered register registered REG,CAS adt.register
inpatient admission_ordered cancel cancelled OPD,IPD,HOD adt.order_admit
inpatient registered enter_ward in_ward NUR adt.assign_bed
inpatient registered cancel cancelled REG,CAS adt.register
inpatient in_ward change_bed in_ward NUR adt.assign_bed
inpatient in_ward request_transfer transfer_pending IPD,HOD adt.transfer
inpatient transfer_pending accept in_ward NUR adt.transfer
inpatient transfer_pending refuse in_ward NUR,HOD adt.transfer
inpatient in_ward leave on_leave IPD adt.leave
inpatient on_leave return in_ward NUR adt.leave
inpatient in_ward order_discharge discharge_ordered IPD,HOD adt.discharge_order
inpatient discharge_ordered revoke in_ward IPD,HOD adt.discharge_order
inpatient discharge_ordered clear pending_settlement NUR adt.discharge_confirm
inpatient pending_settlement recall_to_ward in_ward NUR adt.discharge_confirm
inpatient pending_settlement settle discharged CAS charge.collect
inpatient in_ward die deceased IPD,HOD adt.discharge_order
inpatient discharged recall pending_settlement CAS+HOD adt.recall
inpatient deceased clear pending_settlement NUR adt.discharge_confirm
bed - install vacant ITA dict.manage
bed vacant reserve reserved NUR adt.assign_bed
bed reserved occupy occupied NUR adt.assign_bed
bed vacant occupy occupied NUR adt.assign_bed
bed reserved release vacant NUR adt.assign_bed
bed occupied vacate cleaning NUR adt.assign_bed
bed cleaning ready vacant NUR adt.assign_bed
bed vacant block blocked NUR adt.assign_bed
bed blocked unblock vacant NUR adt.assign_bed
deposit - receive received CAS deposit.collect
deposit received apply applied CAS charge.collect
deposit received refund refunded CAS charge.refund_exec
deposit applied restore received CAS charge.refund_exec
insurance_claim - upload uploaded CAS insurance.settle
insurance_claim uploaded pre_settle pre_settled CAS insurance.settle
insurance_claim pre_settled settle settled CAS insurance.settle
insurance_claim pre_settled pre_settle pre_settled CAS insurance.settle
insurance_claim settled reverse reversed CAS,FIN insurance.reverse
online_consult - submit waiting patient -
online_consult waiting accept in_consult OPD,HOD online.consult
online_consult waiting reject rejected OPD,HOD online.consult
online_consult in_consult finish finished OPD,HOD online.consult
online_consult waiting timeout cancelled system -
"""


def _words(line: str) -> tuple[str, tuple[str, str]]:
    name, _, told = line.partition(" ")
    zh, _, en = told.partition(" | ")
    return name, (zh, en)


def _edge(line: str) -> Transition:
    entity, source, event, target, actors, permission = line.split(" ")
    return Transition(entity, source, event, target, tuple(actors.split(",")), "" if permission == "-" else permission)


TRANSITIONS: tuple[Transition, ...] = tuple(_edge(line) for line in _EDGES.strip().splitlines())
TRANSITION_WORDS: Mapping[str, tuple[str, str]] = dict(_words(line) for line in _WORDS.strip().splitlines())

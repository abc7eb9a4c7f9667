"""Refusals of desks that are not built yet: the same as fixtures/reference/illegal_transitions.csv."""

from __future__ import annotations

from sandbox.contract import refusals

_TABLE = """
E-ORD-01 order draft verify structural
  未签署医嘱不能校对 | Unsigned order cannot be verified
E-ORD-02 order issued execute structural
  未经校对不能执行 | Not verified
E-ORD-03 order verified execute guard
  药品医嘱未审核,不能执行 | Drug order not yet reviewed by pharmacy
E-ORD-04 order executing cancel structural
  已执行医嘱不能作废,只能停止 | Executed order cannot be cancelled
E-ORD-05 order stopped;expired execute structural
  已停止或过期医嘱不能执行 | Stopped or expired order
E-ORD-06 order completed request_stop structural
  临时医嘱已完成,无需停止 | Temporary order completed
E-ORD-07 order issued verify guard
  开立人不能校对自己的医嘱 | Prescriber cannot verify own order
E-ORD-08 order reviewed execute guard
  需皮试药品无阴性结果 | Skin test not negative
E-ORD-09 order draft sign guard
  患者对该药过敏 | Patient is allergic to this drug
E-ORD-10 order draft sign guard
  无该级别抗菌药物/麻精药品处方权 | No privilege for this drug class
E-ORD-11 order draft sign guard
  患者已开出院医嘱,不能新开长期医嘱 | Discharge ordered: no new long-term order
E-ORD-12 order draft sign guard
  单次或日剂量超上限 | Dose above maximum
E-ORD-13 order draft sign guard
  存在禁忌的相互作用或重复用药 | Contraindicated interaction or duplicate therapy
E-ORD-14 order reviewed execute guard
  药品未发药到病区,不能执行 | Drug not yet dispensed to the ward
E-EXE-01 order_execution due give guard
  腕带与执行单不符 | Wristband mismatch
E-EXE-02 order_execution due give guard
  高警示药品需双人核对 | High-alert drug needs second nurse
E-EXE-03 order_execution done give structural
  该执行项已执行 | Already executed
E-EXE-04 order_execution due;overdue give guard
  药品条码与执行单不符 | Drug barcode mismatch
E-CV-01 critical_value confirmed;notified;acknowledged close structural
  未通知/未处置,不能关闭 | Not notified or handled
E-CV-02 critical_value notified;escalated ack guard
  未回读核对,不能确认 | Read-back missing
E-ADT-01 inpatient admission_ordered register guard
  患者已有在院记录 | Already an open admission
E-ADT-02 inpatient registered enter_ward guard
  床位被占用/性别不符 | Bed occupied or wrong sex room
E-ADT-03 inpatient in_ward settle structural
  未开出院医嘱,不能结算 | No discharge order
E-ADT-04 inpatient discharge_ordered clear guard
  存在未停长期医嘱/未执行/未退药 | Open orders, undone or unreturned items
E-ADT-05 inpatient pending_settlement settle guard
  预交金不足/医保未结 | Deposit short or insurance not settled
E-ADT-06 inpatient discharged order_discharge structural
  患者已出院 | Already discharged
E-ADT-07 inpatient registered cancel guard
  已发生费用,不能取消入院 | Charges exist
E-BED-01 bed occupied occupy structural
  床位已被占用 | Bed occupied
E-BED-02 bed blocked occupy structural
  床位停用 | Bed blocked
E-INS-01 insurance_claim uploaded settle structural
  未预结算 | No pre-settlement
E-INS-02 insurance_claim reversed settle structural
  结算已撤销 | Settlement already reversed
E-INS-03 insurance_claim pre_settled settle guard
  结算金额与预结算不一致,请重新预结算 | Differs from pre-settlement: pre-settle again
E-ONL-01 online_consult - submit guard
  首诊不得在线开展 | First visit may not be online
"""

REFUSALS: tuple[refusals.Refusal, ...] = refusals.read(_TABLE)

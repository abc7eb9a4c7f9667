"""Actions of desks that are not built yet, in the form of `sandbox.contract.events`."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.contract.action import Action
from sandbox.contract.foreseen.machines import TRANSITION_WORDS

_TABLE_OF = {"inpatient": "inpatient_stay"}
_CAUSE = {"cause": "int"}

_ATTRIBUTES: Mapping[str, Mapping[str, str]] = {
    "order.create": {"item": "text", "category": "code:order_category", "duration": "code:order_duration"},
    "order.sign": {"item": "text", "category": "code:order_category", "duration": "code:order_duration"},
    "order.return": {"reason": "text"},
    "order.cancel": {"reason": "text"},
    "order.request_stop": {"reason": "text", "item": "text"},
    "order.skin_test": {"result": "text"},
    "order_execution.give": {"wristband": "bool", "drug": "bool", "second": "ref:staff"},
    "order_execution.not_give": {"reason": "code:not_given_reason"},
    "critical_value.confirm": {"rerun": "bool", "haemolysis": "text"},
    "critical_value.notify": {"notified_to": "text"},
    "critical_value.ack": {"read_back": "bool"},
    "critical_value.handle": {"action_note": "text"},
    "inpatient.enter_ward": {"bed": "text"},
    "inpatient.change_bed": {"bed": "text"},
    "inpatient.request_transfer": {"ward": "code:wards"},
    "insurance_claim.settle": {"fund": "decimal", "self": "decimal"},
    "online_consult.reject": {"reason": "text"},
}

_SCAN = {"value": "text", "match": "bool"}
_OTHERS: tuple[Action, ...] = (
    Action("result.view", "view", "查看报告", "Result or report viewed", "", {"request": "ref:lab_request"}),
    Action("fhir.read", "view", "FHIR读取", "FHIR read", "", {"resource": "text", "id": "text"}),
    Action("hl7.view", "view", "查看HL7消息", "HL7 message viewed", "", {"message": "text"}),
    Action("assessment.record", "write", "护理评估", "Nursing assessment recorded", "", {"form": "text"}),
    Action("coding.save", "write", "病案编码", "Coding saved", "inpatient_stay", {"codes": "list:icd10"}),
    Action("message.send", "write", "发送医患消息", "Patient message sent", "", {"thread": "text"}),
    Action("downtime.declare", "write", "启动应急预案", "Downtime declared", "", {"reason": "text"}),
    Action("downtime.end", "write", "结束应急", "Downtime ended"),
    Action("downtime.backfill", "write", "补录", "Back-entry", "", {"paper_no": "text", "event_time": "time"}),
    Action("backup.restore", "write", "备份恢复", "Backup restored"),
    Action("scan.wristband", "scan", "扫腕带", "Wristband scanned", "order_execution", _SCAN),
    Action("scan.drug", "scan", "扫药品", "Drug scanned", "order_execution", _SCAN),
    Action("scan.specimen", "scan", "扫标本条码", "Specimen scanned", "specimen", _SCAN),
)


def _transitions() -> list[Action]:
    return [
        Action(
            name,
            "transition",
            zh,
            en,
            _TABLE_OF.get(name.split(".")[0], name.split(".")[0]),
            {**_ATTRIBUTES.get(name, {}), **_CAUSE},
        )
        for name, (zh, en) in TRANSITION_WORDS.items()
    ]


ACTIONS: Mapping[str, Action] = {each.name: each for each in (*_OTHERS, *_transitions())}

"""What people call the columns of requests for the laboratory and for examinations, in zh and en."""

from __future__ import annotations

from collections.abc import Mapping

COLUMNS: Mapping[str, tuple[str, str]] = {
    "lab_request": ("检验申请", "laboratory request"),
    "imaging_request": ("检查申请", "imaging request"),
    "panel": ("检验项目", "panel"),
    "specimen_type": ("标本类型", "specimen type"),
    "stat": ("加急", "urgent"),
    "indication": ("申请目的", "indication"),
    "requester": ("申请医生", "requested by"),
    "requested_at": ("申请时间", "requested at"),
    "barcode": ("条码", "barcode"),
    "operator": ("检验者", "operator"),
    "verifier": ("审核者", "verifier"),
    "exam": ("检查项目", "examination"),
    "laterality": ("侧别", "side"),
    "screen_pregnancy": ("妊娠筛查", "pregnancy screen"),
    "screen_allergy": ("对比剂过敏筛查", "contrast allergy screen"),
    "screen_implant": ("植入物筛查", "implant screen"),
    "egfr": ("肾小球滤过率", "eGFR"),
    "metformin": ("服用二甲双胍", "takes metformin"),
}

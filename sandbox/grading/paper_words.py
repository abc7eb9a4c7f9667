"""Words and style of a printed report, in zh and en."""

from __future__ import annotations

from collections.abc import Mapping

Pair = tuple[str, str]

TEXTS: Mapping[str, Pair] = {
    "title": ("成绩报告", "Report"),
    "person": ("姓名", "Name"),
    "submitted": ("提交时间", "Submitted"),
    "exercise": ("练习", "Exercise"),
    "attempt": ("练习编号", "Attempt"),
    "passing": ("{score} 分合格", "pass mark {score}"),
    "void": ("本次不计入：{reason}", "This attempt does not count: {reason}"),
    "errors": (
        "此报告暂无完整成绩，原因如下；不计次数。",
        "No full score, for these reasons; it is not counted.",
    ),
    "losses": ("不应发生的", "What must not happen"),
    "lines": ("逐项", "Line by line"),
    "hints": ("已看的提示", "Hints opened"),
    "critical": ("严重", "Critical"),
    "must": ("必须正确", "Must be right"),
    "advice": ("建议：", "What to do: "),
    "near": ("接近但不算：", "Close, but not it: "),
    "graded": ("评分程序给 {points} 分", "the grader gave {points}"),
    "ruling-mark": ("人工评分 {points} 分", "Marked with {points}"),
    "ruling-set": ("改为 {points} 分", "Set to {points}"),
    "ruling-add": ("调整 {points} 分", "Changed by {points}"),
    "ruling-waive": ("免扣", "Waived"),
    "proof": (
        "精确分数 {exact} · 评分程序 {grader} · 约定 {contract} · 院内时间为模拟时间，患者均为虚构",
        "Exact score {exact} · grader {grader} · contract {contract} · hospital time is simulated, patients invented",
    ),
}

VERDICTS: Mapping[str, Pair] = {
    "pass": ("合格", "Passed"),
    "fail": ("不合格", "Not passed"),
    "provisional": ("待定", "Provisional"),
    "error": ("无法评分", "No score"),
}

OUTCOMES: Mapping[str, Pair] = {
    "full": ("全对", "Full"),
    "part": ("部分正确", "In part"),
    "none": ("错误", "Wrong"),
    "not_reached": ("未做", "Not done"),
    "error": ("无法判定", "Could not be judged"),
    "pending": ("待人工评分", "Waits for a mark"),
}

# WenQuanYi first: ten times smaller to embed than Noto, which fills in the rare characters.
STYLE = """
@page { size: A4; margin: 16mm 15mm 18mm;
  @bottom-right { content: counter(page) " / " counter(pages); font-size: 8pt; color: #666666; } }
body { font-family: "WenQuanYi Micro Hei", "Noto Sans CJK SC", sans-serif; font-size: 9.5pt; line-height: 1.45;
  color: #15212b; margin: 0; }
p, dl, dd, ul { margin: 0; }
.site { color: #5f6d79; font-size: 8.5pt; }
h1 { font-size: 17pt; line-height: 1.25; margin: 1mm 0 4mm; }
h2 { font-size: 11.5pt; margin: 6mm 0 2mm; break-after: avoid; }
h3 { font-size: 10pt; margin: 0; }
.top { display: flex; border-top: 1.2mm solid #c7d1d2; border-bottom: 0.3mm solid #e1e7e7; padding: 3mm 0; }
.score { width: 46mm; }
.score b { display: block; font-size: 22pt; line-height: 1.1; }
.score small { display: block; color: #5f6d79; }
.verdict { font-weight: bold; }
.verdict.pass { color: #17723d; }
.verdict.fail { color: #b3261e; }
.verdict.provisional, .verdict.error { color: #8a4f06; }
dl { flex: 1; display: grid; grid-template-columns: 24mm 1fr; }
dt { color: #5f6d79; }
.void, .errors { margin-top: 3mm; padding: 2mm 3mm; background: #fdf1dc; }
.errors ul { padding-left: 5mm; }
.block { border-left: 1mm solid #c7d1d2; padding: 0.5mm 0 0.5mm 3mm; margin-bottom: 3mm; break-inside: avoid; }
.block.full { border-color: #17723d; }
.block.none, .block.bad { border-color: #b3261e; }
.block.part, .block.warn, .block.error { border-color: #8a4f06; }
.title { display: flex; align-items: baseline; gap: 2mm; }
.number { margin-left: auto; font-weight: bold; white-space: nowrap; }
.pill { font-size: 8pt; padding: 0 1.5mm; border-radius: 2mm; background: #edf1f1; white-space: nowrap; }
.pill.full { background: #e4f4ea; }
.pill.none, .pill.bad { background: #fcebe9; }
.pill.part, .pill.error { background: #fdf1dc; }
.pill.pending, .pill.must { background: #e2f2ef; }
.ruling { border: 0.2mm dashed #98a6ad; padding: 0.5mm 2mm; margin-top: 0.5mm; }
.advice { background: #e2f2ef; padding: 0.5mm 2mm; margin-top: 0.5mm; }
.evidence, .near { color: #4a5966; font-size: 8.5pt; }
.evidence span { margin-right: 4mm; }
footer { margin-top: 7mm; border-top: 0.2mm solid #e1e7e7; padding-top: 2mm; color: #5f6d79; font-size: 7pt;
  overflow-wrap: anywhere; }
"""

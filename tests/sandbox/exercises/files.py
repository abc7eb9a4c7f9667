"""A small valid exercise as text, and small changes to it."""

from __future__ import annotations

from sandbox.exercises import loader
from sandbox.exercises.vocabulary import Vocabulary

VALID = """\
schema: exercise/v1
id: small-one
version: 1
title: {zh: 小练习, en: Small}
rules: {time: 20m, pass: 80, critical_cap: 59}
seats: {doc: {role: OPD, dept: D0101, zh: 医生, en: Doctor}}
cast:
  lin: {name: 林一, sex: '2', birth_date: -34y}
  new: {absent: true, name: 新来的}
start:
  clock: '08:30'
  add:
    registration: [{as: ticket, patient: $lin, dept: D0101, doctor: doc, paid_at: today 08:02}]
steps: [{id: s1, zh: '接诊{$lin.name}', en: 'See {$lin.name}', hints: [{id: h1, cost: 2, zh: 提示, en: Hint}]}]
injects: [{id: rash, when: opened, delay: 90s, say: {from: {zh: 患者, en: Patient}, zh: 过敏, en: Rash}}]
events:
  opened: {action: chart.open, patient: $lin, seat: doc}
  told: {action: allergy.record, patient: $lin, class: PEN}
  signed: {action: prescription.sign, patient: $lin, max_days: {max: 7}}
checks:
  - {id: order, points: 40, step: s1, zh: 顺序, en: Order, order: [told, signed]}
  - {id: row, points: 60, zh: 记录, en: Entry, state: {table: allergy, where: {patient: $lin}, one: {source: SELF}}}
never:
  - {id: try, lose: 5, zh: 超量, en: Too much, event: {action: prescription.sign, code: E-RX-06}}
tests:
  - {name: idle, run: [], expect: {score: 0, result: fail}}
  - name: reference
    run:
      - {as: opn, at: 1m, seat: doc, action: chart.open, patient: $lin}
      - {as: rx, at: 2m, seat: doc, action: prescription.sign, patient: $lin, items: [{drug: M021, days: 3}]}
    expect: {score: 100, result: pass, fired: [rash]}
  - name: late
    from: reference
    edit: {rx: {at: 5m}}
    swap: [opn, rx]
    expect: {score: 60, result: fail, lost: [order]}
"""

VOCABULARY = Vocabulary(
    codes={
        "departments": frozenset({"D0101"}),
        "allergy_classes": frozenset({"PEN", "NKA"}),
        "allergy_source": frozenset({"SELF"}),
        "sex": frozenset({"1", "2"}),
        "drugs": frozenset({"M021", "M001"}),
    },
    names={
        "allergy_classes": {"青霉素类": "PEN", "Penicillins": "PEN"},
        "drugs": {"对乙酰氨基酚片": "M021", "阿莫西林胶囊": "M001"},
    },
    labels={"patient": frozenset({"person-0001"}), "staff": frozenset()},
)


def changed(*pairs: tuple[str, str]) -> str:
    """Return the valid file with text replaced; each piece must be there once."""
    text = VALID
    for old, new in pairs:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the file"
        text = text.replace(old, new)
    return text


def problems(text: str | bytes, language: str = "en") -> list[str]:
    """Return what is wrong, without the file's name."""
    content = text if isinstance(text, bytes) else text.encode()
    _, found = loader.examine(content, vocabulary=VOCABULARY)
    return [each.say("x", "zh" if language == "zh" else "en").removeprefix("x:") for each in found]

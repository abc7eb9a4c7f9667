"""Whatever an author may write in the wrong place or shape is told where it stands, in both languages."""

from __future__ import annotations

import pytest

from tests.sandbox.exercises import files

Change = tuple[str, str]

TOLD = "told: {action: allergy.record, patient: $lin, class: PEN}"
RULE = "event: {action: prescription.sign, code: E-RX-06}"
ORDER = "order: [told, signed]"
SAY = "say: {from: {zh: 患者, en: Patient}, zh: 过敏, en: Rash}"
NOTHING = "{points: 0, zh: 缺, en: None}"
UNUSED = ("18:3 EX408 event 'told' is used nowhere", "19:3 EX408 event 'signed' is used nowhere")


def told(pattern: str) -> list[Change]:
    """Put another pattern in place of the event `told`."""
    return [(TOLD, f"told: {pattern}")]


def order(kind: str) -> list[Change]:
    """Put another kind in place of the check `order`."""
    return [(ORDER, kind)]


def asked(question: str) -> list[Change]:
    """Put a question in place of the check `order`."""
    return order(f"answer: {{ask: {{zh: 问, en: Ask}}, {question}}}")


def row(wanted: str) -> list[Change]:
    """Ask something else of the final state in the check `row`."""
    return [("one: {source: SELF}}", f"{wanted}}}")]


def rule(kind: str) -> list[Change]:
    """Put another kind in place of the never rule's."""
    return [(RULE, kind)]


def act(fields: str) -> list[Change]:
    """Put other fields in place of the items that the second act prescribes."""
    return [("items: [{drug: M021, days: 3}]", fields)]


WRONG: dict[str, tuple[list[Change], list[str]]] = {
    "any_of beside": (
        told("{any_of: [{action: allergy.record}], class: PEN}"),
        ["18:46 EX201 unknown key 'class' in event 'told'"],
    ),
    "any_of no list": (
        told("{any_of: {action: allergy.record}}"),
        ["18:18 EX203 'any_of' must be a list of patterns, found {…}"],
    ),
    "any_of empty": (told("{any_of: []}"), ["18:18 EX203 'any_of' must be a list of patterns, found […]"]),
    "any_of names": (told("{any_of: [opened]}"), ["18:18 EX203 'any_of' must be a list of patterns, found […]"]),
    "any_of inner": (
        told("{any_of: [{action: allergy.record}, {action: allergy.record, clas: PEN}]}"),
        ["18:70 EX304 action 'allergy.record' has no attribute 'clas'; nearest: 'class'"],
    ),
    "no action": (told("{patient: $lin}"), ["18:9 EX202 event 'told' needs 'action'"]),
    "action no text": (
        told("{action: {in: [allergy.record, 1]}}"),
        ["18:40 EX203 'in' must be text, found 1; quote it: '1'"],
    ),
    "action list": (told("{action: [allergy.record]}"), ["18:18 EX203 'action' must be text, found […]"]),
    "action in beside": (
        told("{action: {in: [allergy.record], not: x}}"),
        ["18:18 EX203 'action' must be text, found {…}"],
    ),
    "outcome": (
        told("{action: allergy.record, outcome: maybe}"),
        ["18:43 EX203 'outcome' must be ok, refused or any, found maybe"],
    ),
    "outcome code": (
        told("{action: allergy.record, code: E-GEN-01, outcome: ok}"),
        ["18:59 EX203 'outcome' must be refused, found ok"],
    ),
    "no matcher": (
        told("{action: allergy.record, patient: {}}"),
        ["18:43 EX203 'patient' must be a matcher, found {…}"],
    ),
    "in empty": (
        told("{action: allergy.record, class: {in: []}}"),
        ["18:46 EX203 'in' must be a list that is not empty, found […]"],
    ),
    "not_in text": (
        told("{action: allergy.record, class: {not_in: PEN}}"),
        ["18:50 EX203 'not_in' must be a list that is not empty, found PEN"],
    ),
    "empty text": (
        told("{action: allergy.record, class: {empty: yes}}"),
        ["18:49 EX203 'empty' must be true or false, found yes"],
    ),
    "min on code": (
        told("{action: allergy.record, class: {min: 1}}"),
        ["18:47 EX203 'min' must be used on numbers and dates only, found 1"],
    ),
    "max on text": (
        told("{action: allergy.record, reaction: {max: 1}}"),
        ["18:50 EX203 'max' must be used on numbers and dates only, found 1"],
    ),
    "like number": (
        told("{action: allergy.record, reaction: {like: 1}}"),
        ["18:51 EX203 'like' must be text, found 1; quote it: '1'"],
    ),
    "contains of text": (
        told("{action: allergy.record, reaction: {contains: 1}}"),
        ["18:55 EX203 'contains' must be text, found 1; quote it: '1'"],
    ),
    "bool": (
        told("{action: patient_index.create, duplicate_shown: 'yes'}"),
        ["18:57 EX203 'duplicate_shown' must be true or false, found yes"],
    ),
    "list bare": (
        told("{action: prescription.sign, drugs: M021}"),
        [
            "18:44 EX203 'drugs' must be a matcher such as {contains: …}, found M021",
            "21:72 EX412 'told' and 'signed' can match the same row",
        ],
    ),
    "list contains code": (
        told("{action: prescription.sign, drugs: {contains: M999}}"),
        ["18:55 EX305 'M999' is not in drugs", "21:72 EX412 'told' and 'signed' can match the same row"],
    ),
    "list of records": (
        told("{action: prescription.pick, batches: {contains: B1}}"),
        ["18:57 EX203 'contains' must be a $name, found B1"],
    ),
    "text number": (
        told("{action: allergy.record, reaction: 5}"),
        ["18:44 EX203 'reaction' must be text, found 5; quote it: '5'"],
    ),
    "int text": (
        told("{action: prescription.sign, items: '3'}"),
        ["18:44 EX203 'items' must be a number, found 3", "21:72 EX412 'told' and 'signed' can match the same row"],
    ),
    "int true": (
        told("{action: prescription.sign, items: true}"),
        ["18:44 EX203 'items' must be a number, found true", "21:72 EX412 'told' and 'signed' can match the same row"],
    ),
    "int fraction": (
        told("{action: prescription.sign, items: 1.5}"),
        [
            "18:44 EX203 'items' must be a whole number, found 1.5",
            "21:72 EX412 'told' and 'signed' can match the same row",
        ],
    ),
    "ref text": (told("{action: allergy.record, patient: lin}"), ["18:43 EX203 'patient' must be a $name, found lin"]),
    "ref wrong table": (
        told("{action: allergy.record, patient: $ticket}"),
        ["18:43 EX203 'patient' must be the $name of a record in patient, found $ticket"],
    ),
    "ref staff unknown": (
        told("{action: registration.create, doctor: nurse}"),
        ["18:47 EX203 'doctor' must be a $name, found nurse"],
    ),
    "seat unknown": (
        told("{action: allergy.record, seat: dc}"),
        ["18:40 EX302 no seat named 'dc'; did you mean 'doc'?"],
    ),
    "inject unknown": (
        told("{action: inject.fired, inject: rahs}"),
        ["18:40 EX302 no inject named 'rahs'; did you mean 'rash'?"],
    ),
    "code near name": (
        told("{action: allergy.record, class: 青霉素类}"),
        ["18:41 EX305 '青霉素类' is not in allergy_classes; did you mean 'PEN'?"],
    ),
    "code near english": (
        told("{action: allergy.record, class: Penicilins}"),
        ["18:41 EX305 'Penicilins' is not in allergy_classes; did you mean 'PEN'?"],
    ),
    "state code": (row("one: {status: nothing}"), ["22:108 EX305 'nothing' is not in allergy"]),
    "date in column": (
        row("one: {recorded_at: soon}"),
        ["22:113 EX207 'soon' is not a date such as today, -34y, +3d 08:15"],
    ),
    "date with time": (
        [("birth_date: -34y", "birth_date: '-34y 08:00'")],
        ["8:41 EX207 '-34y 08:00' is not a date such as today, -34y, +3d 08:15"],
    ),
    "seat in target field": (
        told("{action: allergy.record, target: x}"),
        ["18:42 EX203 'target' must be a $name, found x"],
    ),
    "attribute of one": (
        told("{action: {in: [allergy.record, prescription.sign]}, class: PEN}"),
        [
            "18:61 EX304 action 'prescription.sign' has no attribute 'class'; nearest: 'classes'",
            "21:72 EX412 'told' and 'signed' can match the same row",
        ],
    ),
    "rule two": (
        rule("event: signed, use: privacy.export"),
        ["24:5 EX205 never rule 'try' needs exactly one of event, state, use"],
    ),
    "rule none": (rule("critical: true"), ["24:5 EX205 never rule 'try' needs exactly one of event, state, use"]),
    "rule event unknown": (rule("event: singed"), ["24:53 EX302 no event named 'singed'; did you mean 'signed'?"]),
    "rule allow missing": (rule("use: privacy.unrelated_chart"), ["24:5 EX202 never rule 'try' needs 'allow'"]),
    "rule allow beside": (
        rule("use: privacy.export, allow: [$lin]"),
        ["24:67 EX201 unknown key 'allow' in never rule 'try'"],
    ),
    "rule allow text": (
        rule("use: privacy.unrelated_chart, allow: [lin]"),
        ["24:84 EX203 'allow' must be a $name, found lin"],
    ),
    "rule allow unknown": (
        rule("use: privacy.unrelated_chart, allow: [$lni]"),
        ["24:84 EX301 $lni is not in cast or start; did you mean $lin?"],
    ),
    "rule state one": (
        rule("state: {table: allergy, where: {patient: $lin}, one: {source: SELF}}"),
        ["24:94 EX201 unknown key 'one' in state of never rule 'try'"],
    ),
    "rule state part": (
        rule("state: {table: allergy, where: {patient: $lin}, part: true}"),
        ["24:94 EX201 unknown key 'part' in state of never rule 'try'"],
    ),
    "groups beside": ([("en: Entry,", "en: Entry, groups: 2,")], ["22:46 EX201 unknown key 'groups' in check 'row'"]),
    "without beside": (
        [("en: Entry,", "en: Entry, without: told,")],
        ["22:46 EX201 unknown key 'without' in check 'row'"],
    ),
    "any_of nothing": (order("any_of: []"), ["21:66 EX203 'any_of' must be a list that is not empty, found […]"]),
    "inner two": (
        order("any_of: [{order: [told, signed], count: {event: told}}]"),
        [
            *UNUSED,
            "21:67 EX205 any_of.0 of check 'order' needs exactly one of state, order, within, count, any_of, all_of",
        ],
    ),
    "requires unknown": (
        [("en: Entry,", "en: Entry, requires: tolt,")],
        ["22:56 EX302 no event named 'tolt'; did you mean 'told'?"],
    ),
    "state nothing": (
        row("scope: all"),
        [
            "22:53 EX205 state of check 'row' needs exactly one of one, none, count",
            "22:53 EX411 an idle trainee would satisfy this; add requires",
        ],
    ),
    "state two": (
        row("one: {source: SELF}, count: 1"),
        ["22:53 EX205 state of check 'row' needs exactly one of one, none, count"],
    ),
    "none false": (
        row("none: false"),
        [
            "22:53 EX411 an idle trainee would satisfy this; add requires",
            "22:100 EX203 'none' must be true, found false",
        ],
    ),
    "one empty": (row("one: {}"), ["22:99 EX203 'one' must be at least one column, found {…}"]),
    "part of one": (
        row("one: {source: SELF}, part: true"),
        ["22:115 EX201 unknown key 'part' in state of check 'row'"],
    ),
    "count key": (
        row("count: {mn: 1}"),
        ["22:102 EX201 unknown key 'mn' in state.count of check 'row'; did you mean 'min'?"],
    ),
    "count back": (
        row("count: {min: 3, max: 2}"),
        ["22:101 EX203 'count' must be a range whose min is not above its max, found {…}"],
    ),
    "count empty": (
        row("count: {}"),
        ["22:101 EX203 'count' must be a range whose min is not above its max, found {…}"],
    ),
    "count below": (
        row("count: {min: -1}"),
        ["22:101 EX203 'count' must be a range whose min is not above its max, found {…}"],
    ),
    "order one": (
        order("order: [told]"),
        ["19:3 EX408 event 'signed' is used nowhere", "21:65 EX203 'order' must be at least two events, found […]"],
    ),
    "order groups": (order("order: [told, signed], groups: 2"), ["21:5 EX202 check 'order' needs 'by'"]),
    "order without": (
        order("order: [told, signed], without: opend"),
        ["21:90 EX302 no event named 'opend'; did you mean 'opened'?"],
    ),
    "order by": (
        order("order: [told, signed], by: clas"),
        [
            "21:85 EX304 action 'allergy.record' has no attribute 'clas'; nearest: 'class'",
            "21:85 EX304 action 'prescription.sign' has no attribute 'clas'; nearest: 'classes'",
        ],
    ),
    "within by": (
        order("within: {from: told, to: signed, full: 1m, by: clas}"),
        [
            "21:105 EX304 action 'allergy.record' has no attribute 'clas'; nearest: 'class'",
            "21:105 EX304 action 'prescription.sign' has no attribute 'clas'; nearest: 'classes'",
        ],
    ),
    "within from": (
        order("within: {from: tolt, to: signed, full: 1m}"),
        ["21:73 EX302 no event named 'tolt'; did you mean 'told'?"],
    ),
    "within to": (
        order("within: {from: told, to: singed, full: 1m}"),
        ["21:83 EX302 no event named 'singed'; did you mean 'signed'?"],
    ),
    "within start by": (
        order("within: {from: start, to: signed, full: 1m, by: clas}"),
        [
            "18:3 EX408 event 'told' is used nowhere",
            "21:106 EX304 action 'prescription.sign' has no attribute 'clas'; nearest: 'classes'",
        ],
    ),
    "count distinct": (
        order("count: {event: told, distinct: clas}"),
        [
            "19:3 EX408 event 'signed' is used nowhere",
            "21:89 EX304 action 'allergy.record' has no attribute 'clas'; nearest: 'class'",
        ],
    ),
    "count event": (order("count: {event: tolt}"), ["21:73 EX302 no event named 'tolt'; did you mean 'told'?"]),
    "count times zero": (
        order("count: {event: told, times: 0}"),
        ["19:3 EX408 event 'signed' is used nowhere", "21:86 EX414 times allows 0; use never"],
    ),
    "count no mapping": (order("count: 5"), ["21:65 EX203 'count' must be a mapping, found 5"]),
    "times text": (
        order("count: {event: told, times: many}"),
        ["21:86 EX203 'times' must be a whole number or {min, max}, found many"],
    ),
    "rows text": (row("count: many"), ["22:101 EX203 'count' must be a whole number or {min, max}, found many"]),
    "event number": (rule("event: 5"), ["24:53 EX203 'event' must be the name of an event or a mapping, found 5"]),
    "answer number alone": (order("answer: 5"), ["21:66 EX203 'answer' must be a mapping, found 5"]),
    "answer number": (asked("type: number, key: abc"), [*UNUSED, "21:109 EX203 'key' must be a number, found abc"]),
    "answer number list": (
        asked("type: number, key: [a]"),
        [*UNUSED, "21:109 EX203 'key' must be a number, found […]"],
    ),
    "answer choice": (
        asked("type: choice, key: [a], choices: {a: {zh: 甲, en: A}}"),
        [*UNUSED, "21:109 EX203 'key' must be one choice, found […]"],
    ),
    "answer choices": (
        asked("type: choices, key: a, choices: {a: {zh: 甲, en: A}}"),
        [*UNUSED, "21:110 EX203 'key' must be a list of texts that is not empty, found a"],
    ),
    "answer choices empty": (
        asked("type: choices, key: [], choices: {a: {zh: 甲, en: A}}"),
        [*UNUSED, "21:110 EX203 'key' must be a list of texts that is not empty, found […]"],
    ),
    "answer choice unknown": (
        asked("type: choice, key: b, choices: {a: {zh: 甲, en: A}}"),
        [*UNUSED, "21:109 EX305 'b' is not in choices"],
    ),
    "answer text number": (
        asked("type: text, key: 5"),
        [*UNUSED, "21:107 EX203 'key' must be a list of texts that is not empty, found 5"],
    ),
    "answer text empty": (
        asked("type: text, key: []"),
        [*UNUSED, "21:107 EX203 'key' must be a list of texts that is not empty, found […]"],
    ),
    "answer text choices": (
        asked("type: text, key: a, choices: {a: {zh: 甲, en: A}}"),
        [*UNUSED, "21:110 EX201 unknown key 'choices' in answer of check 'order'"],
    ),
    "answer tolerance": (
        asked("type: number, key: 5, tolerance: -1"),
        ["21:123 EX203 'tolerance' must be a number from 0 up, found -1"],
    ),
    "rubric high": (
        order("rubric: {levels: [{points: 1, zh: 缺, en: None}, {points: 40, zh: 全, en: All}]}"),
        [*UNUSED, "21:75 EX203 'levels' must be levels that rise from 0 to the points of the check, found […]"],
    ),
    "rubric equal": (
        order(f"rubric: {{levels: [{NOTHING}, {NOTHING}, {{points: 40, zh: 全, en: All}}]}}"),
        [*UNUSED, "21:75 EX203 'levels' must be levels that rise from 0 to the points of the check, found […]"],
    ),
    "rubric falling": (
        order(f"rubric: {{levels: [{NOTHING}, {{points: 50, zh: 多, en: Most}}, {{points: 40, zh: 全, en: All}}]}}"),
        [*UNUSED, "21:75 EX203 'levels' must be levels that rise from 0 to the points of the check, found […]"],
    ),
    "duration number": ([("time: 20m", "time: 20")], ["5:15 EX203 'time' must be a duration such as 10m, found 20"]),
    "date number": (
        [("birth_date: -34y", "birth_date: -34")],
        ["8:41 EX203 'birth_date' must be text, found -34; quote it: '-34'"],
    ),
    "jump number": ([(SAY, "jump: 3")], ["15:54 EX203 'jump' must be a date such as -34y, found 3"]),
    "inject at": (
        [("when: opened, delay: 90s", "at: soon")],
        ["15:26 EX207 'soon' is not a date such as today, -34y, +3d 08:15"],
    ),
    "inject at number": (
        [("when: opened, delay: 90s", "at: 90")],
        ["15:26 EX203 'at' must be a date such as -34y, found 90"],
    ),
    "clock": (
        [("clock: '08:30'", "clock: '25:00'")],
        ["11:10 EX203 'clock' must be a time of day such as '08:30', found 25:00"],
    ),
    "clock number": (
        [("clock: '08:30'", "clock: 830")],
        ["11:10 EX203 'clock' must be a time of day such as '08:30', found 830"],
    ),
    "points text": ([("points: 40", "points: many")], ["21:25 EX203 'points' must be a number, found many"]),
    "points true": ([("points: 40", "points: true")], ["21:25 EX203 'points' must be a number, found true"]),
    "points zero": (
        [("points: 40", "points: 0")],
        [
            "20:1 EX409 points add up to 60, not 100; 40 are missing",
            "21:25 EX203 'points' must be a number above 0, found 0",
        ],
    ),
    "cost below": ([("cost: 2", "cost: -1")], ["14:85 EX203 'cost' must be a number from 0 up, found -1"]),
    "cost text": ([("cost: 2", "cost: two")], ["14:85 EX203 'cost' must be a number, found two"]),
    "key number": (
        asked("type: number, key: true"),
        ["21:109 EX203 'key' must be a number, text or a list, found true"],
    ),
    "from absent": (
        [("lin: {name: 林一,", "lin: {from: person-0001, absent: true, name: 林一,")],
        ["8:8 EX205 person 'lin' needs exactly one of from, absent"],
    ),
    "cast column": (
        [("birth_date: -34y", "birthdate: -34y")],
        ["8:29 EX304 table 'patient' has no column 'birthdate'; nearest: 'birth_date'"],
    ),
    "identity": (
        [("new: {absent: true,", "new: {absent: true, identity: [name, sex],")],
        ["9:8 EX202 person 'new' needs 'sex'"],
    ),
    "dataset": ([("clock: '08:30'", "clock: '08:30'\n  dataset: bas")], ["12:12 EX305 'bas' is not in the datasets"]),
    "start table": (
        [("    registration: [", "    registrations: [")],
        ["13:5 EX304 there is no table 'registrations'; nearest: 'registration'"],
    ),
    "start twice": (
        [("paid_at: today 08:02}]", "paid_at: today 08:02}, {as: ticket, patient: $lin}]")],
        ["13:102 EX206 id 'ticket' is already used on line 13"],
    ),
    "hole person": (
        [("'See {$lin.name}'", "'See {$lni.name}'")],
        ["14:43 EX301 $lni is not in cast or start; did you mean $lin?"],
    ),
    "hole column": ([("'See {$lin.name}'", "'See {$lin.phone}'")], ["14:43 EX202 person 'lin' needs 'phone'"]),
    "hole no column": (
        [("'See {$lin.name}'", "'See {$lin.nam}'")],
        ["14:39 EX304 table 'patient' has no column 'nam'; nearest: 'name'"],
    ),
    "hole hint": (
        [("zh: 提示, en: Hint", "zh: 提示, en: 'Hint {$lni.name}'")],
        ["14:100 EX301 $lni is not in cast or start; did you mean $lin?"],
    ),
    "points over": ([("points: 40", "points: 41.25")], ["20:1 EX409 points add up to 101.25, not 100; 1.25 too many"]),
    "reserved": (
        [("  opened: {action: chart.open,", "  start: {action: queue.view}\n  opened: {action: chart.open,")],
        ["17:3 EX206 id 'start' is already used on line 1", "17:3 EX408 event 'start' is used nowhere"],
    ),
    "alias number": ([("as: ticket", "as: 5")], ["13:25 EX203 'as' must be text, found 5; quote it: '5'"]),
    "run and from": (
        [("from: reference\n", "from: reference\n    run: []\n")],
        ["32:5 EX205 test 'late' needs exactly one of run, from"],
    ),
    "swap three": ([("swap: [opn, rx]", "swap: [opn, rx, opn]")], ["35:11 EX203 'swap' must be two acts, found […]"]),
    "swap unknown": (
        [("swap: [opn, rx]", "swap: [opn, ry]")],
        ["35:17 EX302 no act of this test named 'ry'; did you mean 'rx'?"],
    ),
    "drop unknown": (
        [("swap: [opn, rx]", "drop: [ry]")],
        ["35:12 EX302 no act of this test named 'ry'; did you mean 'rx'?"],
    ),
    "drop of an own act": (
        [("fired: [rash]}", "fired: [rash]}\n    drop: [ry]")],
        ["32:12 EX302 no act of this test named 'ry'; did you mean 'rx'?"],
    ),
    "pass below the cap": (
        [("pass: 80, critical_cap: 59", "pass: 50")],
        ["5:26 EX402 critical_cap must be below pass"],
    ),
    "target of nothing": (
        [("action: chart.open, patient: $lin}\n      - {as: rx", "action: queue.view, target: $lin}\n      - {as: rx")],
        ["29:58 EX304 action 'queue.view' has no attribute 'target'"],
    ),
    "edit field": (
        [("edit: {rx: {at: 5m}}", "edit: {rx: {itms: []}}")],
        ["34:17 EX304 action 'prescription.sign' has no attribute 'itms'; nearest: 'items'"],
    ),
    "edit at number": (
        [("edit: {rx: {at: 5m}}", "edit: {rx: {at: 5}}")],
        ["34:21 EX207 '5' is not a duration such as 10m"],
    ),
    "add after": (
        [("swap: [opn, rx]", "add: [{after: opm, seat: doc, action: chart.open, patient: $lin}]")],
        ["35:19 EX302 no act of this test named 'opm'; did you mean 'opn'?"],
    ),
    "add after added": (
        [
            (
                "swap: [opn, rx]",
                "add: [{after: opn, as: b, seat: doc, action: chart.open}, {after: b, seat: dc, action: chart.opn}]",
            )
        ],
        [
            "35:80 EX302 no seat named 'dc'; did you mean 'doc'?",
            "35:92 EX303 action, error code or rule 'chart.opn' is not in the catalogue; nearest: chart.open",
        ],
    ),
    "items text": (act("items: M021"), ["30:86 EX203 'items' must be a list of drugs, found M021"]),
    "items names": (act("items: [M021]"), ["30:86 EX203 'items' must be a list of drugs, found […]"]),
    "items key": (
        act("items: [{drug: M021, day: 3}]"),
        ["30:100 EX201 unknown key 'day' in run.1.items.0 of test 'reference'; did you mean 'days'?"],
    ),
    "items code": (act("items: [{drug: M0211}]"), ["30:94 EX305 'M0211' is not in drugs; did you mean 'M021'?"]),
    "override list": (act("override: [{reason: x}]"), ["30:89 EX203 'override' must be {reason, text}, found […]"]),
    "override key": (
        act("override: {reson: x}"),
        ["30:90 EX201 unknown key 'reson' in run.1.override of test 'reference'; did you mean 'reason'?"],
    ),
    "skip unknown": (
        [("action: prescription.sign, patient: $lin, items: [{drug: M021, days: 3}]", "action: clock.step, skip: s9")],
        ["30:63 EX302 no step named 's9'; did you mean 's1'?"],
    ),
    "step target": (
        [("action: chart.open, patient: $lin}\n      - {as: rx", "action: chart.open, target: $lin}\n      - {as: rx")],
        ["29:66 EX203 'target' must be the $name of a record in encounter, found $lin"],
    ),
    "step seat": (
        [("{as: opn, at: 1m, seat: doc", "{as: opn, at: 1m, seat: dc")],
        ["29:33 EX302 no seat named 'dc'; did you mean 'doc'?"],
    ),
    "step action": (
        [
            (
                "seat: doc, action: chart.open, patient: $lin}\n      - {as: rx",
                "seat: doc, action: chart.opn, patient: $lin}\n      - {as: rx",
            )
        ],
        ["29:46 EX303 action, error code or rule 'chart.opn' is not in the catalogue; nearest: chart.open"],
    ),
    "hint unknown": (
        [("from: reference\n", "from: reference\n    hints: [h2]\n")],
        ["34:13 EX302 no hint named 'h2'; did you mean 'h1'?"],
    ),
    "hit unknown": ([("lost: [order]", "hit: [tri]")], ["36:45 EX302 no never rule named 'tri'; did you mean 'try'?"]),
    "fired unknown": (
        [("fired: [rash]", "fired: [rush]")],
        ["31:48 EX302 no inject named 'rush'; did you mean 'rash'?"],
    ),
    "marks level": (
        [
            (ORDER, "rubric: {levels: [{points: 0, zh: 缺, en: None}, {points: 40, zh: 全, en: All}]}"),
            ("from: reference\n", "from: reference\n    marks: {order: 7}\n"),
        ],
        [*UNUSED, "34:20 EX203 'order' must be one of its levels (0, 40), found 7"],
    ),
    "at delay": (
        [("when: opened, delay: 90s", "at: 2m, delay: 90s")],
        ["15:30 EX201 unknown key 'delay' in inject 'rash'", "17:3 EX408 event 'opened' is used nowhere"],
    ),
    "unless": (
        [("when: opened,", "when: opened, unless: tolt,")],
        ["15:44 EX302 no event named 'tolt'; did you mean 'told'?"],
    ),
    "inject set": (
        [(SAY, "set: {table: patients, where: {id: $lin}, to: {sex: '1'}}")],
        ["15:61 EX304 there is no table 'patients'; nearest: 'patient'"],
    ),
    "inject set record": (
        [(SAY, "set: {table: patient, where: {id: $lni}, to: {sex: '1'}}")],
        ["15:82 EX301 $lni is not in cast or start; did you mean $lin?"],
    ),
    "inject circle": (
        [
            (
                "injects: [{id: rash, when: opened,",
                f"injects: [{{id: itch, when: told, {SAY}}}, {{id: rash, when: opened,",
            ),
            ("opened: {action: chart.open, patient: $lin, seat: doc}", "opened: {action: inject.fired, inject: itch}"),
            (TOLD, "told: {action: inject.fired, inject: rash}"),
        ],
        ["15:11 EX407 inject 'itch' waits for itself", "15:89 EX407 inject 'rash' waits for itself"],
    ),
    "time long": ([("time: 20m", "time: 9h")], ["5:15 EX203 'time' must be from 1m to 8h, found 9h"]),
    "min time": (
        [("time: 20m", "time: 20m, min_time: 20m")],
        ["5:30 EX203 'min_time' must be shorter than time, found 20m"],
    ),
    "players": (
        [("version: 1", "version: 1\nteam: {players: [2, 1]}")],
        ["4:17 EX203 'players' must be [fewest, most], found [2, 1]"],
    ),
    "skip back": (
        [("zh: '接诊{$lin.name}'", "skip: {to: -1d, zh: 前, en: Back}, zh: '接诊'")],
        ["14:29 EX203 'to' must be a date that is not before the start, found -1d"],
    ),
    "hole": (
        [("'See {$lin.name}'", "'See {lin}'")],
        ["14:43 EX203 'en' must be a text whose braces hold {$name.column} only, found See {lin}"],
    ),
    "label": (
        [("new: {absent: true, name: 新来的}", "new: {from: person-9999}")],
        ["9:15 EX305 'person-9999' is not in the labels of the dataset"],
    ),
    "marks of no rubric": (
        [("from: reference\n", "from: reference\n    marks: {row: 1}\n")],
        ["34:18 EX203 'row' must be a check that a person marks, found 1"],
    ),
    "points short": ([("points: 40", "points: 39.5")], ["20:1 EX409 points add up to 99.5, not 100; 0.5 are missing"]),
    "circle": ([("from: reference\n", "from: late\n")], ["33:11 EX302 no test without a circle named 'late'"]),
    "edit action": (
        [("edit: {rx: {at: 5m}}", "edit: {rx: {action: chart.opn}}")],
        ["34:25 EX303 action, error code or rule 'chart.opn' is not in the catalogue; nearest: chart.open"],
    ),
    "edit seat": (
        [("edit: {rx: {at: 5m}}", "edit: {rx: {seat: dco}}")],
        ["34:23 EX302 no seat named 'dco'; did you mean 'doc'?"],
    ),
    "dept": (
        [("dept: D0101, zh", "dept: D0109, zh")],
        ["6:32 EX305 'D0109' is not in departments; did you mean 'D0101'?"],
    ),
    "overlap outcome": (
        told("{action: prescription.sign, outcome: any}"),
        ["21:72 EX412 'told' and 'signed' can match the same row"],
    ),
    "overlap values": (
        [(TOLD, "told: {action: prescription.sign, max_days: 7}"), ("max_days: {max: 7}", "max_days: {in: [7, 9]}")],
        ["21:72 EX412 'told' and 'signed' can match the same row"],
    ),
    "overlap not": (
        [(TOLD, "told: {action: prescription.sign, max_days: 7}"), ("max_days: {max: 7}", "max_days: {not: 8}")],
        ["21:72 EX412 'told' and 'signed' can match the same row"],
    ),
    "overlap full": (
        [(TOLD, "told: {action: prescription.sign, max_days: 7}"), ("max_days: {max: 7}", "max_days: {empty: false}")],
        ["21:72 EX412 'told' and 'signed' can match the same row"],
    ),
    "overlap codes": (
        [
            (TOLD, "told: {action: prescription.sign, code: E-RX-06}"),
            (
                "signed: {action: prescription.sign, patient: $lin, max_days: {max: 7}}",
                "signed: {action: prescription.sign, code: {in: [E-RX-06, E-RX-07]}}",
            ),
        ],
        ["21:72 EX412 'told' and 'signed' can match the same row"],
    ),
}

CHINESE = {
    "any_of no list": "18:18 EX203 'any_of' 应为由匹配模式组成的列表，实际为 {…}",
    "action no text": "18:40 EX203 'in' 应为文本，实际为 1；请加引号：'1'",
    "outcome": "18:43 EX203 'outcome' 应为ok、refused 或 any，实际为 maybe",
    "outcome code": "18:59 EX203 'outcome' 应为refused，实际为 ok",
    "no matcher": "18:43 EX203 'patient' 应为匹配条件，实际为 {…}",
    "in empty": "18:46 EX203 'in' 应为非空列表，实际为 […]",
    "empty text": "18:49 EX203 'empty' 应为true 或 false，实际为 yes",
    "min on code": "18:47 EX203 'min' 应为只用于数字或日期的条件，实际为 1",
    "bool": "18:57 EX203 'duplicate_shown' 应为true 或 false，实际为 yes",
    "list bare": "21:72 EX412 'told' 和 'signed' 可能匹配同一行",
    "ref text": "18:43 EX203 'patient' 应为$名字，实际为 lin",
    "ref wrong table": "18:43 EX203 'patient' 应为表 patient 中记录的 $名字，实际为 $ticket",
    "int text": "21:72 EX412 'told' 和 'signed' 可能匹配同一行",
    "int fraction": "21:72 EX412 'told' 和 'signed' 可能匹配同一行",
    "rule allow text": "24:84 EX203 'allow' 应为$名字，实际为 lin",
    "any_of nothing": "21:66 EX203 'any_of' 应为非空列表，实际为 […]",
    "none false": "22:100 EX203 'none' 应为true，实际为 false",
    "one empty": "22:99 EX203 'one' 应为至少一列，实际为 {…}",
    "count back": "22:101 EX203 'count' 应为min 不大于 max 的范围，实际为 {…}",
    "order one": "21:65 EX203 'order' 应为至少两个事件，实际为 […]",
    "answer number": "21:109 EX203 'key' 应为数字，实际为 abc",
    "answer choice": "21:109 EX203 'key' 应为一个选项，实际为 […]",
    "answer choices": "21:110 EX203 'key' 应为非空文本列表，实际为 a",
    "rubric high": "21:75 EX203 'levels' 应为从 0 递增到本项分值的等级，实际为 […]",
    "points zero": "21:25 EX203 'points' 应为大于 0 的数字，实际为 0",
    "cost below": "14:85 EX203 'cost' 应为不小于 0 的数字，实际为 -1",
    "clock": "11:10 EX203 'clock' 应为时刻（如 08:30），实际为 25:00",
    "from absent": "8:8 EX205 人物 'lin' 必须且只能有其中一个：from, absent",
    "label": "9:15 EX305 'person-9999' 不在 数据集的人物标签 中",
    "dataset": "12:12 EX305 'bas' 不在 数据集 中",
    "points over": "20:1 EX409 分值合计为 101.25，不是 100；多了 1.25 分",
    "points short": "20:1 EX409 分值合计为 99.5，不是 100；还差 0.5 分",
    "time long": "5:15 EX203 'time' 应为1m 到 8h，实际为 9h",
    "min time": "5:30 EX203 'min_time' 应为小于 time 的时长，实际为 20m",
    "players": "4:17 EX203 'players' 应为[最少, 最多]，实际为 [2, 1]",
    "skip back": "14:29 EX203 'to' 应为不早于开始日的日期，实际为 -1d",
    "hole": "14:43 EX203 'en' 应为只含 {$名字.列} 的文本，实际为 See {lin}",
    "marks of no rubric": "34:18 EX203 'row' 应为人工评分的检查项，实际为 1",
    "circle": "33:11 EX302 没有名为 'late' 的不循环引用的自测",
    "swap three": "35:11 EX203 'swap' 应为两个自测动作，实际为 […]",
    "items text": "30:86 EX203 'items' 应为药品列表，实际为 M021",
    "override list": "30:89 EX203 'override' 应为{reason, text}，实际为 […]",
    "marks level": "34:20 EX203 'order' 应为该项的一个等级（0, 40），实际为 7",
    "alias number": "13:25 EX203 'as' 应为文本，实际为 5；请加引号：'5'",
    "edit seat": "34:23 EX302 没有名为 'dco' 的岗位；是否应为 'doc'？",
    "edit action": "34:25 EX303 目录中没有动作、错误码或规则 'chart.opn'；最接近的是 chart.open",
    "dept": "6:32 EX305 'D0109' 不在 departments 中；是否应为 'D0101'？",
}
"""Each wording once: the last thing that is told."""

RIGHT: dict[str, list[Change]] = {
    "decimal ok": told("{action: registration.pay, amount: 1.5}"),
    "date time ok in time column": row("one: {recorded_at: today 08:00}"),
    "two targets": told("{action: {in: [allergy.record, chart.open]}, target: x}"),
    "ward": [("role: OPD, dept: D0101", "role: OPD, ward: W99")],
    "apart outcome": told("{action: prescription.sign, outcome: refused}"),
    "apart values": [
        (TOLD, "told: {action: prescription.sign, max_days: 8}"),
        ("max_days: {max: 7}", "max_days: {in: [7, 9]}"),
    ],
    "apart not": [
        (TOLD, "told: {action: prescription.sign, max_days: 7}"),
        ("max_days: {max: 7}", "max_days: {not: 7}"),
    ],
    "apart empty": [
        (TOLD, "told: {action: prescription.sign, max_days: 7}"),
        ("max_days: {max: 7}", "max_days: {empty: true}"),
    ],
    "apart codes": [
        (TOLD, "told: {action: prescription.sign, code: E-RX-06}"),
        (
            "signed: {action: prescription.sign, patient: $lin, max_days: {max: 7}}",
            "signed: {action: prescription.sign, code: E-RX-07}",
        ),
    ],
    "apart actions": told("{action: chart.open, patient: $lin}"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_where_it_stands(name: str) -> None:
    changes, expected = WRONG[name]
    assert files.problems(files.changed(*changes)) == expected


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_is_let_pass(name: str) -> None:
    assert files.problems(files.changed(*RIGHT[name])) == []


@pytest.mark.parametrize("name", CHINESE)
def test_it_is_told_in_chinese_as_well(name: str) -> None:
    assert files.problems(files.changed(*WRONG[name][0]), "zh")[-1] == CHINESE[name]

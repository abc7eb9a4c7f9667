"""What must hold across a whole file: rules, seats, cast, start rows, steps, points, unused events."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

from sandbox.exercises import happenings, matchers, rows, schema, shape
from sandbox.exercises.names import Scope
from sandbox.exercises.parts import Events
from sandbox.exercises.problems import Said, nearest
from sandbox.exercises.shape import Path
from sandbox.exercises.tree import shown

_HOLE = re.compile(r"\{([^{}]*)\}")
_FILL = re.compile(r"\$([a-z][a-z0-9_]{0,30})\.([a-z_]+)", re.ASCII)
_REFERRING = ("injects", "checks", "never")
_RULE_TIME = (60_000, 8 * 3_600_000)


def check(exercise: schema.Exercise, events: Events, scope: Scope) -> None:
    """Report everything that is wrong between the pieces."""
    _rules(exercise, scope)
    _seats(exercise, scope)
    _cast(exercise, scope)
    _start(exercise, scope)
    _steps(exercise, scope)
    _points(scope)
    happenings.check(exercise, events, scope)


def unused(exercise: schema.Exercise, scope: Scope) -> None:
    """Report events that nothing refers to. Comes last; what a broken piece or a typing error meant is not known."""
    whole = all(len(scope.places.get(section, ())) == len(scope.items(section)) for section in _REFERRING)
    whole = whole and not scope.guessing
    for name in exercise.events:
        if whole and name not in scope.used:
            scope.report("EX408", ("events", name), key=True, e=name)


def _rules(exercise: schema.Exercise, scope: Scope) -> None:
    rules = exercise.rules
    if rules is None:
        return
    if rules.critical_cap >= rules.pass_:
        given = "critical_cap" if "critical_cap" in rules.model_fields_set else "pass"
        scope.report("EX402", ("rules", given))
    if not _RULE_TIME[0] <= rules.time <= _RULE_TIME[1]:
        found = scope.root.value["rules"].value["time"].value
        shape.wrong_type(("rules", "time"), Said("1m 到 8h", "from 1m to 8h"), found, scope.root, scope.problems)
    if rules.min_time >= rules.time:
        found = scope.root.value["rules"].value["min_time"].value
        wanted = Said("小于 time 的时长", "shorter than time")
        shape.wrong_type(("rules", "min_time"), wanted, found, scope.root, scope.problems)


def _seats(exercise: schema.Exercise, scope: Scope) -> None:
    least, most = exercise.team.players
    if least > most:
        wanted = Said("[最少, 最多]", "[fewest, most]")
        shape.wrong_type(("team", "players"), wanted, f"[{least}, {most}]", scope.root, scope.problems)
    elif most > len(scope.declared["seat"]) and exercise.seats:
        scope.report("EX403", ("team", "players"))
    for name, seat in exercise.seats.items():
        if (seat.dept is None) == (seat.ward is None):
            where = shape.where(scope.root, ("seats", name))
            scope.report("EX205", ("seats", name), where=where, list="dept, ward")
        for key, kind, code in (("dept", "code:departments", seat.dept), ("ward", "code:wards", seat.ward)):
            if code is not None:
                matchers.coded(code, kind, scope, ("seats", name, key))


def _cast(exercise: schema.Exercise, scope: Scope) -> None:
    identities: dict[tuple[str, ...], str] = {}
    for name, person in exercise.cast.items():
        at: Path = ("cast", name)
        columns = person.model_extra or {}
        if person.from_ is not None and person.absent:
            scope.report("EX205", at, where=shape.where(scope.root, at), list="from, absent")
        if person.from_ is not None:
            _label(person.from_, person.kind, scope, (*at, "from"))
        for column, value in columns.items():
            kind = matchers.column_kind(person.kind, column, scope, (*at, column))
            if kind is not None:
                matchers.value(value, kind, scope, (*at, column))
        if not person.absent:
            continue
        missing = [column for column in person.identity if column not in columns]
        for column in missing:
            scope.report("EX202", at, where=shape.where(scope.root, at), k=column)
        identity = (person.kind, *(shown(columns.get(column)) for column in person.identity))
        if not missing and identity in identities:
            scope.report("EX404", at, v=", ".join(identity[1:]))
        identities.setdefault(identity, name)


def _label(label: str, kind: str, scope: Scope, at: Path) -> None:
    if scope.vocabulary is not None and label not in scope.vocabulary.labels.get(kind, frozenset()):
        scope.report("EX305", at, v=label, list=Said("数据集的人物标签", "the labels of the dataset"))


def _start(exercise: schema.Exercise, scope: Scope) -> None:
    start = exercise.start
    if scope.vocabulary is not None and start.dataset not in scope.vocabulary.datasets:
        scope.report("EX305", ("start", "dataset"), v=start.dataset, list=Said("数据集", "the datasets"))
    for index, change in enumerate(start.set):
        rows.change(change, set(exercise.cast), scope, ("start", "set", index))
    given = set(exercise.cast)
    for table, listed in start.add.items():
        at: Path = ("start", "add", table)
        if rows.known_table(table, scope, at, key=True):
            for index, row in enumerate(listed):
                rows.row(table, row, given, scope, (*at, index))
                given.add(str(row.get("as")))


def _steps(exercise: schema.Exercise, scope: Scope) -> None:
    for index, step in scope.each("steps", exercise.steps):
        at: Path = ("steps", index)
        if step.seat is not None:
            scope.refer("seat", step.seat, (*at, "seat"))
        told: list[tuple[Path, schema.Told]] = [(at, step)]
        told += [((*at, "hints", number), hint) for number, hint in enumerate(step.hints)]
        for place, pair in told:
            for language in ("zh", "en"):
                _holes(getattr(pair, language), exercise, scope, (*place, language))
        cost = sum((Fraction(hint.cost) for hint in step.hints), Fraction(0))
        worth = sum((Fraction(each.points) for each in exercise.checks if each.step == step.id), Fraction(0))
        if step.hints and cost > worth and len(exercise.checks) == len(scope.declared["check"]):
            scope.report("EX406", (*at, "hints"), step=step.id, n=_decimal(cost), m=_decimal(worth))


def _holes(text: str, exercise: schema.Exercise, scope: Scope, at: Path) -> None:
    for hole in _HOLE.findall(text):
        found = _FILL.fullmatch(hole)
        if found is None:
            wanted = Said("只含 {$名字.列} 的文本", "a text whose braces hold {$name.column} only")
            shape.wrong_type(at, wanted, text, scope.root, scope.problems)
            continue
        name, column = found.groups()
        person = exercise.cast.get(name)
        if person is None:
            scope.report("EX301", at, n=name, near=nearest(name, exercise.cast))
        elif matchers.column_kind(person.kind, column, scope, at) and column not in (person.model_extra or {}):
            where = shape.where(scope.root, ("cast", name))
            scope.report("EX202", at, where=where, k=column)


def _points(scope: Scope) -> None:
    checks = scope.root.value.get("checks")
    if checks is None or not isinstance(checks.value, list):
        return
    given = [node.value.get("points") for node in checks.value if isinstance(node.value, dict)]
    numbers = [node.value for node in given if node is not None]
    exact = [Fraction(one) for one in numbers if isinstance(one, int | Decimal) and not isinstance(one, bool)]
    total = sum(exact, Fraction(0))
    if len(exact) == len(checks.value) and total != 100:
        gap = _decimal(abs(100 - total))
        fix = Said(f"还差 {gap} 分", f"{gap} are missing") if total < 100 else Said(f"多了 {gap} 分", f"{gap} too many")
        scope.report("EX409", ("checks",), key=True, n=_decimal(total), fix=fix)


def _decimal(number: Fraction) -> str:
    return shown(Decimal(number.numerator) / Decimal(number.denominator))

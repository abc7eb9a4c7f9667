"""Possible duplicates 疑似重复: merged into the record that stays, told apart, or taken asunder again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from his.chart import machine, people, permission, second_person
from his.chart.acting import Acting, Record
from his.chart.hospital import Operation
from his.chart.refusing import Refused
from sandbox.contract.state import TABLES

_TOGETHER = (
    ("id_type", "id_no"),
    ("phone",),
    ("address",),
    ("insurance_type", "insurance_no"),
    ("card_no", "card_insurance"),
)
"""What fills a gap of the record that stays: columns that mean something only together."""
_ID_TYPO = 2
"""So many characters of two ID numbers may differ for a slip of the pen."""


def candidates(act: Acting) -> list[Record]:
    """Return the flagged records, the longest flagged first, each with the id of its counterpart as `other`."""
    return act.rows(
        'SELECT *, "same_as" AS other FROM "patient" WHERE "status" = \'merge_candidate\' '
        'ORDER BY "updated_at", LENGTH("id"), "id"'
    )


def merged(act: Acting) -> list[Record]:
    """Return the records that were merged into another, latest first."""
    return act.rows(
        'SELECT *, "same_as" AS other FROM "patient" WHERE "status" = \'merged\' AND "same_as" IS NOT NULL '
        'ORDER BY "updated_at" DESC, LENGTH("id") DESC, "id" DESC'
    )


def view(act: Acting) -> None:
    """Note that the list of possible duplicates was looked at."""
    act.attempt("queue.view", data={"desk": "records"})
    permission.require(act, "patient.merge")
    act.record("queue.view", data={"desk": "records"})


def merge(
    act: Acting,
    *,
    patient: str,
    survivor: str | None = None,
    second: str | None = None,
    identified: bool = True,
    version: int | None = None,
) -> str:
    """Merge a flagged pair; everything of the record that goes moves to the one that stays. Return who stays.

    What the record that stays does not know of the person, such as a phone, is filled from the other one.
    `survivor` is either of the two, the counterpart of the flagged one unless said. If the flagged record is to stay,
    the flag first passes to the other. E-GEN-04 alone; a colleague disagrees where the two are not one person.
    """
    flagged = act.fetch("patient", patient)
    stays = survivor or flagged["same_as"]
    data = {"survivor": stays, "second": second_person.named(act, second)}
    edge = machine.enter(act, "patient_index", "merge", flagged, version=version, data=data)
    second_person.require(act, second, identified=identified)
    if flagged["same_as"] is None or stays not in (flagged["same_as"], patient):
        raise Refused("E-GEN-06", hint_zh="请选择保留的主档案", hint_en="Choose which record stays")
    other = act.fetch("patient", flagged["same_as"])
    if other["status"] == "merged":
        raise Refused("E-PAT-01")
    _agree(act, flagged, other, second, step="patient_index.merge")
    goes, kept = (flagged, other) if stays == other["id"] else (_pass_flag(act, flagged, other), flagged)
    _move_children(act, goes, kept["id"])
    filled = _fill(act, goes, act.fetch("patient", kept["id"]))
    machine.move(act, edge, goes, {"same_as": kept["id"]}, data={**data, "filled": ",".join(filled) or None})
    return str(kept["id"])


def dismiss(act: Acting, *, patient: str, reason: str = "", version: int | None = None) -> None:
    """Tell a flagged record apart from its counterpart: different persons, for a written reason."""
    flagged = act.fetch("patient", patient)
    data = {"other": flagged["same_as"], "reason": reason.strip() or None}
    edge = machine.enter(act, "patient_index", "dismiss", flagged, version=version, data=data)
    if not reason.strip():
        raise Refused("E-GEN-06", hint_zh="请填写排除依据", hint_en="Write why they are different persons")
    machine.move(act, edge, flagged, {"same_as": None}, data=data)


def unmerge(
    act: Acting,
    *,
    patient: str,
    reason: str = "",
    second: str | None = None,
    identified: bool = True,
    version: int | None = None,
) -> None:
    """Undo a merge: what came from this record goes back to it, what was added since stays where it is.

    A gap it filled in the other record is a gap again, unless somebody has written something else there.
    """
    record = act.fetch("patient", patient)
    data = {"survivor": record["same_as"], "reason": reason.strip() or None, "second": second_person.named(act, second)}
    edge = machine.enter(act, "patient_index", "unmerge", record, version=version, data=data)
    second_person.require(act, second, identified=identified)
    if not reason.strip():
        raise Refused("E-GEN-06", hint_zh="请填写撤销合并的依据", hint_en="Write why the merge is undone")
    stays = act.one('SELECT * FROM "patient" WHERE "id" = ?', record["same_as"])
    if stays is not None and stays["status"] == "merged":
        raise Refused("E-GEN-03", hint_zh="请先撤销主档案的合并", hint_en="Undo the survivor's own merge first")
    about = {"patient": patient, "target": patient}
    second_person.agree(act, about, second, step="patient_index.unmerge", subject=record["mrn"], objection=("", ""))
    _move_back(act, record)
    if stays is not None:
        _take_back(act, record, stays)
    machine.move(act, edge, record, {"same_as": None}, data=data)


def gaps(stays: Record, goes: Record) -> dict[str, str]:
    """Return what the one that goes knows and the one that stays does not: column -> value."""
    found: dict[str, str] = {}
    for columns in _TOGETHER:
        if all(not stays[name] or stays[name] == goes[name] for name in columns):
            found |= {name: goes[name] for name in columns if goes[name] and not stays[name]}
    return found


def filled(act: Acting, patient: str) -> list[str]:
    """Return the columns that a merged record has filled in the one that stays."""
    rows = act.rows('SELECT "column" FROM "filled_by_merge" WHERE "patient" = ? ORDER BY "column"', patient)
    return [each["column"] for each in rows]


def _fill(act: Acting, goes: Record, stays: Record) -> list[str]:
    found = gaps(stays, goes)
    if found:
        act.update("patient", stays, found)
    for column in found:
        act.connection.execute(
            'INSERT INTO "filled_by_merge" ("patient", "column") VALUES (?, ?)', (goes["id"], column)
        )
    return sorted(found)


def _take_back(act: Acting, record: Record, stays: Record) -> None:
    own = {name: None for name in filled(act, record["id"]) if stays[name] == record[name]}
    if own:
        act.update("patient", act.fetch("patient", stays["id"]), own)
    act.connection.execute('DELETE FROM "filled_by_merge" WHERE "patient" = ?', (record["id"],))


def _pass_flag(act: Acting, flagged: Record, other: Record) -> Record:
    """Let the other record be the flagged one; return it as it is then."""
    edge = machine.enter(act, "patient_index", "dismiss", flagged)
    cause = machine.move(act, edge, flagged, {"same_as": None}, data={"other": other["id"]})
    values = {"same_as": flagged["id"]}
    machine.follow(act, "patient_index", "flag_duplicate", other, cause, values, data={"other": flagged["id"]})
    return act.fetch("patient", other["id"])


def _children(act: Acting, patient: str) -> Iterator[tuple[str, Record]]:
    for table, columns in TABLES.items():
        if columns.get("patient") == "ref:patient":
            rows = act.rows(f'SELECT * FROM "{table}" WHERE "patient" = ? ORDER BY LENGTH("id"), "id"', patient)  # noqa: S608
            yield from ((table, each) for each in rows)


def _move_children(act: Acting, goes: Record, stays: str) -> None:
    for table, row in _children(act, goes["id"]):
        act.update(table, row, {"patient": stays})
        act.connection.execute(
            'INSERT INTO "moved_by_merge" ("patient", "table", "row") VALUES (?, ?, ?)', (goes["id"], table, row["id"])
        )


def _move_back(act: Acting, record: Record) -> None:
    for moved in act.rows('SELECT * FROM "moved_by_merge" WHERE "patient" = ? ORDER BY "table", "row"', record["id"]):
        act.update(moved["table"], act.fetch(moved["table"], moved["row"]), {"patient": record["id"]})
    act.connection.execute('DELETE FROM "moved_by_merge" WHERE "patient" = ?', (record["id"],))


def _agree(act: Acting, one: Record, other: Record, second: str | None, *, step: str) -> None:
    objection = ("", "") if are_one(one, other) else ("身份信息不符，不是同一人", "their identities differ")
    about = {"patient": one["id"], "target": one["id"]}
    second_person.agree(act, about, second, step=step, subject=f"{one['mrn']} {other['mrn']}", objection=objection)


def are_one(one: Record, other: Record) -> bool:
    """Say whether two records look like one person: the same ID number, or all else equal and no other number.

    All else is sex, birth date and name by its sound, with phone or address; two numbers may differ by a slip.
    """
    first, second = one["id_no"] or "", other["id_no"] or ""
    if first and first == second:
        return True
    same = all(one[name] == other[name] for name in ("sex", "birth_date", "pinyin_initials"))
    near = any(one[name] and one[name] == other[name] for name in ("phone", "address"))
    slip = len(first) == len(second) and sum(a != b for a, b in zip(first, second, strict=False)) <= _ID_TYPO
    return same and near and (not first or not second or slip)


def pair(act: Acting, key: str) -> tuple[Record, Record | None]:
    """Return a flagged or merged record and its counterpart as hits show them, numbers masked."""
    record = act.fetch("patient", key)
    other = act.one('SELECT * FROM "patient" WHERE "id" = ?', record["same_as"])
    return people.shown(act, record), None if other is None else people.shown(act, other)


ACTIONS: Mapping[str, Operation] = {
    "patient_index.merge": merge,
    "patient_index.dismiss": dismiss,
    "patient_index.unmerge": unmerge,
}

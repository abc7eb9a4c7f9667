"""What the pages about accounts show: rows of the list, the chosen account with what may be done, role templates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import url_for

from his.admin import accounts as desk
from his.admin import granting
from his.chart import dictionary
from his.chart.acting import Acting, Record
from his.chart.refusing import Refused
from his.shell import keyboard, seconds
from his.shell.glossary import Option

PAGE_ROWS = 21
STATES = (
    "requested", "in_training", "eligible", "initial_password", "active", "locked", "suspended", "disabled",
)  # fmt: skip
_NEEDS_CARE = ("eligible", "locked", "left", "requested", "in_training", "suspended")
_TONES = {"active": "good", "locked": "bad", "suspended": "bad", "disabled": "dim", "eligible": "warned"}
_ACTS = {
    "eligible": ("provision",),
    "requested": ("provision",),
    "in_training": ("provision",),
    "locked": ("unlock", "reset_password", "roles"),
    "active": ("suspend", "disable", "reset_password", "roles"),
    "suspended": ("resume", "disable"),
    "initial_password": ("roles",),
}
"""State -> what the page offers. A request whose training is not passed offers its opening, and is refused."""


@dataclass(frozen=True, kw_only=True)
class AccountRow:
    id: str
    href: str
    name: str
    staff_no: str
    person: str
    dept: str
    post: str
    roles: tuple[Option, ...]
    requester: str
    creator: str
    requested_at: str
    valid_until: str
    left: bool
    status: str
    tone: str
    version: int
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class AccountsView:
    query: str
    state: str
    states: Sequence[str]
    rows: Sequence[AccountRow]
    found: int
    earlier: str
    later: str
    chosen: AccountRow | None
    acts: tuple[str, ...]
    roles: Sequence[Option]
    proofs: Sequence[Option]
    reasons: Sequence[Option]
    seconds: Sequence[Option]
    password: str
    """The initial password just made; it is shown on this page alone."""
    wrong: str
    """Code of the refusal, so that the fields it is about are marked."""

    @property
    def has_main(self) -> bool:
        """Whether one deed is meant by the key of the main action."""
        return bool(self.acts) and self.acts[0] in ("provision", "unlock", "resume", "disable")


@dataclass(frozen=True, kw_only=True)
class RequestsView:
    rows: Sequence[AccountRow]
    people: Sequence[Option]
    roles: Sequence[Option]
    chosen: AccountRow | None
    reasons: Sequence[Option]
    seconds: Sequence[Option]
    minutes: int
    """Hospital minutes from the request to the passed training."""
    wrong: str


@dataclass(frozen=True, kw_only=True)
class RightRow:
    code: str
    name: str
    scope: str


@dataclass(frozen=True, kw_only=True)
class RolesView:
    roles: Sequence[tuple[str, str, str, bool]]
    """Code, name, address, whether it is the chosen one."""
    chosen: str
    rights: Sequence[RightRow]


def accounts(
    act: Acting,
    rows: Sequence[Record],
    *,
    query: str,
    state: str,
    key: str,
    page: int,
    password: str,
    refusal: Refused | None,
) -> AccountsView:
    """Return the list as filtered, those that need somebody first, with the chosen account beside it."""
    kept = [each for each in rows if _fits(act, each, query, state)]
    kept.sort(key=lambda each: _place(act, each))
    shown = kept[(page - 1) * PAGE_ROWS : page * PAGE_ROWS]
    chosen = next((row(act, each, query, state, key) for each in rows if each["id"] == key), None)
    glossary = keyboard.glossary()
    return AccountsView(
        query=query,
        state=state,
        states=("left", *STATES),
        rows=[row(act, each, query, state, key) for each in shown],
        found=len(kept),
        earlier=_paged(query, state, page - 1) if page > 1 else "",
        later=_paged(query, state, page + 1) if page * PAGE_ROWS < len(kept) else "",
        chosen=chosen,
        acts=() if chosen is None or password else _acts(chosen),
        roles=glossary.table("roles"),
        proofs=glossary.options("identity_proof"),
        reasons=glossary.options("account_reason"),
        seconds=seconds.choices(act),
        password=password,
        wrong="" if refusal is None else refusal.code,
    )


def requests(act: Acting, rows: Sequence[Record], *, key: str, refusal: Refused | None) -> RequestsView:
    """Return the department's accounts, newest request first, and its people without one."""
    glossary = keyboard.glossary()
    shown = [row(act, each, "", "", key, own=True) for each in rows]
    shown.sort(key=lambda each: (each.status not in ("requested", "in_training", "eligible"), each.staff_no))
    without = act.rows(
        'SELECT * FROM "staff" s WHERE s."dept" = ? AND NOT EXISTS (SELECT 1 FROM "his_account" h '
        'WHERE h."staff" = s."id" AND h."status" != \'disabled\') ORDER BY s."staff_no"',
        act.who.dept,
    )
    return RequestsView(
        rows=shown,
        people=[
            Option(
                value=each["id"],
                label=f"{each['staff_no']} {each['name']} · {glossary.name('roles', each['role'])}",
            )
            for each in without
        ],
        roles=glossary.table("roles"),
        chosen=next((each for each in shown if each.chosen), None),
        reasons=glossary.options("account_reason"),
        seconds=seconds.choices(act),
        minutes=dictionary.limit(act, "account_enrol_minutes") + dictionary.limit(act, "account_training_minutes"),
        wrong="" if refusal is None else refusal.code,
    )


def roles(act: Acting, chosen: str) -> RolesView:
    """Return the role templates and what the chosen one may do."""
    known = keyboard.glossary().table("roles")
    codes = [each.value for each in known]
    chosen = chosen if chosen in codes else codes[0]
    return RolesView(
        roles=[
            (each.value, each.label, url_for(".role_templates", role=each.value), each.value == chosen)
            for each in known
        ],
        chosen=next(each.label for each in known if each.value == chosen),
        rights=[
            RightRow(code=each["permission"], name=keyboard.glossary().pick(each), scope=each["scope"])
            for each in granting.template(act, chosen)
        ],
    )


def row(act: Acting, record: Record, query: str, state: str, key: str, *, own: bool = False) -> AccountRow:
    """Return an account as the lists show it."""
    glossary = keyboard.glossary()
    left = desk.has_left(act, record) and record["status"] != "disabled"
    until = record["valid_until"]
    return AccountRow(
        id=record["id"],
        href=url_for(".requests", account=record["id"])
        if own
        else url_for(".accounts", account=record["id"], q=query or None, state=state or None),
        name=record["name"] or "",
        staff_no=record["staff_no"],
        person=record["staff_name"],
        dept=glossary.name("departments", record["dept"]),
        post=record["post"],
        roles=tuple(
            Option(value=each, label=glossary.name("roles", each)) for each in record["roles"].split(";") if each
        ),
        requester=_name(act, record["requester"]),
        creator=_name(act, record["creator"]),
        requested_at="" if record["requested_at"] is None else act.iso(record["requested_at"])[:10],
        valid_until="" if until is None else (act.binding.anchor + timedelta(days=until)).isoformat(),
        left=left,
        status=record["status"],
        tone="bad" if left else _TONES.get(record["status"], "warned"),
        version=record["version"],
        chosen=record["id"] == key,
    )


def _acts(chosen: AccountRow) -> tuple[str, ...]:
    """Return what may be done with an account, what its state asks for first."""
    return ("disable", "roles") if chosen.left and chosen.status == "active" else _ACTS.get(chosen.status, ())


def _name(act: Acting, staff: str | None) -> str:
    found = None if staff is None else act.one('SELECT "name", "staff_no" FROM "staff" WHERE "id" = ?', staff)
    return "" if found is None else f"{found['name']} {found['staff_no']}"


def _fits(act: Acting, record: Record, query: str, state: str) -> bool:
    wanted = query.casefold()
    texts = (record["name"] or "", record["staff_no"] or "", record["staff_name"] or "")
    by_state = not state or (_needs(act, record) == "left" if state == "left" else record["status"] == state)
    return by_state and any(wanted in each.casefold() for each in texts)


def _needs(act: Acting, record: Record) -> str:
    gone = desk.has_left(act, record) and record["status"] != "disabled"
    return "left" if gone else str(record["status"])


def _place(act: Acting, record: Record) -> tuple[int, str]:
    need = _needs(act, record)
    return (_NEEDS_CARE.index(need) if need in _NEEDS_CARE else len(_NEEDS_CARE), record["staff_no"] or "")


def _paged(query: str, state: str, page: int) -> str:
    return url_for(".accounts", q=query or None, state=state or None, page=page)

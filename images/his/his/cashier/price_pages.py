"""Finance's page of prices 药品调价: a drug by its short code, its notice and those before it; the notice on paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from his.cashier import pricing
from his.chart import dictionary
from his.chart.acting import Acting, Record
from his.chart.refusing import Refused
from his.shell import doing, frames, keyboard, seconds, sheets
from his.shell.frames import Page
from his.shell.glossary import Option, money

bp = Blueprint("prices", __name__, url_prefix="/finance/prices")

_FIELDS = ("new", "notice", "effective_at", "note")


@dataclass(frozen=True, kw_only=True)
class Drug:
    """A drug with its price and what of it lies in the hospital: place and packs."""

    code: str
    name: str
    spec: str
    pack: str
    price: str
    held: Sequence[tuple[str, int]]
    href: str


@dataclass(frozen=True, kw_only=True)
class Change:
    id: str
    notice: str
    drug: str
    spec: str
    old: str
    new: str
    rise: str
    """By how much the price moved, per cent with its sign."""
    since: str
    reason: str
    note: str
    by: str
    second: str
    issued: str
    status: str
    href: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class PricesView:
    query: str
    hits: Sequence[Drug]
    drug: Drug | None
    rows: Sequence[Change]
    chosen: Change | None
    reasons: Sequence[Option]
    seconds: Sequence[Option]
    since: str
    """The moment the form offers."""
    share: int
    problems: Mapping[str, bool]
    wrong: str


@dataclass(frozen=True, kw_only=True)
class NoticeView:
    document: str
    patient: str
    back: str
    notice: str
    rows: Sequence[Change]


def view(act: Acting, *, drug: str = "") -> list[Record]:
    """Show the notices: of one drug, whose stock is looked at as well, or of all."""
    if drug:
        dictionary.drug(act, drug)
        act.record("stock.view", data={"drug": drug})
    else:
        act.record("queue.view", data={"desk": "prices"})
    return pricing.changes(act, drug=drug)


@bp.get("", endpoint="prices")
def prices() -> Response:
    """Show the notices, and the form for the drug that was found."""
    return _draw(request.args.get("drug", ""))


@bp.post("/<drug>")
def change(drug: str) -> Response:
    """Issue a notice."""
    fields = {name: request.form.get(name, "") for name in _FIELDS}
    reason = request.form.get("reason") or None
    return doing.do(
        pricing.ACTION,
        lambda: keyboard.perform(pricing.change, drug=drug, reason=reason, **fields, **seconds.given()),
        then=lambda key: url_for(".prices", drug=drug, change=key),
        again=lambda refused: _draw(drug, refused),
    )


@bp.get("/<key>/notice")
def notice(key: str) -> Response:
    """Show a notice on paper, with every drug it names."""
    with keyboard.looking() as act:
        record = act.fetch("price_change", key)
        rows = [_change(act, each) for each in reversed(pricing.changes(act, notice=record["notice"]))]
    shown = NoticeView(
        document=f"price_notice:{record['notice']}",
        patient="",
        back=url_for(".prices", change=key),
        notice=record["notice"],
        rows=rows,
    )
    return frames.show(
        Page(
            template="cashier/price_notice.html",
            title="slip.price_notice",
            tab="prices",
            view=shown,
            keys=("F8=print",),
        )
    )


def _draw(drug: str, refusal: Refused | None = None) -> Response:
    if keyboard.who().role != "FIN":
        return frames.show(Page(template="shell/refused.html", title="desk.finance", refusal=refusal))
    query, key = request.args.get("q", "").strip(), request.args.get("change", "")
    with keyboard.looking() as act:
        hits = dictionary.find_drugs(act, query) if query else []
        drug = drug or (hits[0]["drug_code"] if len(hits) == 1 else "")
        known = act.one('SELECT * FROM "drugs" WHERE "drug_code" = ?', drug)
        unjournaled = pricing.changes(act, drug=drug) if refusal is not None else []
    rows = unjournaled if refusal is not None else keyboard.perform(view, drug="" if known is None else drug)
    with keyboard.looking() as act:
        shown = [_change(act, each, key) for each in rows]
        view_now = PricesView(
            query=query,
            hits=[_drug(act, each, query) for each in hits],
            drug=None if known is None else _drug(act, known, query),
            rows=shown,
            chosen=next((each for each in shown if each.chosen), None),
            reasons=keyboard.glossary().options("price_reason"),
            seconds=seconds.choices(act),
            since=pricing.tomorrow(act),
            share=dictionary.limit(act, "price_gap_percent"),
            problems=_problems(refusal),
            wrong="" if refusal is None else refusal.code,
        )
    keys = ("F3=find_drug", *(("F8=print",) if view_now.chosen else ()), *(("F9=reprice",) if known else ()))
    return frames.show(
        Page(
            template="cashier/prices.html",
            title="desk.finance",
            tab="prices",
            view=view_now,
            keys=keys,
            here=url_for(".prices", drug=drug or None) if refusal else "",
            refusal=refusal,
        )
    )


def _problems(refusal: Refused | None) -> dict[str, bool]:
    """Say which fields a refused form lacks."""
    lacking = refusal is not None and refusal.code == "E-GEN-06"
    return {name: lacking and not request.form.get(name, "").strip() for name in ("new", "notice", "reason")}


def _drug(act: Acting, row: Record, query: str) -> Drug:
    glossary = keyboard.glossary()
    code = row["drug_code"]
    return Drug(
        code=code,
        name=glossary.pick(row, "generic"),
        spec=sheets.spec(row),
        pack=sheets.unit(row["pack_unit_zh"]),
        price=money(row["price_cny"]),
        held=[(glossary.name("stock_place", each["place"]), each["packs"]) for each in pricing.held(act, code)],
        href=url_for(".prices", drug=code, q=query or None),
    )


def _change(act: Acting, row: Record, key: str = "") -> Change:
    glossary = keyboard.glossary()
    drug = dictionary.drug(act, row["drug"])
    return Change(
        id=row["id"],
        notice=row["notice"],
        drug=glossary.pick(drug, "generic"),
        spec=sheets.spec(drug),
        old=money(row["old_price"]),
        new=money(row["new_price"]),
        rise=pricing.rise(row),
        since=pricing.day_and_time(act, row["effective_at"]),
        reason=glossary.name("price_reason", row["reason"]),
        note=row["note"] or "",
        by=_name(act, row["issued_by"]),
        second=_name(act, row["second"]),
        issued=pricing.day_and_time(act, row["issued_at"]),
        status=row["status"],
        href=url_for(".prices", change=row["id"], drug=request.args.get("drug") or None),
        chosen=row["id"] == key,
    )


def _name(act: Acting, staff: str | None) -> str:
    found = act.one('SELECT "name" FROM "staff" WHERE "id" = ?', staff)
    return "" if found is None else str(found["name"])

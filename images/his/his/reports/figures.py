"""What the reports count: rows of numbers over a period, per department, half-day, channel, class of fee or state.

Each function takes the acting context and a `Period` and returns rows; a `Figure` of a row is a text as people read it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from his.chart.acting import Acting, Record
from his.hospital_time import DAY_S

DRUGS = "drugs"
"""Class of what is charged that is no fee."""
_NOT_ANTIBACTERIAL = "非抗菌"
"""How the drug table marks what is no antibacterial."""

_CLASS = (
    "CASE WHEN c.\"lab_request\" IS NOT NULL THEN '化验费' WHEN c.\"imaging_request\" IS NOT NULL THEN '检查费' "
    f"ELSE COALESCE(f.\"category_zh\", '{DRUGS}') END"
)
"""Class of a charge: what is no service and no request is a drug."""
_CHARGED_AT = 'COALESCE(c."created_at", r."paid_at", p."signed_at")'
"""When something was charged; what stands in the books from the start says it by its ticket or prescription."""


@dataclass(frozen=True, kw_only=True)
class Period:
    """Hospital days from `since` to `until`, both included; `dept` '' = the whole hospital."""

    since: int
    until: int
    dept: str = ""

    @property
    def seconds(self) -> tuple[int, int]:
        """First second, and the first one after."""
        return self.since * DAY_S, (self.until + 1) * DAY_S


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a report: the code it is about, its figures, and the number that the chart draws."""

    code: str
    figures: tuple[str, ...]
    size: Decimal


def workload(act: Acting, period: Period) -> list[Line]:
    """Per department: registrations of each half-day, all, seen, given back, not come."""
    rows = act.rows(
        'SELECT "dept", SUM("half_day" = \'AM\') AS am, SUM("half_day" = \'PM\') AS pm, '
        "SUM(\"half_day\" = 'NT') AS nt, COUNT(*) AS n, SUM(\"status\" = 'completed') AS seen, "
        "SUM(\"status\" = 'refunded') AS refunded, SUM(\"status\" IN ('missed', 'expired')) AS absent "
        'FROM "registration" WHERE "visit_date" BETWEEN ? AND ? AND (? = \'\' OR "dept" = ?) GROUP BY "dept"',
        period.since,
        period.until,
        period.dept,
        period.dept,
    )
    columns = ("am", "pm", "nt", "n", "seen", "refunded", "absent")
    return [_line(each["dept"], (str(each[name]) for name in columns), each["n"]) for each in rows]


def income_by_channel(act: Acting, period: Period) -> list[Line]:
    """Per channel: invoices, their amount, what was reversed, what is left."""
    rows = act.rows(
        'SELECT "channel" AS code, "total" AS amount, "status" = \'reversed\' AS back FROM "invoice" '
        'WHERE "issued_at" >= ? AND "issued_at" < ?',
        *period.seconds,
    )
    return _income(rows)


def income_by_class(act: Acting, period: Period) -> list[Line]:
    """Per class of fee: items paid, their amount, what was refunded, what is left."""
    return _income(_charged(act, period, _CLASS))


def waiting(act: Acting, period: Period) -> list[Line]:
    """Per department, in minutes: median and ninth decile from ticket to doctor, the visit, signing to dispensing."""
    visits = act.rows(
        'SELECT e."dept", e."started_at" - r."paid_at" AS waited, e."finished_at" - e."started_at" AS lasted '
        'FROM "encounter" e JOIN "registration" r ON r."id" = e."registration" WHERE e."started_at" >= ? '
        'AND e."started_at" < ? AND e."started_at" >= r."paid_at" AND (? = \'\' OR e."dept" = ?)',
        *period.seconds,
        period.dept,
        period.dept,
    )
    given = act.rows(
        'SELECT e."dept", MIN(m."posted_at") - p."signed_at" AS took FROM "prescription" p '
        'JOIN "encounter" e ON e."id" = p."encounter" JOIN "stock_movement" m ON m."prescription" = p."id" '
        'WHERE m."type" = \'DISPENSE\' AND m."posted_at" > p."signed_at" AND p."signed_at" >= ? AND p."signed_at" < ? '
        'AND (? = \'\' OR e."dept" = ?) GROUP BY p."id"',
        *period.seconds,
        period.dept,
        period.dept,
    )
    waited, lasted, took = _by(visits, "waited"), _by(visits, "lasted"), _by(given, "took")
    return [
        _line(
            dept,
            (
                str(len(waited[dept])),
                _minutes(waited[dept], 5),
                _minutes(waited[dept], 9),
                _minutes(lasted.get(dept, ()), 5),
                _minutes(took.get(dept, ()), 5),
            ),
            _decile(waited[dept], 5),
        )
        for dept in waited
    ]


def prescriptions(act: Acting, period: Period) -> list[Line]:
    """Per department: prescriptions, drugs on each, amount, mean amount, share with an antibacterial."""
    rows = act.rows(
        'SELECT e."dept", p."id", p."amount", COUNT(i."id") AS items, '
        'MAX(d."antibacterial_level" NOT IN (\'\', ?)) AS antibacterial FROM "prescription" p '
        'JOIN "encounter" e ON e."id" = p."encounter" JOIN "rx_item" i ON i."prescription" = p."id" '
        'JOIN "drugs" d ON d."drug_code" = i."drug" WHERE p."signed_at" >= ? AND p."signed_at" < ? '
        "AND p.\"status\" NOT IN ('draft', 'cancelled', 'rejected') AND (? = '' OR e.\"dept\" = ?) GROUP BY p.\"id\"",
        _NOT_ANTIBACTERIAL,
        *period.seconds,
        period.dept,
        period.dept,
    )
    return [
        _line(
            dept,
            (
                str(len(own)),
                _rounded(Decimal(sum(each["items"] for each in own)) / len(own), "0.1"),
                _rounded(_sum(own)),
                _rounded(_sum(own) / len(own)),
                _share(sum(each["antibacterial"] for each in own), len(own)),
            ),
            len(own),
        )
        for dept, own in _grouped(rows, "dept").items()
    ]


def refunds(act: Acting, period: Period) -> list[Line]:
    """Per department: items paid and refunded, their amounts, the share of the money given back."""
    lines = []
    for dept, own in _grouped(_charged(act, period, 'e."dept"'), "code").items():
        back = [each for each in own if each["back"]]
        share = _sum(back) / _sum(own) * 100 if _sum(own) else Decimal(0)
        figures = (
            str(len(own)),
            str(len(back)),
            _rounded(_sum(own)),
            _rounded(_sum(back)),
            f"{_rounded(share, '0.1')}%",
        )
        lines.append(_line(dept, figures, share))
    return lines


def stock(act: Acting, _: Period) -> list[Line]:
    """Per state of the batches as they stand now: drugs, batches, packs, value at today's prices."""
    rows = act.rows(
        'SELECT b."status" AS code, b."drug", b."quantity", d."price_cny" FROM "stock_batch" b '
        'JOIN "drugs" d ON d."drug_code" = b."drug" WHERE b."quantity" > 0'
    )
    lines = []
    for state, own in _grouped(rows, "code").items():
        value = sum((Decimal(each["price_cny"]) * each["quantity"] for each in own), Decimal(0))
        packs = sum(each["quantity"] for each in own)
        figures = (str(len({each["drug"] for each in own})), str(len(own)), str(packs), _rounded(value))
        lines.append(_line(state, figures, value))
    return lines


def _charged(act: Acting, period: Period, column: str) -> list[Record]:
    """Return what was paid in the period: the code of a column of ours, the amount, whether it came back."""
    return act.rows(
        f'SELECT {column} AS code, c."amount", c."status" = \'refunded\' AS back FROM "charge_item" c '  # noqa: S608 columns of our own
        'JOIN "encounter" e ON e."id" = c."encounter" LEFT JOIN "registration" r ON r."id" = c."registration" '
        'LEFT JOIN "prescription" p ON p."id" = c."prescription" LEFT JOIN "fee_items" f ON f."fee_code" = c."item" '
        f"WHERE {_CHARGED_AT} >= ? AND {_CHARGED_AT} < ? "
        "AND c.\"status\" IN ('paid', 'refund_requested', 'refund_approved', 'refunded') "
        "AND (? = '' OR e.\"dept\" = ?)",
        *period.seconds,
        period.dept,
        period.dept,
    )


Count = Callable[[Acting, Period], list[Line]]


def _income(rows: Sequence[Record]) -> list[Line]:
    lines = []
    for code, own in _grouped(rows, "code").items():
        back = [each for each in own if each["back"]]
        left = _sum(own) - _sum(back)
        lines.append(_line(code, (str(len(own)), _rounded(_sum(own)), _rounded(_sum(back)), _rounded(left)), left))
    return lines


def _line(code: str, figures: Iterable[str], size: Decimal | int) -> Line:
    return Line(code=code, figures=tuple(figures), size=Decimal(size))


def _grouped(rows: Sequence[Record], name: str) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for each in rows:
        found.setdefault(each[name], []).append(each)
    return found


def _by(rows: Sequence[Record], name: str) -> dict[str, list[int]]:
    return {
        dept: sorted(each[name] for each in own if each[name] is not None)
        for dept, own in _grouped(rows, "dept").items()
    }


def _decile(values: Sequence[int], tenths: int) -> int:
    """Return the value below which so many tenths of the sorted values lie (nearest rank), in whole minutes."""
    return 0 if not values else values[max(0, -(-len(values) * tenths // 10) - 1)] // 60


def _minutes(values: Sequence[int], tenths: int) -> str:
    return "–" if not values else str(_decile(values, tenths))


def _sum(rows: Sequence[Mapping[str, str]]) -> Decimal:
    return sum((Decimal(each["amount"]) for each in rows), Decimal(0))


def _share(part: int, whole: int) -> str:
    return f"{_rounded(Decimal(part) * 100 / whole, '0.1')}%"


def _rounded(value: Decimal, places: str = "0.01") -> str:
    return str(value.quantize(Decimal(places), ROUND_HALF_UP))

"""What the doctor's pages show around the prescription grid: chart, sections, sheets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from his.clinic.queue_views import QueueRow
from his.shell import naming
from his.shell.allergy_forms import AllergiesView
from his.shell.glossary import Option

SECTIONS = ("overview", "allergy", "diagnosis", "record", "prescription", "request")
"""Tabs of the chart, in the order of their keys Alt+1…6."""

Facts = Sequence[tuple[str, str]]
"""(wording key, value)."""


@dataclass(frozen=True, kw_only=True)
class FindView:
    query: str
    hits: Sequence[naming.Hit]


@dataclass(frozen=True, kw_only=True)
class GlassView:
    """The way to a chart without a relation."""

    patient: str
    encounter: str
    name: str
    sex: str
    age: str
    mrn: str
    reasons: Sequence[Option]
    problems: Mapping[str, bool]


@dataclass(frozen=True, kw_only=True)
class SectionTab:
    name: str
    key: int
    href: str
    current: bool


@dataclass(frozen=True, kw_only=True)
class ChartView:
    """What every section of a chart shows beside its own."""

    encounter: str
    patient: str
    registration: str
    relation: str
    queue: Sequence[QueueRow]
    back: str
    tabs: Sequence[SectionTab]

    @property
    def keys(self) -> tuple[str, ...]:
        """Function keys that differ from those of the section; () = they do not."""
        return ()


@dataclass(frozen=True, kw_only=True)
class DiagnosisRow:
    id: str
    rank: int
    code: str
    name: str
    certainty: str
    type: str
    by: str
    misfit: bool


@dataclass(frozen=True, kw_only=True)
class PrescriptionRow:
    id: str
    rx_no: str
    words: str
    signed_at: str
    amount: str
    status: str
    review: str
    valid_until: str
    """Last day on which it may be paid; '' once that no longer matters."""
    version: int
    may_cancel: bool


@dataclass(frozen=True, kw_only=True)
class HistoryRow:
    id: str
    date: str
    dept: str
    doctor: str
    diagnosis: str
    drugs: str


@dataclass(frozen=True, kw_only=True)
class OverviewView(ChartView):
    visit: Facts
    diagnoses: Sequence[DiagnosisRow]
    prescriptions: Sequence[PrescriptionRow]
    history: Sequence[HistoryRow]
    may_finish: bool


@dataclass(frozen=True, kw_only=True)
class AllergyView(ChartView):
    allergies: AllergiesView


@dataclass(frozen=True, kw_only=True)
class DiagnosisView(ChartView):
    entries: Sequence[DiagnosisRow]
    certainties: Sequence[Option]
    types: Sequence[Option]
    ranks: Sequence[Option]
    may_write: bool
    problems: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One row of the grid, as typed or as it stands."""

    text: str = ""
    drug: str = ""
    dose: str = ""
    unit: str = ""
    route: str = ""
    freq: str = ""
    days: str = ""
    quantity: str = ""
    pack: str = ""
    price: str = ""
    amount: str = ""
    unknown: bool = False
    """Something was typed that is no drug."""


@dataclass(frozen=True, kw_only=True)
class AlertView:
    rule: str
    level: str
    text: str
    drugs: str


@dataclass(frozen=True, kw_only=True)
class PrescriptionView(ChartView):
    earlier: Sequence[PrescriptionRow]
    editing: bool
    revising: str
    draft: str
    """Id of what was begun and not signed: the grid signs it."""
    rx_no: str
    sign_to: str
    type: str
    types: Sequence[Option]
    routes: Sequence[Option]
    freqs: Sequence[Option]
    long_reasons: Sequence[Option]
    cancel_reasons: Sequence[Option]
    override_reasons: Sequence[Option]
    has_diagnosis: bool
    may_control: bool
    """Whether the doctor may prescribe narcotics or psychotropics: those ask for the password again."""
    lines: Sequence[Line]
    total: str
    note: str = ""
    alerts: Sequence[AlertView] = ()
    code: str = ""
    disagreed: str = ""
    reason_wrong: bool = False
    blank: Line = field(default_factory=Line)

    @property
    def blocked(self) -> bool:
        """Whether a block stands among the alerts."""
        return any(each.level == "block" for each in self.alerts)

    @property
    def needs_answer(self) -> bool:
        """Whether going on takes a reason."""
        return any(each.level != "info" for each in self.alerts)


@dataclass(frozen=True, kw_only=True)
class SheetDrug:
    name: str
    spec: str
    quantity: int
    pack: str
    usage: str


@dataclass(frozen=True, kw_only=True)
class SheetView:
    """A page of paper: lines of facts above and below, drugs or texts between."""

    document: str
    patient: str
    back: str
    head: Sequence[Facts]
    foot: Facts
    type: str = ""
    kind: str = ""
    drugs: Sequence[SheetDrug] = ()
    parts: Facts = ()

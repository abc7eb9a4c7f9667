"""What each desk presses on the scripted day, wrong turns included."""

from __future__ import annotations

from tests.his.pages.keyboard_day import BIRTH, ID_NO, NAME, Day
from tests.his.pages.workstation import Desk

REACTIONS = {"zh": "皮疹", "en": "rash"}
COMPLAINTS = {"zh": "发热、咽痛2天", "en": "Fever and sore throat for 2 days"}


def register(day: Day) -> None:
    """Registration: a new record, a ticket, its fee, too little first."""
    desk = day.at("reg")
    desk.types(NAME)
    desk.goes("F4")
    assert desk.page.input_value("[name=name]") == NAME, "what was searched for is not typed twice"
    desk.refused("F2", "E-GEN-06")
    desk.fills("id_no", ID_NO)
    assert desk.page.input_value("[name=birth_date]") == BIRTH, "the number carries it"
    desk.fills("phone", "15400001111")
    desk.goes("F2")
    desk.goes("Enter")
    desk.goes("F9")
    desk.types("5")
    desk.refused("F9", "E-GEN-06")
    desk.fills("tendered", "100")
    assert desk.page.inner_text("[data-change]") == "80.00"
    desk.goes("F9")
    desk.goes("F6")


def triage(day: Day) -> None:
    """Triage: found by name, checked in, measured; a temperature nobody has is refused."""
    desk = day.at("nur")
    desk.types(NAME)
    desk.goes("Enter")
    desk.goes("F9")
    desk.types("99")
    desk.refused("F2", "E-GEN-06")
    for sign, value in (
        ("temp", "38.4"),
        ("pulse", "96"),
        ("resp", "20"),
        ("sbp", "118"),
        ("dbp", "76"),
        ("spo2", "98"),
    ):
        desk.fills(sign, value)
    desk.goes("F2")


def call(day: Day) -> None:
    """Doctor: call, and start after two identifiers; one is not enough."""
    desk = day.at("doc")
    desk.goes("Enter")
    desk.goes("F9")
    desk.press("Space")
    desk.refused("F9", "E-GEN-06")
    desk.press("Tab", "Space")
    desk.goes("F9")


def write(day: Day) -> None:
    """Doctor: allergy, diagnosis, a record that is not signed before it is written."""
    desk = day.at("doc")
    desk.goes("Alt+2")
    desk.chooses("class", "PEN")
    desk.chooses("severity", "2")
    desk.fills("reaction", REACTIONS[day.language])
    desk.goes("F2")
    desk.goes("Alt+3")
    desk.picks("j06")
    desk.goes("F2")
    desk.goes("Alt+4")
    desk.refused("F9", "E-MR-05")
    desk.press("F4")
    desk.chooses("template", "D0101-urti")
    desk.goes("Enter")
    desk.fills("complaint", COMPLAINTS[day.language])
    desk.goes("F9")


def prescribe(day: Day) -> None:
    """Doctor: a drug the patient is allergic to, another one, a blood count; and finish."""
    desk = day.at("doc")
    desk.goes("Alt+5")
    desk.picks("amxl")
    desk.goes("F9")
    assert desk.page.get_attribute("[data-refusal]", "data-refusal") == "E-RX-15"
    desk.goes("Escape")
    desk.press("Control+a")
    desk.picks("blf")
    desk.press(*["Enter"] * 5)
    assert desk.page.locator("tr.entry").count() == 2
    desk.goes("F9")
    desk.goes("Alt+6")
    desk.refused("F9", "E-GEN-06")
    desk.picks("xxbfx")
    desk.goes("F9")
    desk.goes("Alt+1")
    desk.goes("F9")


def review(day: Day) -> None:
    """Pharmacist: sent back without a reason is refused; approved."""
    desk = day.at("pha")
    desk.press("F3")
    desk.types(NAME)
    desk.goes("Enter")
    desk.refused("F4", "E-GEN-06")
    desk.goes("F9")


def collect(day: Day) -> None:
    """Cashier: too little is refused; drugs and blood count are paid, the receipt is looked at."""
    desk = day.at("cas")
    desk.types(NAME)
    desk.goes("Enter")
    desk.to("a.row[data-patient]")
    desk.goes("Enter")
    desk.types("1")
    desk.refused("F9", "E-GEN-06")
    desk.fills("tendered", "20")
    desk.goes("F9")
    desk.types("20")
    desk.goes("F9")
    desk.goes("F8")
    desk.goes("Escape")


def pick(day: Day) -> None:
    """Pharmacist: picked; who picked may not check."""
    desk = day.at("pha")
    desk.goes("Alt+2")
    find(desk)
    desk.goes("F9")
    desk.goes("Alt+3")
    find(desk)
    desk.refused("F9", "E-RX-12")


def hand_over(day: Day) -> None:
    """Second pharmacist: checked, then handed over to whoever named two identifiers."""
    desk = day.at("pha2")
    desk.goes("Alt+3")
    find(desk)
    desk.goes("F9")
    desk.goes("Alt+4")
    find(desk)
    desk.press("Space")
    desk.refused("F9", "E-GEN-06")
    desk.press("Tab", "Space")
    desk.goes("F9")


def find(desk: Desk) -> None:
    """Find the patient's prescription among those that wait at a step of the pharmacy; a single one opens by itself."""
    desk.press("F3")
    desk.types(NAME)
    desk.goes("Enter")


def ask_back(day: Day) -> None:
    """Doctor: the finished visit is opened again from the list, the return applied for with a reason."""
    desk = day.at("doc")
    desk.goes("Alt+7")
    desk.chooses("state", "all")
    desk.goes("Enter")
    desk.to("a.row[data-registration]")
    desk.goes("Enter")
    desk.goes("F9")
    desk.goes("Alt+5")
    desk.to("[data-return]")
    desk.goes("Enter")
    desk.refused("F9", "E-GEN-06")
    desk.chooses("reason", "ADR")
    desk.fills("quantity", "1")
    desk.goes("F9")


def take_back(day: Day) -> None:
    """Pharmacist: another batch than that dispensed is refused; the right one is taken back."""
    desk = day.at("pha")
    desk.goes("Alt+5")
    find(desk)
    desk.fills("batch_no", "NOBATCH")
    desk.fills("quantity", "1")
    desk.press("Tab", "Space")
    desk.refused("F9", "E-GEN-03")
    desk.fills("batch_no", desk.page.inner_text("[data-given]").split()[0])
    desk.goes("F9")


def apply_for_refund(day: Day) -> None:
    """Pharmacist: the drugs are back, so their money may go back; not without a reason."""
    desk = day.at("pha")
    desk.to("[data-tab=refunds]")
    desk.goes("Enter")
    desk.goes("Enter")
    desk.refused("F9", "E-GEN-06")
    desk.chooses("reason", "DRUGRET")
    desk.goes("F9")


def pay_too_early(day: Day) -> None:
    """Cashier: nothing is paid out before somebody has approved it."""
    desk = day.at("cas")
    desk.goes("Alt+2")
    desk.to("a.row[data-charge-item]")
    desk.goes("Enter")
    desk.refused("F9", "E-CHG-02")


def approve(day: Day) -> None:
    """Head of department: rejecting takes a reason; approved."""
    desk = day.at("hod")
    desk.goes("Alt+2")
    desk.to("a.row[data-charge-item]")
    desk.goes("Enter")
    desk.refused("F4", "E-GEN-06")
    desk.goes("F9")


def pay_back(day: Day) -> None:
    """Cashier: paid out, with a red-letter invoice."""
    desk = day.at("cas")
    desk.goes("Alt+2")
    desk.to("a.row[data-charge-item]")
    desk.goes("Enter")
    desk.goes("F9")
    desk.goes("F8")
    desk.goes("Escape")


def close_shift(day: Day) -> None:
    """Cashier: a difference takes a note; counted again, nothing is missing."""
    desk = day.at("cas")
    desk.goes("Alt+3")
    desk.fills("counted", "1.00")
    desk.refused("F9", "E-GEN-06")
    desk.fills("counted", str(desk.page.get_attribute("#close", "data-count")))
    desk.goes("F9")


def reconcile(day: Day) -> None:
    """Finance: a shift is not opened again without a reason; reconciled."""
    desk = day.at("fin")
    desk.to("a.row[data-shift]")
    desk.goes("Enter")
    desk.refused("F4", "E-GEN-06")
    desk.goes("F9")

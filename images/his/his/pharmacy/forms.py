"""What the pharmacy's forms carry, cleaned."""

from __future__ import annotations

from werkzeug.datastructures import MultiDict

Form = MultiDict[str, str]


def batches(form: Form) -> list[str] | None:
    """Return the ticked batches; none ticked leaves the choice to the hospital: first expiring first."""
    return [each for each in form.getlist("batches") if each] or None


def returned(form: Form) -> list[dict[str, object]]:
    """Return the packs as read and counted, {drug, batch_no, quantity, intact}; lines left empty are not there."""
    ticked = set(form.getlist("intact"))
    rows = zip(form.getlist("drug"), form.getlist("batch_no"), form.getlist("quantity"), strict=False)
    return [
        {"drug": drug, "batch_no": batch_no, "quantity": quantity, "intact": drug in ticked}
        for drug, batch_no, quantity in rows
        if batch_no.strip() or quantity.strip()
    ]

"""The cashier's desk 收费: open items of a patient, payment, invoice."""

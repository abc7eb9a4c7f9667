"""The cashier's desk 收费 and finance's 财务: dues, payment, invoices, refunds, shifts and their reconciliation."""

"""Accounts of the platform (not of the hospital), log-in records, and who may do what. No page, no database here."""

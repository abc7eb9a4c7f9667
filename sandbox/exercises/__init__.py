"""Reads, checks and compiles exercise files (format v1). Pure: text in, values or problems out."""

"""Reads, checks and compiles exercise files (format v1). Pure: text in, values or problems out.

Only `releasing` writes, through ports, and only versions that were checked.
"""

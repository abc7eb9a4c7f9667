"""Every table of the control plane. Invariants are named CHECK constraints and unique indexes, not habits.

Column names are the field names of the rooms' values. References stay inside a room: rooms know each other by id only.
"""

"""The mock hospital inside a cell: one database file, two sockets, no network.

It imports flask, waitress, the standard library and sandbox.contract, nothing else. Layers, upper may import lower:
__main__; serving; app, control and replaying; offering and rules; desks; shell; injects, state and seeding; chart;
journal; hospital_time and database. Desks are unaware of each other: what two of them need belongs in chart. A desk's
`desk` module names its pages and imports none: they are imported when somebody opens them (shell.page_map).
"""

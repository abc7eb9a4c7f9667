"""The panel: parse, one operation, render. Knows rooms and read models, never an adapter, an engine or a cell's inside.

A page room is a folder of its audience (`practice`, `learning`, `teaching`, `fleet`, `home`); rooms are unaware of each
other and meet only in `app`, `access`, `presenting` and `reporting`.
"""

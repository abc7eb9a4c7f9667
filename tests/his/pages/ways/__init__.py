"""How people walk every edge of the outpatient chain's machines through the pages: one way per edge and desk.

`walking_on` says what a way is; a module per desk lists its ways. test_pages_every_edge walks them, sends each form
again for records in every other state and by everybody whose role may not, and asks that no edge is left out.
"""

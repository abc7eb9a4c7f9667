"""A whole class launches at once, for measurement: what it may not disturb, what was measured, what it means.

Decides and remembers only. Robots press the buttons (sandbox.robot), sandbox.rehearsing conducts them. Robots' accounts
are marked by their role, their hospitals are free practice: no attempt, no grade, no report ever comes of them.
"""

"""Holds rehearsals: conducts robots, watches rows and /proc, keeps what the rehearsal room makes of it.

Touches no engine and no cell. It presses the buttons that people press, so that what is measured is what people wait
for; it reads rows for the moments a page cannot see.
"""

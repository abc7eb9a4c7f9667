"""What every desk shares on the screen: frame, log-in, seats, messages, answers, wording, style.

Nothing here knows a desk. Texts live in wording.tsv of their folder, colours and sizes in static/his.css; pages carry
no inline script or style.
"""

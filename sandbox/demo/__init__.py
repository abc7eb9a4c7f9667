"""`make demo`: from a fresh checkout to a graded exercise on real containers, with visible progress.

Lays out a demonstration site below the checkout (settings, accounts, state), starts what a real site's service
manager would start, lets a robot trainee do the main job, and prints its report. Everything it does on the way is
the same code a site runs; only the accounts and the supervisor are the demo's own.
"""

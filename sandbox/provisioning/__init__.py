"""Turns desired instances into running cells. Plans are pure; the reconciler acts through ports; no page comes here.

The three words: an *instance* is what a trainee sees (stable id, URL); a *cell* is one container behind it, never
cleaned, always replaced; *ready* (warm) cells are started, probed, nobody's and hold no data.
Launch, reset and nightly reset are one move: claim a ready cell, arm it, flip the instance to it, archive and
destroy the old one.
Hibernate is archive, stop, keep the folders; wake is a start of the same cell. Between the two nobody can write into
it: the archive taken at its rest is its last word, and it is never started for its own end.
"""

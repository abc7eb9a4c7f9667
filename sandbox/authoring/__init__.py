"""Exercises on their way to release: self-tests today; drafts and the editor later.

Pure: scripts and replayed runs in, what holds and what does not out. Running the scripts is the caller's business,
for the hospital runs in its own program.
"""

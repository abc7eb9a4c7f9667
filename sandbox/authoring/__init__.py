"""Exercises on their way to release: self-tests, mutants of the reference, the gate, drafts, verdicts, retirement.

Everything that decides is pure: scripts and replayed runs in, what holds and what does not out. Running scripts and
living tests on pages is the business of `sandbox.proving`, for the hospital runs in its own program and its own cells.

A draft is released only on a green verdict about these very bytes, with mutants (EX508) and through real pages (EX510);
the worker runs pages only for what is clean in memory, and of an exercise that varies the first variant. EX511 and
EX512 are codes of ours beside those of the format: what no hospital offers yet, and more players than an instance has.
Versions are never changed; a retired one is assigned to nobody, and what is assigned goes on.
"""

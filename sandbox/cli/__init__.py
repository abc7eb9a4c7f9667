"""The command `his-sandbox`: the same deeds as the pages, for people at a terminal and for scripts (--json).

A command parses, calls one operation and shows the outcome; it decides nothing. Whoever may run it on the machine
may read the database anyway, so it acts as `cli`; deeds that only a trainee can do take `--as LOGIN`.
"""

from sandbox.cli.command import main

__all__ = ["main"]

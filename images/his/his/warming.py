"""What everybody's first minute needs, done while a cell waits for its person.

Nothing depends on it: it only takes 7 ms off the arming and the first page. It comes after the boot, which may be what
somebody waits for.
"""

from __future__ import annotations

import codecs

from flask import Flask

from sandbox.contract import codec
from sandbox.contract.control import PRACTICE, Arm
from sandbox.contract.exercise_pack import FREE_PRACTICE

_FIRST_PAGE = ("login", "gate", "frame", "_language", "_notes", "_shortcuts")
"""The log-in page, what it is built upon and what it includes."""
_SPECIMEN = Arm(
    instance="",
    epoch=1,
    attempt=PRACTICE,
    nonce="",
    trainee="",
    language="zh",
    anchor="2026-01-01",
    pack=FREE_PRACTICE,
    cause="",
)


def warm(app: Flask) -> None:
    """Read the first page's templates, sort the addresses, learn to read the command that arms a cell."""
    codec.from_json(Arm, codec.to_json(_SPECIMEN))
    app.url_map.update()
    for name in _FIRST_PAGE:
        app.jinja_env.get_template(f"shell/{name}.html")
    # The name of every host that an address is built for goes through it.
    codecs.lookup("idna")

"""Addresses of a chart's sections, and what a complete record says."""

from __future__ import annotations

from tests.his.stage import Stage

TEXTS = {"complaint": "咽痛2天", "present": "受凉后咽痛，无发热", "examination": "咽部充血", "plan": "对症治疗"}


def visit(stage: Stage, name: str = "zhang") -> str:
    return str(stage.one("registration", id=stage.bound(f"{name}_ticket"))["encounter"])


def section(stage: Stage, name: str, who: str = "zhang") -> str:
    return f"/clinic/charts/{visit(stage, who)}/{name}"

"""What the entrance pages show."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class LogInView:
    next: str
    login: str = ""
    problem: str = ""
    insecure: bool = False


@dataclass(frozen=True, kw_only=True)
class PasswordView:
    forced: bool
    problem: str = ""

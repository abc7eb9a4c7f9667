"""The trainer's pages: who practises what, and what came of it."""

from web.teaching.pages import bp

__all__ = ["bp"]

"""Coming in: log-in, first password, language, the first page of each role, and what went wrong."""

from web.home.pages import bp

__all__ = ["bp"]

"""IT's pages: is everything healthy, which instances and cells there are, what happened at night."""

from web.fleet.pages import bp

__all__ = ["bp"]

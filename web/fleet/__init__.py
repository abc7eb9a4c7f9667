"""IT's pages: is everything healthy, which instances and cells there are, what happened at night."""

from web.fleet import certificate_pages
from web.fleet.pages import bp

# Importing a module of pages is what enters them.
assert certificate_pages

__all__ = ["bp"]

"""IT's pages: is everything healthy, which instances and cells there are, what fits, what happened at night."""

from web.fleet import certificate_pages, detail_pages, night_pages, rehearsal_pages, supply
from web.fleet.pages import bp

# Importing a module of pages is what enters them.
assert all((certificate_pages, detail_pages, night_pages, rehearsal_pages, supply))

__all__ = ["bp"]

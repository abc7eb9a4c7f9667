"""A trainee's own results: the list, the wait for a grade, the report."""

from web.learning.pages import bp

__all__ = ["bp"]

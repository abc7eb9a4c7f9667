"""The trainer's pages: who practises what, what came of it, and second looks at grades."""

from web.teaching import second_looks
from web.teaching.pages import bp

__all__ = ["bp", "second_looks"]

"""The trainer's library: upload an exercise, see what the release gate says, release it, retire it."""

from web.authoring.pages import bp

__all__ = ["bp"]

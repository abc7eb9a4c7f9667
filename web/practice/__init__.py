"""A trainee's own practice: what is to do, launching, the workbench, submitting. Never looks inside a cell."""

from web.practice.pages import bp

__all__ = ["bp"]

"""A trainee's own practice: what is to do, launching, the workbench, submitting. Never looks inside a cell."""

from web.practice.pages import bp
from web.practice.staying import bp as staying

__all__ = ["bp", "staying"]

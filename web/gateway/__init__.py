"""Answers nginx whether a request may reach a cell, and where that cell listens. Never carries a body, never guesses.

Every request is judged anew against the database, so a reset, a closed instance or an ended log-in counts at once.
"""

from web.gateway.app import create_gateway, serve

__all__ = ["create_gateway", "serve"]

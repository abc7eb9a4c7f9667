"""Matchers and patterns over journal rows, used by the grader and, for injects, inside the cell. Pure."""

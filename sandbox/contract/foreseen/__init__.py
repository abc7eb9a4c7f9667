"""The vocabulary of desks that are not built yet, fixed before they are, so that exercises can be written for them.

Taken from the reference tables. No hospital offers any of it: an exercise that names such an action reads well and
cannot be released. Whoever builds a desk moves its words from here to `machines`, `events`, `state` and `refusals`.
Only `sandbox.contract.catalogue` and the report's words import this package.
"""

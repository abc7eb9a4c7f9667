"""The record all desks share, and the one way to act on it.

Here: who acts, permissions and scopes, the treatment relationship, the machines that move records, refusals, alerts,
accounts, and what is looked up everywhere (people, codes, limits). Never here: pages, forms, the steps of one desk.
Every write goes through `Hospital.perform`: one operation, one transaction, its journal rows inside.
"""

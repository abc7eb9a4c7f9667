"""SQLite through SQLAlchemy Core. Every write is BEGIN IMMEDIATE; rows change by conditional UPDATE."""

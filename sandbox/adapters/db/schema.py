"""The schema's versions: brought up to date by `his-sandbox db` alone, checked by everybody else."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from sandbox.adapters.db.engine import open_engine, translated
from sandbox.errors import SettingsInvalidError

_MIGRATIONS = Path(__file__).parent / "migrations"
_PATIENCE_S = 30.0


def upgrade(url: str) -> None:
    """Bring the database to the newest schema, creating it if need be. One transaction: all or nothing."""
    engine = open_engine(url, busy_timeout_s=_PATIENCE_S)
    config = _config()
    try:
        with translated(), engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()


def check(url: str) -> None:
    """Raise SettingsInvalidError unless the database's schema is the newest this code knows."""
    newest = ScriptDirectory.from_config(_config()).get_current_head()
    database = sa.make_url(url).database
    if database and not Path(database).is_file():
        raise SettingsInvalidError(problems=f"no database at {database}; run `his-sandbox db init`")
    engine = open_engine(url, busy_timeout_s=_PATIENCE_S)
    try:
        with translated(), engine.connect().execution_options(reading=True) as connection:
            found = MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()
    if found != newest:
        raise SettingsInvalidError(
            problems=f"schema is {found}, this version needs {newest}; run `his-sandbox db init`"
        )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return config

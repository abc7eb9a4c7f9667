"""The only home of docker, sqlalchemy, alembic, apscheduler, argon2: everything that touches the outside."""

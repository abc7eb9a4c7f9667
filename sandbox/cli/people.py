"""his-sandbox person …: accounts of the platform."""

from __future__ import annotations

import click

from sandbox.bootstrap import Services
from sandbox.cli.showing import telling_errors, terminal
from sandbox.errors import NotFoundError
from sandbox.people import operations
from sandbox.people.model import CLI, Actor, Person, Role

ROLES = [each.value for each in Role if each is not Role.ROBOT]
"""What a person can be. Robots are made by rehearsals alone."""


@click.group()
def person() -> None:
    """Accounts: add, list, new password, disable."""


@person.command("add")
@click.argument("login")
@click.option("--name", required=True, help="Name as colleagues know it.")
@click.option("--department", default="", help="Department.")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice(ROLES))
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh")
@telling_errors
def add(login: str, name: str, department: str, roles: tuple[str, ...], language: str) -> None:
    """Add an account; its initial password is shown once and must be changed at the first log-in."""
    services = terminal().services()
    password = operations.random_password()
    hashed = services.passwords.hash(password)
    with services.database.transaction() as stores:
        added = operations.add_person(
            stores,
            CLI,
            login=login,
            name=name,
            department=department,
            roles=[Role(each) for each in roles],
            password_hash=hashed,
            language="en" if language == "en" else "zh",
            now=services.clock.now(),
        )
    terminal().show({"id": added.id, "login": added.login, "initial_password": password})


@person.command("list")
@telling_errors
def listed() -> None:
    """List all accounts."""
    with terminal().services().database.reading() as stores:
        people = stores.people.all()
    terminal().table(
        (
            {
                "login": each.login,
                "name": each.name,
                "department": each.department,
                "roles": sorted(each.roles),
                "disabled": each.disabled,
            }
            for each in people
        ),
        empty=("还没有账号。用 his-sandbox person add 添加。", "No accounts yet. Add one with his-sandbox person add."),
    )


@person.command("password")
@click.argument("login")
@telling_errors
def new_password(login: str) -> None:
    """Give an account a new initial password, shown once."""
    services = terminal().services()
    password = operations.random_password()
    hashed = services.passwords.hash(password)
    with services.database.transaction() as stores:
        found = stores.people.by_login(login)
        if found is None:
            raise NotFoundError(f"no account {login}")
        operations.reset_password(stores, CLI, found.id, password_hash=hashed, now=services.clock.now())
    terminal().show({"login": login, "initial_password": password})


@person.command("disable")
@click.argument("login")
@click.confirmation_option(prompt="The account is closed and logged out at once. Go on?")
@telling_errors
def disable(login: str) -> None:
    """Close an account."""
    services = terminal().services()
    with services.database.transaction() as stores:
        found = stores.people.by_login(login)
        if found is None:
            raise NotFoundError(f"no account {login}")
        operations.disable(stores, CLI, found.id, now=services.clock.now())
    terminal().say(f"{login} 已停用。", f"{login} is disabled.")


def acting_as(services: Services, login: str) -> Actor:
    """Return the actor for a deed that only this person can do. Raises NotFoundError."""
    with services.database.reading() as stores:
        found: Person | None = stores.people.by_login(login)
    if found is None or found.disabled:
        raise NotFoundError(f"no account {login}")
    return Actor(id=found.id, roles=found.roles, address="cli")


COMMANDS = (person,)

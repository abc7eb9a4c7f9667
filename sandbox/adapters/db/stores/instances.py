"""Provisioning's instances, moves and tickets as rows."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from sandbox.adapters.db.engine import breaking
from sandbox.adapters.db.rows import change_one, check_move, existing, many, to_row
from sandbox.adapters.db.tables.provisioning import LIVE, instance, move, ticket
from sandbox.errors import QuotaError, TicketError, WrongStateError
from sandbox.provisioning.model import INSTANCE_MOVES, CellId, Desired, Instance, InstanceId, Move, Observed

# Made once: what a page or a plan reads each time takes longer to make than to execute.
_BY_ID = sa.select(instance).where(instance.c.id == sa.bindparam("key"))
_LIVE = sa.select(instance).where(LIVE).order_by(instance.c.queued_at, instance.c.id)
_LIVE_OF = _LIVE.where(instance.c.owner == sa.bindparam("theirs"))
_OPEN = sa.select(move).where(move.c.closed_at.is_(None)).order_by(move.c.created_at, move.c.instance)


class SqlInstanceStore:
    """Fulfils provisioning.stores.InstanceStore."""

    def __init__(self, connection: sa.Connection) -> None:
        self._db = connection

    def add(self, new: Instance) -> None:
        with breaking("instance.owner", QuotaError(f"{new.owner} already has an instance", limit=1)):
            self._db.execute(instance.insert().values(to_row(new)))

    def get(self, key: InstanceId) -> Instance:
        return existing(self._db, Instance, _BY_ID, f"instance {key}", key=key)

    def live(self) -> list[Instance]:
        return many(self._db, Instance, _LIVE)

    def live_of(self, owner: str) -> list[Instance]:
        return many(self._db, Instance, _LIVE_OF, theirs=owner)

    def desire(self, key: InstanceId, desired: Desired, *, cause: str = "") -> bool:
        wanted = instance.update().where(
            instance.c.id == key, instance.c.desired != desired, instance.c.observed != Observed.CLOSED
        )
        values = {"desired": desired, "cause": cause} if cause else {"desired": desired}
        if self._db.execute(wanted.values(values)).rowcount == 1:
            return True
        if desired is Desired.OPEN and self.get(key).observed is Observed.CLOSED:
            raise WrongStateError(f"instance {key} is closed for good")
        return False

    def move(self, key: InstanceId, old: Observed, new: Observed, *, trouble: str = "") -> None:
        check_move(INSTANCE_MOVES, old, new, f"instance {key}")
        moved = instance.update().where(instance.c.id == key, instance.c.observed == old)
        change_one(self._db, moved.values(observed=new, trouble=trouble), f"instance {key}, expected {old},")

    def flip(self, key: InstanceId, *, cell: CellId, epoch: int, now: datetime) -> None:
        flipped = instance.update().where(
            instance.c.id == key,
            instance.c.epoch == epoch - 1,
            instance.c.observed.in_([Observed.LAUNCHING, Observed.REPLACING]),
        )
        values = {
            "cell": cell,
            "epoch": epoch,
            "observed": Observed.OPEN,
            "opened_at": sa.func.coalesce(instance.c.opened_at, sa.bindparam("now", now, instance.c.opened_at.type)),
            "trouble": "",
        }
        change_one(self._db, flipped.values(values), f"instance {key}, to be flipped to epoch {epoch},")

    def note_trouble(self, key: InstanceId, code: str) -> None:
        self._db.execute(instance.update().where(instance.c.id == key).values(trouble=code))

    def note_cause(self, key: InstanceId, cause: str) -> None:
        self._db.execute(instance.update().where(instance.c.id == key).values(cause=cause))

    def name_attempt(self, key: InstanceId, attempt: str) -> None:
        named = instance.update().where(
            instance.c.id == key, instance.c.desired != Desired.CLOSED, instance.c.observed != Observed.CLOSED
        )
        change_one(self._db, named.values(attempt=attempt), f"instance {key}, wanted open,")

    def launched_since(self, owner: str, since: datetime) -> list[datetime]:
        lately = sa.select(instance.c.queued_at).where(instance.c.owner == owner, instance.c.queued_at > since)
        return list(self._db.scalars(lately.order_by(instance.c.queued_at)))

    def extend(self, key: InstanceId, old: datetime, new: datetime) -> None:
        kept = instance.update().where(
            instance.c.id == key, instance.c.expires_at == old, instance.c.desired != Desired.CLOSED
        )
        change_one(self._db, kept.values(expires_at=new), f"instance {key}, to end at {old},")

    def touch(self, seen: dict[InstanceId, datetime]) -> None:
        for key, at in seen.items():
            earlier = sa.or_(instance.c.last_request_at.is_(None), instance.c.last_request_at < at)
            self._db.execute(instance.update().where(instance.c.id == key, earlier).values(last_request_at=at))


class SqlMoveStore:
    """Fulfils provisioning.stores.MoveStore."""

    def __init__(self, connection: sa.Connection) -> None:
        self._db = connection

    def add(self, new: Move) -> bool:
        return self._db.execute(insert(move).values(to_row(new)).on_conflict_do_nothing()).rowcount == 1

    def open(self) -> list[Move]:
        return many(self._db, Move, _OPEN)

    def asked_since(self, actor: str, since: datetime) -> list[datetime]:
        mine = (move.c.actor == actor, move.c.kind == "reset", move.c.created_at > since)
        return list(self._db.scalars(sa.select(move.c.created_at).where(*mine).order_by(move.c.created_at)))

    def note_flip(self, key: InstanceId, epoch: int, *, now: datetime) -> None:
        flipped = move.update().where(move.c.instance == key, move.c.epoch == epoch, move.c.flipped_at.is_(None))
        self._db.execute(flipped.values(flipped_at=now))

    def close(self, key: InstanceId, epoch: int, *, now: datetime) -> None:
        closing = move.update().where(move.c.instance == key, move.c.epoch == epoch, move.c.closed_at.is_(None))
        self._db.execute(closing.values(closed_at=now))


class SqlTicketStore:
    """Fulfils provisioning.stores.TicketStore."""

    def __init__(self, connection: sa.Connection) -> None:
        self._db = connection

    def use(self, token_hash: str, *, instance: InstanceId, person: str, expires_at: datetime, now: datetime) -> None:
        row = {
            "token_hash": token_hash,
            "instance": instance,
            "person": person,
            "expires_at": expires_at,
            "used_at": now,
        }
        with breaking("ticket.token_hash", TicketError("used before")):
            self._db.execute(ticket.insert().values(row))

    def discard_expired(self, *, now: datetime) -> int:
        return self._db.execute(ticket.delete().where(ticket.c.expires_at <= now)).rowcount

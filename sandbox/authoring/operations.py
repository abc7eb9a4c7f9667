"""Saving drafts, asking the gate, releasing what it found in order, retiring versions."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from sandbox.audit import operations as audit
from sandbox.authoring import gate_report
from sandbox.authoring.gate_report import GateReport
from sandbox.authoring.model import Draft, GateRequest, GateRun
from sandbox.authoring.ports import Stores
from sandbox.errors import NotReleasableError, VersionTakenError
from sandbox.exercises import releasing
from sandbox.exercises.loader import Loaded
from sandbox.exercises.model import ExerciseVersion
from sandbox.people import policy
from sandbox.people.model import Actor

Draw = Callable[[int], str]
"""Returns so many random bytes as hex digits."""


class Bytes(Protocol):
    """Where exercise files and reports are kept."""

    def put(self, content: bytes) -> str: ...
    def get(self, sha256: str) -> bytes: ...


def save(stores: Stores, actor: Actor, loaded: Loaded, content: bytes, *, now: datetime) -> Draft:
    """Keep a file that reads without problems. The same bytes again are the same draft.

    Raises VersionTakenError if its version is released with other bytes.
    """
    policy.require(actor, "exercise.author")
    exercise = loaded.exercise
    _require_free(stores, f"{exercise.id}@{exercise.version}", loaded.sha256)
    draft = Draft(
        sha256=loaded.sha256,
        exercise=exercise.id,
        version=exercise.version,
        title_zh=exercise.title.zh,
        title_en=exercise.title.en,
        library=exercise.library or "",
        roles=tuple(dict.fromkeys(seat.role for seat in exercise.seats.values())),
        minutes=exercise.rules.time // 60_000,
        content=content,
        author=actor.id,
        saved_at=now,
    )
    if not stores.drafts.add(draft):
        return stores.drafts.get(loaded.sha256)
    audit.record(stores, actor, "exercise.author", draft.sha256, at=now, facts={"exercise": draft.exercise})
    return draft


def ask(stores: Stores, actor: Actor, draft: str, *, now: datetime, draw: Draw = secrets.token_hex) -> bool:
    """Have the worker run the gate; False if it is about to. Raises NotFoundError."""
    policy.require(actor, "exercise.author")
    stores.drafts.get(draft)
    request = GateRequest(
        id=draw(8),
        draft=draft,
        asked_by=actor.id,
        asked_at=now,
        stage="",
        done=0,
        total=0,
        answered_at=None,
        trouble="",
    )
    if not stores.gate.ask(request):
        return False
    audit.record(stores, actor, "exercise.author", draft, at=now, facts={"gate": request.id})
    return True


def keep(stores: Stores, files: Bytes, report: GateReport, *, now: datetime, draw: Draw = secrets.token_hex) -> GateRun:
    """Append a verdict of the gate, and keep draft and report where the panel reads files."""
    files.put(stores.drafts.get(report.sha256).content)
    run = GateRun(
        id=draw(8),
        draft=report.sha256,
        image=report.image,
        findings=len(report.findings),
        releasable=report.releasable,
        report=files.put(gate_report.dumps(report)),
        ran_at=now,
    )
    stores.gate.add(run)
    return run


def release(
    stores: Stores, files: Bytes, actor: Actor, loaded: Loaded, content: bytes, *, now: datetime
) -> tuple[ExerciseVersion, bool]:
    """Release a draft whose newest verdict is green; return the version and whether it is new.

    Raises NotReleasableError without such a verdict, VersionTakenError if the number is taken by other bytes.
    """
    policy.require(actor, "exercise.release")
    version = releasing.described(loaded, now=now)
    verdicts = stores.gate.of(loaded.sha256)
    if not verdicts or not verdicts[0].releasable:
        raise NotReleasableError(f"{version.id} has no green gate report", version=version.id)
    fresh = releasing.release(stores, files, actor, version, content, now=now)
    return version, fresh


def retire(stores: Stores, actor: Actor, version: str, *, now: datetime) -> bool:
    """Let nobody be assigned this version any more; False if so already. What is assigned goes on."""
    policy.require(actor, "exercise.retire")
    stores.exercises.get(version)
    if not stores.exercises.retire(version, by=actor.id, at=now):
        return False
    audit.record(stores, actor, "exercise.retire", version, at=now)
    return True


def _require_free(stores: Stores, key: str, sha256: str) -> None:
    taken = next((one for one in stores.exercises.all() if one.id == key), None)
    if taken is not None and taken.sha256 != sha256:
        raise VersionTakenError(f"{key} is released with other bytes", version=key)

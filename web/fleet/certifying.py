"""An isolation certificate as people read it: in plain words first, then every reading with its place on the host."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sandbox.provisioning import certificates
from sandbox.provisioning.attestation import Reading
from sandbox.provisioning.certificates import Certificate, Statement
from web.wording import _, _n


@dataclass(frozen=True, kw_only=True)
class Promise:
    """What several readings mean together."""

    drawing: str
    title: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Line:
    claim: str
    words: str
    found: str
    source: str


@dataclass(frozen=True, kw_only=True)
class Group:
    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, kw_only=True)
class Fact:
    name: str
    value: str
    mono: bool = True


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One cell's newest certificate."""

    cell: str
    number: int
    isolated: bool
    issued_at: datetime
    promises: tuple[Promise, ...]
    groups: tuple[Group, ...]
    facts: tuple[Fact, ...]


@dataclass(frozen=True, kw_only=True)
class CertificateView:
    instance: str
    owner: str
    isolated: bool
    verdict: str
    summary: str
    closely: bool
    """Whether the reader sees the readings themselves and the file."""
    newest: Sheet | None
    earlier: tuple[Sheet, ...]


def view(found: Sequence[Certificate], *, owner: str, instance: str, closely: bool) -> CertificateView:
    """Return the page; `found` is the newest certificate of each cell, newest first. Raises ArchiveCorruptError."""
    sheets = [_sheet(one) for one in found]
    isolated = bool(sheets) and all(one.isolated for one in sheets)
    return CertificateView(
        instance=instance,
        owner=owner,
        isolated=isolated,
        verdict=_verdict(sheets, isolated=isolated),
        summary=_summary(sheets, isolated=isolated),
        closely=closely,
        newest=sheets[0] if sheets else None,
        earlier=tuple(sheets[1:]),
    )


def _verdict(sheets: Sequence[Sheet], *, isolated: bool) -> str:
    if not sheets:
        return _("No certificate yet")
    return _("Isolated") if isolated else _("Nothing is isolated")


def _summary(sheets: Sequence[Sheet], *, isolated: bool) -> str:
    if not sheets:
        return _("No cell has served this practice hospital yet. A certificate is issued before one is handed out.")
    if not isolated:
        return _("This practice hospital ran as a plain process of this machine, for a look at the product only.")
    count = sum(len(group.lines) for group in sheets[0].groups)
    return _n(
        "%(n)s reading, taken from the host's kernel before the cell was handed out; it holds.",
        "%(n)s readings, taken from the host's kernel before the cell was handed out; all of them hold.",
        count,
    )


def _sheet(certificate: Certificate) -> Sheet:
    said = certificates.read(certificate)
    return Sheet(
        cell=certificate.cell,
        number=certificate.number,
        isolated=said.isolated,
        issued_at=said.issued_at,
        promises=_promises(said) if said.isolated else _warnings(),
        groups=_groups(said.readings),
        facts=_facts(said, certificate.sha256),
    )


def _promises(said: Statement) -> tuple[Promise, ...]:
    return (
        Promise(
            drawing="shield-check",
            title=_("No network"),
            words=_(
                "It has no network card but its own loopback, and no route. It cannot reach the hospital's real "
                "systems, the internet, or any other computer."
            ),
        ),
        Promise(
            drawing="building-hospital",
            title=_("Alone"),
            words=_("It sees no process, file or name of this machine or of another person's practice hospital."),
        ),
        Promise(
            drawing="lock",
            title=_("No rights"),
            words=_("It runs as a user of its own, has none of the rights of an administrator and cannot gain any."),
        ),
        Promise(
            drawing="eye",
            title=_("Nothing to change"),
            words=_("Its programs cannot be changed. It writes only to its own data, which goes when it goes."),
        ),
        Promise(
            drawing="gauge",
            title=_("Limited"),
            words=_(
                "Memory %(memory)s MiB, half a processor, at most %(processes)s processes: it cannot slow others down.",
                memory=int(_found(said, "memory")) >> 20,
                processes=_found(said, "processes"),
            ),
        ),
    )


def _found(said: Statement, claim: str) -> str:
    return next((one.found for one in said.readings if one.claim == claim), "0")


def _warnings() -> tuple[Promise, ...]:
    return (
        Promise(
            drawing="alert-triangle",
            title=_("No walls"),
            words=_("It could reach everything that the platform's own user on this machine can reach."),
        ),
        Promise(
            drawing="server-2",
            title=_("What to do"),
            words=_("Install a container engine and set cell.driver = docker."),
        ),
    )


def _facts(said: Statement, sha256: str) -> tuple[Fact, ...]:
    return (
        Fact(name=_("Cell"), value=said.cell),
        Fact(name=_("Attempt"), value=said.attempt or "–"),
        Fact(name=_("Container"), value=said.container),
        Fact(name=_("User on the host"), value=str(said.uid)),
        Fact(name=_("Image"), value=said.image),
        Fact(name=_("Isolation profile"), value=said.profile),
        Fact(name=_("Engine"), value=said.engine),
        Fact(name=_("Kernel"), value=said.kernel),
        Fact(name=_("Read by worker"), value=_("%(worker)s, fence %(fence)s", worker=said.worker, fence=said.fence)),
        Fact(name="SHA-256", value=sha256),
    )


def _groups(read: Sequence[Reading]) -> tuple[Group, ...]:
    titles = {
        "network": _("Network"),
        "alone": _("Separate from everything else"),
        "rights": _("Rights"),
        "files": _("Files"),
        "limits": _("Limits"),
    }
    lines: dict[str, list[Line]] = {key: [] for key in titles}
    for one in read:
        line = Line(claim=one.claim, words=claim_words(one.claim), found=found_words(one.found), source=one.source)
        lines[group_of(one.claim)].append(line)
    return tuple(Group(title=titles[key], lines=tuple(found)) for key, found in lines.items() if found)


def group_of(claim: str) -> str:
    """Return where a claim stands on the page."""
    kind = claim.partition(".")[0]
    if claim in ("interfaces", "routes"):
        return "network"
    if kind in ("namespace", "control_group"):
        return "alone"
    if kind in ("root", "mounts", "mounts_missing", "folder"):
        return "files"
    return "rights" if kind in ("uid", "gid", "groups", "seccomp", "no_new_privileges", "capabilities") else "limits"


def found_words(found: str) -> str:
    """Return what was found, in the reader's language where it is a word."""
    return {
        "lo": _("lo, which leads only back to itself"),
        "none": _("none"),
        "its own": _("its own"),
        "read-only": _("read-only"),
        "this cell's own": _("this cell's own"),
    }.get(found, found)


def claim_words(claim: str) -> str:
    """Return a claim in words; one that this page does not know stands as it is."""
    return {
        "interfaces": _("Network cards"),
        "routes": _("Routes to other networks"),
        "namespace.net": _("Network"),
        "namespace.pid": _("List of processes"),
        "namespace.ipc": _("Memory shared between processes"),
        "namespace.mnt": _("File tree"),
        "namespace.uts": _("Host name"),
        "namespace.cgroup": _("View of the control groups"),
        "control_group": _("Control group"),
        "uid": _("User"),
        "gid": _("Group"),
        "groups": _("Groups, all of them"),
        "seccomp": _("System calls by allow-list (2 = yes)"),
        "no_new_privileges": _("Can gain no rights (1 = yes)"),
        "capabilities.CapInh": _("Administrator's rights, inherited"),
        "capabilities.CapPrm": _("Administrator's rights, permitted"),
        "capabilities.CapEff": _("Administrator's rights, in effect"),
        "capabilities.CapBnd": _("Administrator's rights, obtainable"),
        "capabilities.CapAmb": _("Administrator's rights, passed on"),
        "root": _("Programs and system files"),
        "mounts": _("Folders beyond the profile"),
        "mounts_missing": _("Folders of the profile that are missing"),
        "folder./data": _("Data folder"),
        "folder./run/his": _("Folder of the sockets"),
        "memory": _("Memory, bytes"),
        "memory_and_swap": _("Memory with swap, bytes"),
        "cpu": _("Processor time, µs of each period"),
        "processes": _("Processes at once"),
        "oom_score_adj": _("Ended before others when memory is short"),
        "limit.open_files": _("Open files"),
        "limit.core_file_size": _("Memory dump, bytes"),
        "limit.file_size": _("Size of one file, bytes"),
    }.get(claim, claim)

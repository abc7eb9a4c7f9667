"""Settings: read once by bootstrap, passed on as frozen values. Nothing is guessed; unknown keys are refused.

Later wins: the defaults here, the TOML file named by HIS_SANDBOX_SETTINGS, HIS_SANDBOX_<GROUP>__<NAME>.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from sandbox.errors import SettingsInvalidError

_TIME_OF_DAY = r"^([01]\d|2[0-3]):[0-5]\d$"
SETTINGS_FILE_VARIABLE = "HIS_SANDBOX_SETTINGS"


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Site(_Group):
    id: str = Field(pattern=r"^[0-9a-f]{8}$")
    """Marks everything this installation owns on the engine; nothing without it is ever touched."""
    name: str = "示范市第一模拟医院"
    state: Path
    """Persistent folder: database, datasets, archives, cells' data, logs, secrets."""
    hospital: Path | None = None
    """Folder with the site's own hospital: its name, departments, formulary and fees, as README says; None = ours.
    `his-sandbox dataset check` names what is wrong with it, and `dataset build` makes the next cells from it."""
    run: Path
    """Short path on tmpfs: the cells' sockets. Base + longest id stay under 100 bytes (socket paths end at 107)."""

    @property
    def sockets(self) -> Path:
        """Return the folder of the platform's own sockets (panel, gateway, poke), apart from the cells' folders,
        so that service accounts never need a way through those."""
        return self.run.with_name(f"{self.run.name}-web")

    @property
    def panel_socket(self) -> Path:
        """Return where the panel listens for nginx."""
        return self.sockets / "panel" / "http.sock"

    @property
    def gateway_socket(self) -> Path:
        """Return where the gateway answers nginx's questions."""
        return self.sockets / "gateway" / "http.sock"

    @property
    def nginx_folder(self) -> Path:
        """Return where nginx keeps pid, lock and what does not fit into its memory.

        Its workers are not root and must get there: <state> may lie where nobody else does, in root's home say.
        """
        return self.sockets / "nginx"

    @property
    def flips_socket(self) -> Path:
        """Return where the panel hears whose hospital has changed hands."""
        return self.sockets / "panel" / "flips.sock"

    @property
    def worker_figures(self) -> Path:
        """Return where the worker leaves its figures for the panel."""
        return self.sockets / "worker" / "figures.prom"

    @property
    def gateway_figures(self) -> Path:
        """Return where the gateway leaves its figures for the panel: a folder in which it alone writes."""
        return self.sockets / "figures" / "gateway.prom"

    @property
    def poke_socket(self) -> Path:
        """Return where the worker hears "look now"."""
        return self.sockets / "worker" / "poke.sock"


class Database(_Group):
    url: str
    """SQLAlchemy URL. SQLite now; PostgreSQL later."""
    busy_timeout_s: float = 5.0


class Panel(_Group):
    host: str = "127.0.0.1"
    port: int = 8420
    """nginx listens here for people; `http://localhost:<port>` is the panel's origin."""
    threads: int = 64
    """Most of them sleep: a request may wait a moment for its hospital. Each costs some ten kilobytes."""
    waiters: int = 48
    """Requests that may wait so at once; the others are answered where they stand in the queue."""
    scrape_token: str = Field(default="", pattern=r"^([\w-]{24,})?$")
    """What a Prometheus server sends as `Authorization: Bearer …` to read /metrics; '' = log-ins of IT only."""


class Gateway(_Group):
    port: int = 8421
    """nginx listens here for cells: `http://<instance>.localhost:<port>`. Another origin than the panel's, always."""
    ticket_ttl_s: int = 60


class Worker(_Group):
    tick_s: float = 1.0
    lease_s: float = 30.0
    lease_renew_s: float = 5.0
    full_observation_s: float = 30.0
    parallel_starts: int = 4
    """Engine mutations at once. Engines start containers one after another; more only slows each of them."""
    parallel_starts_in_a_rush: int = 0
    """The same while many people wait; 0 = two per core, 4 to 16. A boot takes a core's whole time: fifty are inside no
    sooner with sixteen at once on two cores, and the first of them wait longer."""
    rush_from: int = 13
    """So many people waiting are a rush. Source: provisioning.md §2, more than 12."""
    call_timeout_s: float = 10.0
    engine: str = "unix:///var/run/docker.sock"
    """Where the container engine listens. The worker alone may reach it."""


class Pool(_Group):
    ready: int = 2
    """Cells kept started and nobody's, whatever the timetable says. About 25 MiB each."""
    night_ready: int = 0
    """The same at night, never more than by day."""
    night_begins: str = Field(default="22:00", pattern=_TIME_OF_DAY)
    night_ends: str = Field(default="06:00", pattern=_TIME_OF_DAY)
    """Local time. Equal to night_begins: there is no night."""
    burst_cells: int = 12
    """At most so many more are kept after a burst of launches nobody announced; they go within half an hour."""


class Capacity(_Group):
    reserve_mib: int = 1024
    """Memory kept for the platform, the engine and surprises. Below half of it hospitals idle longest hibernate."""
    max_cells: int = 600
    """Cells at once, whatever the machine could hold: more were never measured."""
    strict: bool = False
    """Count each cell at its memory limit (128 MiB) instead of what cells were measured to use."""
    spare_idle_s: int = Field(default=600, ge=10)
    """When seats or memory run out, hospitals unused for so long hibernate before anybody has to wait."""
    forsaken_s: int = 120
    """A queued practice launch leaves the queue when its page has been gone for so long."""


class Cell(_Group):
    driver: Literal["docker", "process"] = "docker"
    image: str = ""
    """Image id (sha256:…), never a tag. Written by `his-sandbox image register`."""
    uid_base: int = 1_000_000
    """Each cell runs as an uid of its own from here on, never one that a person or service has."""
    run_group: str = "root"
    http_gid: int = 0
    """Group of nginx: may reach http.sock, nothing else."""


class Quota(_Group):
    """Per person, kept in the database. A number of 0 is no limit: for rehearsals and measurements."""

    live_trainee: int = Field(default=1, ge=1)
    """Hospitals that a trainee may have at once; sleeping ones count."""
    live_trainer: int = Field(default=3, ge=1)
    launches: int = Field(default=5, ge=0)
    """Launches within `window_s`."""
    resets: int = Field(default=6, ge=0)
    window_s: int = Field(default=600, ge=1)


class Lifetime(_Group):
    """How long a hospital that nobody uses is kept awake, and kept at all. All in seconds."""

    idle_s: int = Field(default=30 * 60, ge=10)
    """Without a human request for so long it hibernates. Never in an exam, nor while an enforced limit runs."""
    idle_warning_s: int = Field(default=120, ge=5)
    """The workbench warns so long before."""
    ttl_s: int = Field(default=12 * 3600, ge=60)
    """From the launch on; then it is closed, its work archived."""
    after_due_s: int = Field(default=2 * 3600, ge=0)
    """Where the assignment is due within the ttl, it is kept so long after that at least."""
    extend_s: int = Field(default=3600, ge=60)
    """What one click adds."""
    longest_s: int = Field(default=24 * 3600, ge=60)
    """From the launch on nobody can extend beyond this."""


class Schedule(_Group):
    timezone: str = "Asia/Shanghai"
    nightly_at: str = Field(default="02:00", pattern=_TIME_OF_DAY)
    nightly_at_once: int = Field(default=8, ge=1)
    """Instances that the nightly reset has in work together: each takes one cell more than there are instances."""


class Security(_Group):
    login_idle_s: int = 30 * 60
    login_absolute_s: int = 12 * 3600
    secret_file: Path | None = None
    """256 random bits, mode 0400; signs tickets and logins. Default: <state>/secret."""


class Settings(BaseSettings):
    """All groups. See each field for unit and reason."""

    model_config = SettingsConfigDict(env_prefix="HIS_SANDBOX_", env_nested_delimiter="__", extra="forbid", frozen=True)

    site: Site
    database: Database
    panel: Panel = Panel()
    gateway: Gateway = Gateway()
    worker: Worker = Worker()
    pool: Pool = Pool()
    capacity: Capacity = Capacity()
    cell: Cell = Cell()
    quota: Quota = Quota()
    lifetime: Lifetime = Lifetime()
    schedule: Schedule = Schedule()
    security: Security = Security()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  (pydantic-settings passes it by name)
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        named = os.environ.get(SETTINGS_FILE_VARIABLE)
        toml = (TomlConfigSettingsSource(settings_cls, toml_file=Path(named)),) if named else ()
        return (init_settings, env_settings, *toml)


def load() -> Settings:
    """Read the settings from the file and environment.

    Raises SettingsInvalidError naming every unknown, missing or malformed key at once.
    """
    named = os.environ.get(SETTINGS_FILE_VARIABLE)
    if named and not Path(named).is_file():
        raise SettingsInvalidError(problems=f"{SETTINGS_FILE_VARIABLE}: {named} is not a file")
    try:
        return Settings()
    except ValidationError as wrong:
        problems = "; ".join(f"{'.'.join(str(step) for step in each['loc'])}: {each['msg']}" for each in wrong.errors())
        raise SettingsInvalidError(problems=problems) from wrong

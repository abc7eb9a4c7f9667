"""Names and modes inside a cell's two folders. Both ends of every path are written here and nowhere else."""

from __future__ import annotations

from pathlib import Path

RUN_MOUNT = Path("/run/his")
DATA_MOUNT = Path("/data")

HTTP_FOLDER, CONTROL_FOLDER = "h", "c"
HTTP_SOCKET = f"{HTTP_FOLDER}/http.sock"
CONTROL_SOCKET = f"{CONTROL_FOLDER}/control.sock"

DATABASE = "his.db"
DATABASE_FILES = (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm")
"""Made by the worker and owned by the cell; the cell can create nothing beside them."""

SOCKET_PATH_LIMIT = 100
"""Bytes. The kernel ends socket paths at 107; the rest is reserve for temporary names."""

RUN_VARIABLE, DATA_VARIABLE = "HIS_RUN_DIR", "HIS_DATA_DIR"
"""Environment of a cell without a container (process driver). A container uses the mounts."""


def socket_path_fits(run_folder: Path) -> bool:
    """Say whether every socket below this cell's run folder has a path the kernel accepts."""
    return len(str(run_folder / CONTROL_SOCKET).encode()) <= SOCKET_PATH_LIMIT

"""Takes warm cells away when the demonstration ends: nothing that nobody uses stays behind on the machine."""

from __future__ import annotations

from sandbox import bootstrap
from sandbox.bootstrap import Services
from sandbox.demo.progress import say, step
from sandbox.provisioning.model import CellState

NOBODYS = frozenset({CellState.PLANNED, CellState.CREATED, CellState.STARTED, CellState.READY, CellState.BROKEN})


def drain(services: Services) -> None:
    """Remove all cells that were never anybody's. Only while no worker runs: it would make new ones."""
    driver = bootstrap.worker_services(services.settings).driver
    with services.database.reading() as stores:
        present = stores.cells.present()
    nobodys = {cell.id: cell for cell in present if cell.state in NOBODYS}
    with step("移除空闲容器", "Remove idle cells") as notes:
        seen = {each.cell: each for each in driver.observe()}
        for key, cell in nobodys.items():
            if key in seen:
                driver.remove(seen[key])
            driver.discard_folders(key)
            with services.database.transaction() as stores:
                if cell.state not in (CellState.READY, CellState.BROKEN):
                    stores.cells.move(key, cell.state, CellState.BROKEN, now=services.clock.now())
                before = CellState.READY if cell.state is CellState.READY else CellState.BROKEN
                stores.cells.move(key, before, CellState.GONE, now=services.clock.now())
        notes.text = str(len(nobodys))
    kept = len(present) - len(nobodys)
    if kept:
        say(f"  {kept} 个练习环境保留，下次 make demo 继续使用；make clean 全部清除")
        say(f"  {kept} with people's work stay: the next make demo goes on with them, make clean takes all away")

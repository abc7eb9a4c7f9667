"""The end of the work: the last row of the journal, and nothing after it."""

from __future__ import annotations

from his.chart.acting import NOBODY, Acting
from his.chart.hospital import Hospital

REASON = "sealed"


def seal(hospital: Hospital) -> None:
    """Write `attempt.end` and refuse every write from now on; sealing twice changes nothing."""
    arming = hospital.arming
    if arming is None:
        raise LookupError("nothing is armed")
    with hospital.database.transaction() as connection:
        if connection.execute('SELECT 1 FROM "meta" WHERE "key" = \'sealed\'').fetchone() is not None:
            return
        act = Acting(connection, NOBODY, hospital.clock.now(), arming.binding, arming.pack)
        act.record("attempt.end", system=True, data={"reason": REASON})
        connection.execute('INSERT INTO "meta" ("key", "value") VALUES (\'sealed\', ?)', (str(act.moment.t),))
        hospital.mark_sealed()
    hospital.clock.stop()

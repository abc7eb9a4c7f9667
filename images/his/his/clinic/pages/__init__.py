"""Pages of the doctor's desk: `queue` up to the open chart, its `sections`, `prescriptions`, `returns`, `sheets`."""

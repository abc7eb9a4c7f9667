"""Every write of the doctor's desk: `visiting` moves visits, `charting` writes charts, `prescribing` prescribes."""

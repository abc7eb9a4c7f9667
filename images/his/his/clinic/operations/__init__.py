"""Every write of the doctor's desk: `visiting` moves the visit, `charting` writes the chart, `prescribing` prescribes."""

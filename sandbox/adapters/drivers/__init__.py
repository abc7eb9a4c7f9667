"""Ways to run a cell: docker (isolated, default) and process (isolates nothing, says so)."""

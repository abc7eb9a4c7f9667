UPDATE attempt SET state = 'open', opened_at = (
    SELECT cell.since FROM instance JOIN cell ON cell.id = instance.cell WHERE instance.id = attempt.instance
)
WHERE state = 'requested' AND EXISTS (
    SELECT 1 FROM instance JOIN cell ON cell.id = instance.cell
    WHERE instance.id = attempt.instance AND cell.attempt = attempt.id AND instance.observed = 'open'
)

CREATE INDEX ix_cell_instance ON cell (instance)

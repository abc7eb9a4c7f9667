CREATE INDEX ix_instance_live ON instance (queued_at) WHERE observed <> 'closed'

CREATE INDEX ix_audit_verb ON audit (verb, seq)

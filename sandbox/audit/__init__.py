"""Who did what to whom on the platform: append-only, hash-chained, written in the deed's own transaction."""

"""Named jobs and when they are due. A timer only rings; the ledger decides that each runs once per local date."""

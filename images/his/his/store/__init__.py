"""The drug store 药库: goods come in and are accepted, go to the pharmacy, are counted; the ledger of every batch."""

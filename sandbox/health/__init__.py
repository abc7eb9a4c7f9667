"""Is the place healthy? Pure judgements of rows and machine facts, one finding per concern, each with its fix.

The page, `his-sandbox doctor` and the figures say the same because they all ask here. What takes time is looked at by
the worker and written down (`checkup`); nobody who asks waits for it.
"""

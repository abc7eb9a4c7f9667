"""HIS Sandbox: the core. Rooms decide, adapters do, entry points connect the two."""

"""One module per room: the room's store ports, fulfilled on one connection inside one transaction."""

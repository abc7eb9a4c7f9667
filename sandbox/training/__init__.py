"""Who is to learn what by when: assignments of released exercises to people."""

"""Child processes: forked, spoken with by messages on a socket, and ended with their parent."""

"""Child processes: forked, connected to their parent by messages on a socket, and ended with it."""

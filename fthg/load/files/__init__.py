"""The files that a job sends: those of a directory, in passes, or files that are made."""

"""The merge: any number of results files → all that a snapshot of their runs is made of."""

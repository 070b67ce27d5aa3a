"""The merge: any number of results files → the data of a snapshot of their runs."""

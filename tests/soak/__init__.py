"""A soak: fthg under a mixed load for an hour or a week, with faults now and then."""

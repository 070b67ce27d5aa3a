"""A run's end once more, from the results that it left."""

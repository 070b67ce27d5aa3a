"""The results format: results as lines of JSON, written to files and read back."""

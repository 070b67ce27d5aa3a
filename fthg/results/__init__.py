"""The results format, both ways: results as lines of JSON, and files of such lines."""

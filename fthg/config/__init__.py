"""YAML files, environment and command line → checked data, or every error with its place."""

"""YAML files, environment and command line → checked data, or every fault with its place."""

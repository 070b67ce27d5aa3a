"""Fuzzes every parser of input from outside: bounded in time, the same each time."""

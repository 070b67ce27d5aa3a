"""The fault bench: fthg as a process of its own, real servers, and everything that goes wrong.

`./dev faults` runs all cases and prints the table; what is fast of it is in the test suite.
A case is declared in network.py or in a module of events/, run in a World, and judged by verdict.
"""

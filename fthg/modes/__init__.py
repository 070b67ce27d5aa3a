"""Runs each mode of the program on its settings; a mode imports what only it needs."""

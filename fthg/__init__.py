"""The File Transfer Harness: load a file-transfer system, then track the outcome of every file."""

__version__ = "0.1.0"

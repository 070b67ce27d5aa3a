"""The outputs of a run: the live view, the summary and its JSON, log lines."""

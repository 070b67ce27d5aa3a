"""What is kept of every transfer: a line in the results file, a line in the log."""

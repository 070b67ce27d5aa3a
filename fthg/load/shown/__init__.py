"""What people and programs see of a run: the live view, the summary and its JSON."""

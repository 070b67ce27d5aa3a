"""The program: parse, patch, run, and turn errors into exit statuses."""

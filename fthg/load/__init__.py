"""Load mode: several jobs at once, each sending its files at its rate."""

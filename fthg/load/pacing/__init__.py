"""When arrivals are due."""

"""What reads from outside, fed with bytes of every kind: bounded in time, the same each time."""

"""What is counted and measured of transfers, in bounded memory."""

"""TLS of HTTP: what is trusted, what is shown, and what went wrong."""

"""The ways to a server: hosts and proxies between."""

from __future__ import annotations

from .cell import Cell

DIRECT, JUMP = "direct", "jump host (OpenSSH)"
TINYPROXY, SQUID = "HTTP proxy (tinyproxy)", "HTTP proxy with basic authentication (Squid)"
MICROSOCKS, DANTED, SSH_D = "SOCKS5 (microsocks)", "SOCKS5 (Dante)", "SOCKS5 (ssh -D)"
SOCKS5H = "SOCKS5, where the proxy looks names up (microsocks)"
MICROSOCKS_USER = "SOCKS5 with user and password (microsocks)"

PROXIES = (TINYPROXY, SQUID, MICROSOCKS, SOCKS5H, MICROSOCKS_USER, DANTED, SSH_D)
TARGETS = ("SFTP", "HTTP", "HTTPS")

WAYS = [
    *[Cell(target, DIRECT) for target in TARGETS],
    Cell("SFTP", JUMP),
    *[Cell(target, proxy) for proxy in PROXIES for target in TARGETS],
]

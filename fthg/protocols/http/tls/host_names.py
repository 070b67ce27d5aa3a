"""Checks host names and addresses that other clients find in certificates, and OpenSSL does not.

No wildcard of OpenSSL's stands beside an underscore, and no address may be a common name.
"""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Mapping
from typing import Any, Union

_WRONG_NAME, _WRONG_ADDRESS = 62, 64  # OpenSSL's numbers of the failed verification

_Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address, None]


def is_compared_here(host: str) -> bool:
    """Return True if OpenSSL cannot find the host in some certificates that are for it."""
    return "_" in host or is_address(host)


def is_address(text: str) -> bool:
    """Return True for an IP address."""
    return _address(text) is not None


def check_host(certificate: Mapping[str, Any], host: str) -> None:
    """Raise SSLCertVerificationError unless a certificate, as getpeercert gives it, is for it."""
    if is_address(host):
        if not _has_address(certificate, host):
            raise _mismatch(_WRONG_ADDRESS, "IP address", host)
    elif not _has_name(certificate, host.lower()):
        raise _mismatch(_WRONG_NAME, "Hostname", host)


def _mismatch(code: int, what: str, host: str) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code = code
    error.verify_message = f"{what} mismatch, certificate is not valid for '{host}'."
    return error


def _has_address(certificate: Mapping[str, Any], host: str) -> bool:
    """Return True if it is one of the addresses; the common name counts if there is nothing else.

    Devices that make certificates for themselves know no other place for their address.
    """
    alternatives = certificate.get("subjectAltName", ())
    found = [name for kind, name in alternatives if kind == "IP Address"]
    wanted = _address(host)
    return any(
        _address(name) == wanted for name in (found if alternatives else _common(certificate))
    )


def _has_name(certificate: Mapping[str, Any], host: str) -> bool:
    """Return True if it is one of the names; a common name counts if there are no others."""
    found = [name for kind, name in certificate.get("subjectAltName", ()) if kind == "DNS"]
    rest = host.partition(".")[2]
    # No wildcard stands for all names of a top-level domain.
    fitting = {host, f"*.{rest}"} if "." in rest else {host}
    return not fitting.isdisjoint(name.lower() for name in found or _common(certificate))


def _common(certificate: Mapping[str, Any]) -> list[str]:
    subject = [pair for part in certificate.get("subject", ()) for pair in part]
    return [name for kind, name in subject if kind == "commonName"]


def _address(text: str) -> _Address:
    try:
        return ipaddress.ip_address(text.strip())
    except ValueError:
        return None

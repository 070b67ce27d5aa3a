"""Reads names, subject and issuer of certificates that may be anything."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography import x509

from ....text import cut
from .host_names import is_address

_LONGEST = 200  # characters of a name; longer ones are cut


def issuer(certificate: bytes) -> str:
    """Return who issued a certificate (DER), as in `CN=Example CA,O=Example`; empty if unknown."""
    try:
        return _short(x509.load_der_x509_certificate(certificate).issuer.rfc4514_string())
    except Exception:  # noqa: BLE001 - a server may send any bytes, and the parser raises many kinds
        return ""


def subject_of(certificate: x509.Certificate) -> str:
    """Return whose certificate it is, as in `CN=client,O=Example`; empty if unknown."""
    try:
        return _short(certificate.subject.rfc4514_string())
    except Exception:  # noqa: BLE001
        return ""


def names(certificate: bytes) -> Sequence[str]:
    """Return the host names and addresses of a certificate (DER), as in `*.example.com`."""
    try:
        found = x509.load_der_x509_certificate(certificate)
        extension = found.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        return [_shown(name) for name in extension.value if _names_host(name)]
    except Exception:  # noqa: BLE001
        return []


def _names_host(name: x509.GeneralName) -> bool:
    return isinstance(name, (x509.DNSName, x509.IPAddress))


def _shown(name: x509.GeneralName) -> str:
    text = _short(str(name.value))
    # It is no name of a host, and stands there by mistake.
    misplaced = isinstance(name, x509.DNSName) and is_address(text)
    return f"{text} (as a name, not as an address)" if misplaced else text


def _short(text: str) -> str:
    return cut(" ".join(text.split()), _LONGEST)

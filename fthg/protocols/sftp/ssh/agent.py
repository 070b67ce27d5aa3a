"""Asks ssh-agent for its keys and for signatures (draft-ietf-sshm-ssh-agent)."""

from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Mapping, Sequence
from typing import Optional, Union

from paramiko.message import Message

from ....errors import StartError
from ....text import escape
from ...paramiko_fixes.client_transport import CERTIFICATE
from .known_hosts import fingerprint
from .private_keys import CertificateFile
from .user_certificates import Certificate, parse

_LIST, _KEYS, _SIGN, _SIGNATURE = 11, 12, 13, 14
_FLAGS: Mapping[str, int] = {"rsa-sha2-256": 2, "rsa-sha2-512": 4}
_LONGEST_ANSWER = 1 << 20
_LIST_TIMEOUT = 10  # seconds, for the list of keys at the start
_MOST_SHOWN = 20


class AgentError(Exception):
    """The agent refused a request, or could not answer it."""


class AgentKey:
    """A key that an agent holds, or a certificate of one."""

    def __init__(self, agent: Agent, blob: bytes, comment: str) -> None:
        """Take the key's identifier at the agent, `blob`, and its comment."""
        self._agent = agent
        self._blob = blob
        self.comment = comment
        self.certificate = _certificate(blob)
        self._plain = self.certificate.public_key if self.certificate else blob

    def get_name(self) -> str:
        """Return the type of the key: ssh-ed25519 …"""
        return Message(self._plain).get_binary().decode("ascii", "replace")

    def asbytes(self) -> bytes:
        """Return the public key, without the certificate."""
        return self._plain

    def is_called(self, wanted: str) -> bool:
        """Return True if this is its fingerprint, as ssh-add -l shows it, or its comment."""
        digest = hashlib.md5(self._plain, usedforsecurity=False).digest()
        fingerprints = (fingerprint(self._plain), f"MD5:{digest.hex(':')}")
        return wanted == self.comment or wanted.rstrip("=") in fingerprints

    def sign_ssh_data(self, data: bytes, algorithm: Optional[str] = None) -> bytes:
        """Return the signature; AgentError if the agent does not make one."""
        return self._agent.sign(self._blob, data, _FLAGS.get(algorithm or "", 0))

    def __str__(self) -> str:
        kind = self.get_name() + (", certificate" if self.certificate else "")
        return escape(f"{fingerprint(self._plain)} {self.comment} ({kind})")


class Agent:
    """A connection to an agent, with the keys that it holds or the one that is wanted."""

    def __init__(self, path: str, timeout: Optional[float] = None) -> None:
        """Connect; raises OSError or AgentError. `timeout`: seconds for each answer."""
        self._stream = socket.socket(socket.AF_UNIX)
        try:
            self._stream.settimeout(timeout)
            self._stream.connect(path)
            self._keys = self._list()
        except BaseException:
            self._stream.close()
            raise

    def get_keys(self, wanted: Union[bool, str] = True) -> Sequence[AgentKey]:
        """Return the keys in the agent's order: all, or those of this fingerprint or comment."""
        if isinstance(wanted, bool):
            return self._keys
        return [key for key in self._keys if key.is_called(wanted)]

    def sign(self, blob: bytes, data: bytes, flags: int) -> bytes:
        """Return a signature; raises AgentError."""
        request = Message()
        request.add_string(blob)
        request.add_string(data)
        request.add_int(flags)
        try:
            kind, answer = self._ask(_SIGN, request.asbytes())
        except OSError as error:
            raise AgentError(f"it broke off: {error}") from None
        if kind != _SIGNATURE:
            raise AgentError("it does not sign with this key")
        return answer.get_binary()

    def close(self) -> None:
        """End the connection."""
        self._stream.close()

    def _list(self) -> Sequence[AgentKey]:
        kind, answer = self._ask(_LIST)
        if kind != _KEYS:
            raise AgentError("it does not list its keys")
        keys = []
        for _ in range(answer.get_int()):
            blob, comment = answer.get_binary(), answer.get_binary()
            if not blob:
                raise AgentError("its list of keys is damaged")
            keys.append(AgentKey(self, blob, comment.decode("utf-8", "replace")))
        return keys

    def _ask(self, kind: int, body: bytes = b"") -> tuple[int, Message]:
        """Send a request, and return the type and the content of the answer."""
        self._stream.sendall((1 + len(body)).to_bytes(4, "big") + bytes([kind]) + body)
        length = int.from_bytes(self._receive(4), "big")
        if not 0 < length <= _LONGEST_ANSWER:
            raise AgentError(f"it sends an answer of {length} bytes")
        answer = self._receive(length)
        return answer[0], Message(answer[1:])

    def _receive(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            part = self._stream.recv(size - len(data))
            if not part:
                raise AgentError("it ended the connection")
            data += part
        return data


def check_agent(wanted: Union[bool, str], certificate: Optional[CertificateFile] = None) -> None:
    """Raise StartError if no agent can be reached, or if it holds no key that is wanted.

    `certificate` must belong to one of its keys.
    """
    agent = open_agent(_LIST_TIMEOUT)
    try:
        held = agent.get_keys()
        if not held:
            raise StartError("agent: it holds no key; add one with: ssh-add")
        found = agent.get_keys(wanted)
        shown = ", ".join(map(str, (found or held)[:_MOST_SHOWN]))
        if not found:
            raise StartError(f"agent: it holds no key {wanted!r}, but {shown}")
        if certificate and certificate.last.public_key not in map(AgentKey.asbytes, found):
            reason = f"is no certificate of a key of the agent, which holds {shown}"
            raise StartError(f"certificate: {certificate.path} {reason}")
    finally:
        agent.close()


def open_agent(timeout: Optional[float] = None) -> Agent:
    """Return a connection to the ssh-agent; StartError if there is none."""
    path = os.environ.get("SSH_AUTH_SOCK")
    if not path:
        raise StartError("agent: SSH_AUTH_SOCK is not set; start it with: eval $(ssh-agent)")
    try:
        return Agent(path, timeout)
    except (AgentError, OSError) as error:
        raise StartError(f"agent: {path} (SSH_AUTH_SOCK) cannot be reached: {error}") from None


def _certificate(blob: bytes) -> Optional[Certificate]:
    name = Message(blob).get_binary()
    if not name.endswith(CERTIFICATE.encode()):
        return None
    try:
        return parse(blob)
    except ValueError:
        return None

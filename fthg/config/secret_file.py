"""Files whose first line is a secret."""

from __future__ import annotations

_LONGEST = 65_536  # characters; /dev/zero has no end of line


class FileSecret(str):
    """A secret that was read from a file, while its key only names that file: `path`."""

    path: str

    def __new__(cls, text: str, path: str) -> FileSecret:
        """Make the text that `path` held."""
        made = super().__new__(cls, text)
        made.path = path
        return made

    @property
    def secrets(self) -> tuple[str, ...]:
        """The texts that no output may show."""
        return (str(self),)


def read_secret(path: str) -> FileSecret:
    """Return the first line of a file; raises ValueError with the reason why it is no secret."""
    try:
        with open(path, encoding="utf-8-sig") as file:
            secret = file.readline(_LONGEST).rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise ValueError(f"{path} cannot be read: {reason}") from None
    if len(secret) >= _LONGEST:
        raise ValueError(f"the first line of {path} is too long for a secret")
    if not secret:
        raise ValueError(f"the first line of {path} is empty; it must hold the secret")
    return FileSecret(secret, path)

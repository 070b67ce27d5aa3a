"""Gives http.client the body of a request as a file object."""

from __future__ import annotations

from collections.abc import Iterator

from ...clock import let_others_run
from .request import UploadRequest


class BodyFile:
    """The body of a request as a file object, which requests can rewind for a redirect."""

    def __init__(self, request: UploadRequest) -> None:
        self._request = request
        self._position = 0

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, at most `size`; empty at the end."""
        request, start = self._request, self._position
        file_start = len(request.before)
        file_end = file_start + request.content.size
        if start < file_start:
            data = request.before[start:]
        elif start < file_end:
            data = self._from_file(start - file_start, size)
        else:
            data = request.after[start - file_end :]
        data = data if size < 0 else data[:size]
        self._position += len(data)
        request.sent = max(0, min(self._position, file_end) - file_start)
        if self._position == request.length:
            request.watch.enter("waiting")
        return data

    def _from_file(self, offset: int, size: int) -> bytes:
        content = self._request.content
        if content.small is not None:
            return content.small[offset:]
        let_others_run()  # a fast server would leave no other greenlet its turn
        return content.read(offset, size) if size >= 0 else content.read(offset)

    def tell(self) -> int:
        """Return the position of the next read."""
        return self._position

    def seek(self, position: int, _whence: int = 0) -> int:
        """Go back, to send the body again to where a redirect leads."""
        self._position = position
        return position

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.read, b"")

"""A body in the form that http.client reads."""

from __future__ import annotations

from collections.abc import Iterator

from ...clock import let_others_run
from .request import Upload


class Reader:
    """An upload's body as a file object, which requests can rewind for a redirect."""

    def __init__(self, upload: Upload) -> None:
        self._upload = upload
        self._position = 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most `size`; empty at the end."""
        upload, start = self._upload, self._position
        file_start = len(upload.before)
        file_end = file_start + upload.content.size
        if start < file_start:
            data = upload.before[start:]
        elif start < file_end:
            data = self._from_file(start - file_start, size)
        else:
            data = upload.after[start - file_end :]
        data = data if size < 0 else data[:size]
        self._position += len(data)
        upload.sent = max(0, min(self._position, file_end) - file_start)
        if self._position == upload.length:
            upload.watch.enter("waiting")
        return data

    def _from_file(self, offset: int, size: int) -> bytes:
        content = self._upload.content
        if content.small is not None:
            return content.small[offset:]
        let_others_run()  # a fast server would leave no other greenlet its turn
        return content.read(offset, size) if size >= 0 else content.read(offset)

    def tell(self) -> int:
        """Where the next read begins."""
        return self._position

    def seek(self, position: int, _whence: int = 0) -> int:
        """Go back, to send the body again to where a redirect leads."""
        self._position = position
        return position

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.read, b"")

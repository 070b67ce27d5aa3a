from __future__ import annotations

import base64
from pathlib import Path

import pytest

from fthg.errors import StartError
from fthg.report.logo import LARGEST, data_uri


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n...", "image/png"),
        (b"\xff\xd8\xff...", "image/jpeg"),
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "image/svg+xml"),
    ],
)
def test_an_image_is_known_by_its_content(tmp_path: Path, content: bytes, kind: str) -> None:
    (tmp_path / "logo").write_bytes(content)
    uri = data_uri(str(tmp_path / "logo"))
    assert uri == f"data:{kind};base64,{base64.b64encode(content).decode()}"


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"GIF89a", "no PNG, JPEG or SVG"),
        (b"\x89PNG\r\n\x1a\n" + bytes(LARGEST), "larger than 512 KiB"),
        (None, "cannot be read: No such file"),
    ],
)
def test_what_is_no_fit_logo_is_refused(tmp_path: Path, content: bytes | None, fault: str) -> None:
    if content is not None:
        (tmp_path / "logo").write_bytes(content)
    with pytest.raises(StartError, match=fault):
        data_uri(str(tmp_path / "logo"))

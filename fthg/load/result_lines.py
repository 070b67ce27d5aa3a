"""Result → one line of JSON (pure)."""

from __future__ import annotations

from json.encoder import encode_basestring_ascii as _text
from typing import Optional

from ..clock import SECOND
from ..transfer import Result


def result_line(result: Result, run: str, offset: int) -> str:
    """The line of one result, its line end included; `run` is the run's id.

    `offset` is what makes UTC of the run's clock: nanoseconds since 1970 minus a reading. File
    names that are no text stay what they were: undecodable bytes are told as lone surrogates,
    which Python's json reads back.
    """
    # By hand, as this is done for every transfer and json.dumps takes more than twice as long.
    phases = ",".join([f'"{name}":{seconds:.6f}' for name, seconds in result.phases.items()])
    return (
        f'{{"run":{_text(run)},"job":{_text(result.job)},"seq":{result.seq}'
        f',"uuid":{_text(result.uuid)},"file":{_optional(result.name)}'
        f',"size":{_number(result.size)},"outcome":"{result.outcome}"'
        f',"due":{_moment(result.due, offset)},"start":{_moment(result.start, offset)}'
        f',"end":{_moment(result.end, offset)},"code":{_number(result.code)}'
        f',"error":{_optional(result.error)},"detail":{_optional(result.detail)}'
        f',"bytes":{result.bytes},"phases":{{{phases}}}}}\n'
    )


def _optional(text: Optional[str]) -> str:
    return "null" if text is None else _text(text)


def _number(number: Optional[int]) -> str:
    return "null" if number is None else str(number)


def _moment(reading: Optional[int], offset: int) -> str:
    return "null" if reading is None else f"{(reading + offset) / SECOND:.6f}"

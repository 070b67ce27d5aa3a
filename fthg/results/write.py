"""Results → lines of JSON (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from json.encoder import encode_basestring_ascii as _text
from typing import Optional

from ..transfer import Result


def result_lines(results: Sequence[Result], run: str, offset: int) -> list[bytes]:
    """The line of each result, its line end included; `run` is the run's id.

    `offset` is what makes UTC of the run's clock: nanoseconds since 1970 minus a reading. File
    names that are no text stay what they were: undecodable bytes are told as lone surrogates,
    which Python's json reads back.
    """
    # By hand, as this is done for every transfer and json.dumps takes three times as long.
    beginning = f'{{"run":{_text(run)},"job":'
    return [
        (
            f'{beginning}{_text(result.job)},"seq":{result.seq}'
            f',"uuid":"{result.uuid}","file":{_optional(result.name)}'
            f',"size":{_number(result.size)},"outcome":"{result.outcome}"'
            f',"due":{_moment(result.due, offset)},"start":{_moment(result.start, offset)}'
            f',"end":{_moment(result.end, offset)},"code":{_number(result.code)}'
            f',"error":{_optional(result.error)},"detail":{_optional(result.detail)}'
            f',"bytes":{result.bytes},"phases":{{{_phases(result.phases)}}}}}\n'
        ).encode()
        for result in results
    ]


def _optional(text: Optional[str]) -> str:
    return "null" if text is None else _text(text)


def _number(number: Optional[int]) -> str:
    return "null" if number is None else str(number)


def _moment(reading: Optional[int], offset: int) -> str:
    if reading is None:
        return "null"
    # As text, not as a float: less work, and exact.
    digits = str((reading + offset) // 1000).zfill(7)
    return f"{digits[:-6]}.{digits[-6:]}"


def _phases(phases: Mapping[str, float]) -> str:
    return _form(tuple(phases)) % tuple(phases.values())


@lru_cache(maxsize=64)  # transfers of a kind go through the same phases
def _form(names: Sequence[str]) -> str:
    return ",".join([f'"{name}":%.6f' for name in names])

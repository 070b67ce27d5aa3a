"""Standard output and standard error as consoles that never block."""

from __future__ import annotations

import os
import stat
import sys
from typing import IO, Literal, Optional, TextIO, Union, cast

from rich.console import Console, RenderableType
from rich.text import Text

from .text_stream import TextStream

_OUT, _ERR = 1, 2


class Terminal(Console):
    """A console on a TextStream: for whole lines, and a view below them."""

    def __init__(self, stream: TextStream, color: str = "auto") -> None:
        """Make one; the color `always` colours a pipe, too, but redraws nothing."""
        system: Literal["standard", "auto"] = "standard" if color == "always" else "auto"
        super().__init__(
            file=cast("IO[str]", stream),
            color_system=system,
            no_color={"always": False, "never": True}.get(color),
            highlight=False,
            markup=False,
            emoji=False,
            soft_wrap=True,
        )
        self.stream = stream

    @property
    def redraws(self) -> bool:
        """True if it can show a view: colour may be forced where there is no terminal."""
        return self.is_terminal and not self.is_dumb_terminal and self.stream.isatty()

    def print_line(self, line: Union[str, Text]) -> None:
        """Print a line of a series; it is lost, and counted, if nobody reads."""
        if isinstance(line, str):  # rich takes ten times as long
            self.stream.write_line(f"{line}\n")
            return
        with self.capture() as captured:
            self.print(line)
        self.stream.write_line(captured.get())

    def show_view(self, view: RenderableType) -> None:
        """Show a view below all lines, instead of the one before."""
        if not self.stream.gone:
            self.stream.set_view(self._render_view(view)[: max(1, self.height - 1)])

    def keep_view(self, view: RenderableType) -> None:
        """Show a view for the last time; it stays above what comes next."""
        self.remove_view()
        self.stream.write("".join(f"{line}\n" for line in self._render_view(view)))

    def remove_view(self) -> None:
        """Show no view any more."""
        self.stream.set_view(())

    def _render_view(self, view: RenderableType) -> list[str]:
        with self.capture() as captured:
            self.print(view, soft_wrap=False)
        return captured.get().rstrip("\n").split("\n")


def standard_terminals(color: str) -> tuple[Terminal, Terminal]:
    """Return standard output and standard error; on one stream if both are the same terminal."""
    out, err = os.fstat(_OUT), os.fstat(_ERR)
    patient = stat.S_ISFIFO(out.st_mode)  # it may be read page by page
    if os.path.samestat(out, err):
        stream = TextStream(_ERR, _encoding(sys.stderr), patient)
        return Terminal(stream, color), Terminal(stream, color)
    return (
        Terminal(TextStream(_OUT, _encoding(sys.stdout), patient), color),
        Terminal(TextStream(_ERR, _encoding(sys.stderr)), color),
    )


def _encoding(stream: Optional[TextIO]) -> str:
    return getattr(stream, "encoding", None) or "utf-8"

"""One way to log: an event and its fields, told as text or JSON on every output at once.

    Log ─Record─▶ Output (console, file, syslog) ─told─▶ Told, masked ─fold─▶ formats ─▶ line

`Log` is for all rooms; `start` is for the one place that knows the settings. Handlers hang on the
root logger of the standard library, which is the only state.
"""

from .events import TRACE, Log
from .hub import quiet_hub
from .logs import Logs, start
from .masks import Masks
from .settings import ConsoleSettings, FileSettings, LogSettings, SyslogSettings

__all__ = [
    "TRACE",
    "ConsoleSettings",
    "FileSettings",
    "Log",
    "LogSettings",
    "Logs",
    "Masks",
    "SyslogSettings",
    "quiet_hub",
    "start",
]

"""Structured logging: one event with fields, as text or JSON, on several outputs at once.

    Log ─Record─▶ Outputs ─make_entry─▶ LogEntry, without secrets
                    └─▶ LogOutput (console, file, syslog) ─▶ RepeatFilter ─▶ formats ─▶ line

Every module logs through a `Log` of its own; only the program calls `start`, with the settings.
The outputs are one handler of the standard library's root logger, which is the only module state
beside the secrets that are learned in mid-run (learned.py).
"""

from .events import TRACE, Log
from .hub import quiet_hub
from .learned import LEARNED
from .logs import Logs, start
from .masks import Masks
from .settings import ConsoleSettings, FileSettings, LogSettings, SyslogSettings

__all__ = [
    "LEARNED",
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

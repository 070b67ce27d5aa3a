"""Run a command as MemoryDenyWriteExecute=yes of the unit would: confined.py COMMAND ..."""

from __future__ import annotations

import ctypes
import os
import sys

PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN = 65, 1

# Kernels before 6.3 ignore it and run the command unconfined.
ctypes.CDLL(None).prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0)
os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606 - the purpose of this script

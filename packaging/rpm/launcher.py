#!/usr/bin/python3.9 -I
"""Run fthg with the bundled libraries, whatever else is installed on this host."""

import sys

sys.path.insert(0, "/usr/lib/fthg")

from fthg.__main__ import main

sys.exit(main())

#!/usr/bin/python3.9 -I
"""fthg with the libraries that came with it, whatever else this host has."""

import sys

sys.path.insert(0, "/usr/lib/fthg")

from fthg.__main__ import main

sys.exit(main())

"""Loaded by pytest before all else: tests run on a patched library, as fthg does."""

from gevent import monkey

monkey.patch_all()

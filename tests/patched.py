"""Loaded by pytest before all else: tests run on a patched library, as fthg does."""

from gevent import monkey

monkey.patch_all()

from hypothesis import settings  # noqa: E402

# How long an example takes says more about the machine than about the code.
settings.register_profile("fthg", deadline=None)
settings.load_profile("fthg")

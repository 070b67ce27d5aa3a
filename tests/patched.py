"""Loaded by pytest before all else: tests run on a patched library, as fthg does."""

from gevent import monkey

monkey.patch_all()

import os  # noqa: E402

from hypothesis import HealthCheck, settings  # noqa: E402

# How long an example takes says more about the machine than about the code; the same is true of how
# long it takes to make one.
_COMMON = settings(
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
# The same examples in every run: what passed once fails only if the code or a test has changed.
settings.register_profile("ci", _COMMON, derandomize=True, max_examples=300)
settings.register_profile("random", _COMMON, derandomize=False, max_examples=100)
# For a hunt, with --hypothesis-profile thorough.
settings.register_profile("thorough", _COMMON, derandomize=False, max_examples=3000)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "random")

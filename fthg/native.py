"""Functions of the standard library without gevent's patch: they block a thread, without a hub."""

from __future__ import annotations

from gevent import monkey

Queue = monkey.get_original("queue", "SimpleQueue")
Empty = monkey.get_original("queue", "Empty")

make_lock = monkey.get_original("_thread", "allocate_lock")
start_thread = monkey.get_original("_thread", "start_new_thread")
get_ident = monkey.get_original("_thread", "get_ident")

sleep = monkey.get_original("time", "sleep")
poll = monkey.get_original("select", "poll")
getaddrinfo = monkey.get_original("socket", "getaddrinfo")

close = monkey.get_original("os", "close")
"""gevent's leaves a pipe open until the hub of the calling thread has its turn."""

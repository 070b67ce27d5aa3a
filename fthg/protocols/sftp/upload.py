"""Carries out the script of one upload, request by request; it touches no network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Optional

from ...content import OnRead
from ...errors import TransferError
from ..bandwidth import Budget
from ..stopwatch import Stopwatch
from . import packets
from .abilities import Abilities
from .packets import Attributes, Handle, Reply, Request, Status
from .refusal import is_bad
from .remote_path import RemoteNames
from .script import Blocks, Delivery, ignore
from .steps import Step, UploadSettings

_ANSWERS = {packets.OPEN: Handle, packets.STAT: Attributes}
"""Packet type of a request → class of the good answer, where that is not Status."""

_OVER: Iterator[Request] = iter(())
"""The rest of a step that has none."""


class Upload:
    """One file on its way to a server; ends with `done`, and with `error` if it failed."""

    def __init__(
        self,
        names: RemoteNames,
        content: Blocks,
        settings: UploadSettings,
        watch: Stopwatch,
        budget: Optional[Budget] = None,
    ) -> None:
        self.done = False
        self.started = False  # True once something of it has been sent
        self.queued = False  # used by the session, which asks each of its uploads in turn
        self._names = names
        self._content = content
        self._watch = watch
        self._budget = budget  # of the bytes of the file a second; None: no limit
        self.starved = False  # it was abandoned while it waited for the local file
        self._lost = False  # the connection ended first
        self._unanswered = 0
        self._reply: Reply = packets.SUCCESS  # to the step: the last bad one, else the last
        self.exhausted = False
        """True if the step has no further request: the next one comes after the answers."""
        self._delivery = Delivery(names, content, settings, watch, budget)
        self._script = self._delivery.run()
        self._step: Step = next(self._script)

    @property
    def error(self) -> Optional[TransferError]:
        """Why it failed; None: it has not."""
        return self._delivery.error

    @property
    def warning(self) -> str:
        """A step that the server refused although the file arrives; empty: none."""
        return self._delivery.warning

    @property
    def sent(self) -> int:
        """Bytes of the file that have been handed over."""
        return self._delivery.sent

    def begin(self, abilities: Abilities, on_read: OnRead = ignore) -> None:
        """Begin, once there is a server.

        `on_read` is called when an upload that was `reading` can go on.
        """
        self._delivery.abilities = abilities
        self._delivery.on_read = on_read

    @property
    def reading(self) -> bool:
        """True if the next request waits for the local file."""
        return self._delivery.reading

    def pull(self) -> Optional[Request]:
        """Return the next request that may go out now; None until something changes.

        That is an answer, or what `pause` or `reading` tell.
        """
        delivery = self._delivery
        while (
            not self.done
            and self._unanswered < delivery.ahead
            and not (delivery.limited and self.pause())
        ):
            step = self._step
            try:
                if callable(step):
                    self._step, self.exhausted = _OVER, True
                    request: Optional[Request] = step()
                else:
                    request = next(step, None)
            except TransferError as error:  # the local file failed
                self._stop_sending(error)
                continue
            if request is not None:
                if not self.started:
                    self.started = True
                    self._watch.enter("waiting")
                self._unanswered += 1
                return request
            if delivery.reading:
                break
            self.exhausted = True
            if self._unanswered:
                break
            self._next_step()
        return None

    def pause(self) -> int:
        """Return the nanoseconds until its budget allows more; 0 if that is not what it awaits."""
        if not self._delivery.limited or self.exhausted or self._budget is None:
            return 0
        return self._budget.left()

    def answer(self, kind: int, reply: Reply) -> None:
        """Process the reply to a request of that type; TransferError if it cannot be one."""
        bad = isinstance(reply, Status) and reply.code != packets.OK
        if not bad and not isinstance(reply, _ANSWERS.get(kind, Status)):
            raise packets.malformed(f"{type(reply).__name__} in answer to packet type {kind}")
        self._unanswered -= 1
        if bad or not is_bad(self._reply):
            self._reply = reply
        if bad:
            self._cut_step()
        if self.exhausted and not self._unanswered:
            self._next_step()

    def abandon(self, error: TransferError) -> None:
        """Stop reading the file, because no greenlet waits; clean up at the server if possible."""
        if not self.done:
            self.starved = self.reading
            self._stop_sending(error)
            self.done = not self.started

    def fail(self, error: TransferError) -> None:
        """End at once: the connection is gone."""
        self._delivery.error = self._delivery.error or error
        self._delivery.stop_reading()
        self.done = self._lost = True

    @property
    def held_back(self) -> bool:
        """True if only its budget does not allow the next bytes yet."""
        more = self.sent < self._content.size
        return more and self._budget is not None and self._budget.holds

    @property
    def may_be_repeated(self) -> bool:
        """True if the connection ended before the open file was used: not even OPEN counts."""
        return self._lost and not self._delivery.traces.used

    @property
    def left(self) -> str:
        """A remark on files that a failure may have left at the server, for its detail."""
        return self._delivery.traces.left(self._names)

    def _stop_sending(self, error: TransferError) -> None:
        if not self._delivery.error:  # else it is cleaning up already
            self._delivery.error = error
            self._cut_step()

    def _cut_step(self) -> None:
        self._step, self.exhausted = _OVER, True
        self._delivery.stop_reading()

    def _next_step(self) -> None:
        reply, self._reply, self.exhausted = self._reply, packets.SUCCESS, False
        self._delivery.limited = False
        try:
            self._step = self._script.send(reply)
        except StopIteration:
            self.done = True
        except TransferError as error:
            self._delivery.error, self.done = self._delivery.error or error, True

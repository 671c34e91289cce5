"""A transport between a bot and the game that measures the bot and lets a spectator look in between."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

STEP_REQUEST_TAG = (12 << 3) | 2
"""First byte of a serialised Request that holds a RequestStep: field 12 of the message, length-delimited."""


class Transport(Protocol):
    """What python-sc2's Client needs of a connection."""

    @property
    def closed(self) -> bool:
        """Whether nothing more can be sent."""
        ...

    async def send_bytes(self, data: bytes) -> None:
        """Sends one serialised Request."""
        ...

    async def receive_bytes(self) -> bytes:
        """The serialised Response to it."""
        ...

    async def close(self) -> object:
        """Ends the connection."""
        ...


class MeasuredTransport:
    """Passes everything on and keeps the bot's own wall time of every decision step.

    A bot's time is what passes between the end of one answer and its next request, summed from step request
    to step request; the game's own time is not in it. Valid while all clients share one thread.

    Attributes:
        step_milliseconds: one entry per step of the bot, in order.
    """

    def __init__(self, inner: Transport, on_answer: Callable[[], None]) -> None:
        self._inner = inner
        self._on_answer = on_answer
        self._answered_at = time.perf_counter()
        self._thinking_seconds = 0.0
        self._started = False
        self.step_milliseconds: list[float] = []

    @property
    def closed(self) -> bool:
        """Whether the connection is closed."""
        return self._inner.closed

    async def send_bytes(self, data: bytes) -> None:
        """Sends one request."""
        self._thinking_seconds += time.perf_counter() - self._answered_at
        if data and data[0] == STEP_REQUEST_TAG:
            if self._started:  # what comes before the first step is the bot's set-up
                self.step_milliseconds.append(1000.0 * self._thinking_seconds)
            self._started = True
            self._thinking_seconds = 0.0
        await self._inner.send_bytes(data)

    async def receive_bytes(self) -> bytes:
        """Waits for the answer; the spectator looks in before the bot goes on."""
        answer = await self._inner.receive_bytes()
        self._on_answer()
        self._answered_at = time.perf_counter()
        return answer

    async def close(self) -> object:
        """Closes the connection."""
        return await self._inner.close()

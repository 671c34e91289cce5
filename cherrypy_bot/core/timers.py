"""Timers of the blackboard, in game loops."""

from __future__ import annotations


class Timers:
    """Named alarms. A name belongs to whoever uses it; prefix it with the module's name."""

    def __init__(self) -> None:
        self.loop = 0
        self._ends: dict[str, int] = {}

    def start(self, name: str, loops: int) -> None:
        """Let `name` expire `loops` from now, replacing what it was set to."""
        self._ends[name] = self.loop + loops

    def stop(self, name: str) -> None:
        """Forget `name`."""
        self._ends.pop(name, None)

    def running(self, name: str) -> bool:
        """Whether `name` was started and has not expired."""
        return self._ends.get(name, self.loop) > self.loop

    def expired(self, name: str) -> bool:
        """Whether `name` was started and its time is up."""
        return name in self._ends and self._ends[name] <= self.loop

    def remaining(self, name: str) -> int:
        """Loops until `name` expires, 0 when it has or was never started."""
        return max(0, self._ends.get(name, self.loop) - self.loop)

    def every(self, name: str, loops: int) -> bool:
        """True at the first call and then once per `loops`; restarts itself."""
        if self.running(name):
            return False
        self.start(name, loops)
        return True

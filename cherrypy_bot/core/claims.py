"""Who holds which unit: a unit belongs to at most one task.

A claim names the task, its owner module, the kind of work and a priority. Whether a new claim may
take a unit from its holder is decided by `MAY_TAKE` and nowhere else.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeAlias

ReleaseCallback: TypeAlias = Callable[[int, "Release"], None]
FaultHandler: TypeAlias = Callable[[str, str, Exception], None]


class Work(enum.Enum):
    """The kinds of work that a task holds units for."""

    GATHER = "gather"
    BUILD = "build"
    SCOUT = "scout"
    HARASS = "harass"
    ARMY = "army"
    DEFEND = "defend"
    ESCAPE = "escape"


class Release(enum.Enum):
    """Why a unit was let go; given to the release callback."""

    DONE = "done"
    TAKEN = "taken"
    DIED = "died"


MAY_TAKE: Final[Mapping[Work, frozenset[Work]]] = MappingProxyType(
    {
        Work.GATHER: frozenset(),
        Work.BUILD: frozenset({Work.GATHER}),
        Work.SCOUT: frozenset({Work.GATHER, Work.ARMY}),
        Work.HARASS: frozenset({Work.GATHER, Work.ARMY}),
        Work.ARMY: frozenset(),
        Work.DEFEND: frozenset({Work.GATHER, Work.SCOUT, Work.HARASS, Work.ARMY}),
        Work.ESCAPE: frozenset({Work.GATHER, Work.BUILD, Work.SCOUT, Work.HARASS, Work.DEFEND}),
    }
)
"""Row: the kind of work that asks. Entries: the kinds it may take units from, whatever the priorities.
Work of the same kind takes from itself only with a greater priority; a module may always move units
between its own tasks; everything else is refused."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One unit held by one task. `since_loop` is when it got there."""

    tag: int
    task_id: int
    owner: str
    work: Work
    priority: float
    since_loop: int
    on_release: ReleaseCallback | None = None


def may_take(holder: Claim, *, owner: str, work: Work, priority: float) -> bool:
    """Whether `owner` may take the unit of `holder` for `work`."""
    if holder.owner == owner:
        return True
    if holder.work is work:
        return priority > holder.priority
    return holder.work in MAY_TAKE[work]


class ClaimTable:
    """All claims of one bot; iteration follows the order in which the claims were made."""

    def __init__(self, on_fault: FaultHandler | None = None) -> None:
        self.loop = 0
        self._by_tag: dict[int, Claim] = {}
        self._by_task: dict[int, dict[int, None]] = {}
        self._on_fault = on_fault

    def __len__(self) -> int:
        return len(self._by_tag)

    def holder(self, tag: int) -> Claim | None:
        """The claim on `tag`, None when the unit is free."""
        return self._by_tag.get(tag)

    def of_task(self, task_id: int) -> tuple[int, ...]:
        """Tags that the task holds, oldest claim first."""
        return tuple(self._by_task.get(task_id, ()))

    def free(self, tags: Iterable[int]) -> list[int]:
        """Those of `tags` that nobody holds."""
        return [tag for tag in tags if tag not in self._by_tag]

    def available(self, tags: Iterable[int], *, owner: str, work: Work, priority: float) -> list[int]:
        """Those of `tags` that a claim with these properties would get."""
        found = []
        for tag in tags:
            holder = self._by_tag.get(tag)
            if holder is None or may_take(holder, owner=owner, work=work, priority=priority):
                found.append(tag)
        return found

    def claim(
        self,
        tag: int,
        *,
        task_id: int,
        owner: str,
        work: Work,
        priority: float = 0.0,
        on_release: ReleaseCallback | None = None,
    ) -> bool:
        """Put `tag` into a task; False when its holder keeps it.

        The previous holder's release callback hears `Release.TAKEN`. Claiming again for the same task
        updates the priority and the callback.
        """
        holder = self._by_tag.get(tag)
        since = self.loop
        if holder is not None:
            if holder.task_id == task_id:
                since = holder.since_loop
            elif not may_take(holder, owner=owner, work=work, priority=priority):
                return False
            else:
                self.release(tag, Release.TAKEN)
        self._by_tag[tag] = Claim(tag, task_id, owner, work, priority, since, on_release)
        self._by_task.setdefault(task_id, {})[tag] = None
        return True

    def release(self, tag: int, why: Release = Release.DONE) -> None:
        """Let `tag` go and tell its holder why. Nothing happens when it is free."""
        claim = self._by_tag.pop(tag, None)
        if claim is None:
            return
        held = self._by_task[claim.task_id]
        del held[tag]
        if not held:
            del self._by_task[claim.task_id]
        if claim.on_release is not None:
            try:
                claim.on_release(tag, why)
            except Exception as error:
                # The callback belongs to the holder, but runs while another module acts.
                if self._on_fault is None:
                    raise
                self._on_fault(claim.owner, "on_release", error)

    def release_task(self, task_id: int, why: Release = Release.DONE) -> None:
        """Let all units of a task go."""
        for tag in self.of_task(task_id):
            self.release(tag, why)

    def release_dead(self, living: Callable[[int], bool]) -> None:
        """Let go of every unit that is not alive any more."""
        for tag in [tag for tag in self._by_tag if not living(tag)]:
            self.release(tag, Release.DIED)

"""Explains from a decision trace why units did what they did at some moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from cherrypy_bot.core.trace import Trace

_LOOPS_PER_SECOND = 22.4


@dataclass(slots=True)
class Explanation:
    """What a trace says about one unit at one loop.

    Attributes:
        tag, loop: the question.
        kind: name of the unit's type, "" where the trace does not know it.
        task: the task that held the unit (a `tasks` entry of the trace), None when it was free.
        order: the last order it was given (an `orders` entry), None before the first.
        order_loop: when that was. ability_name: of the order, its number where the trace has no name for it.
        chain: the posts from the order's UPC to its root, newest first.
    """

    tag: int
    loop: int
    kind: str = ""
    task: dict[str, Any] | None = None
    order: list[Any] | None = None
    order_loop: int = 0
    ability_name: str = ""
    chain: list[dict[str, Any]] = field(default_factory=list)

    @property
    def known(self) -> bool:
        """Whether the trace says anything about the unit."""
        return bool(self.kind) or self.task is not None or self.order is not None

    @property
    def decided_by(self) -> str:
        """Module and behaviour that decided the last order; "" before the first."""
        if not self.chain:
            return ""
        post = self.chain[0]
        return f"{post.get('by', '?')}: {post['note']}" if post.get("note") else str(post.get("by", "?"))

    def lines(self) -> list[str]:
        """The explanation for people, one fact per line."""
        task = self.task
        found = [f"{self.kind or 'unit'} {self.tag} at {_moment(self.loop)}"]
        if task is None:
            found.append("no task holds it")
        else:
            why = f", {task['why']}" if task.get("why") else ""
            found.append(f"task {task['id']} '{task.get('name', '')}' of {task.get('by', '?')}: {task['status']}{why}")
        if self.order is None:
            found.append("it was given no order yet")
            return found
        _, _, target, queued, _ = self.order
        aim = f" on {target}" if target is not None else ""
        found.append(f"ordered at {_moment(self.order_loop)}: {self.ability_name}{aim}{', queued' if queued else ''}")
        found.extend(_post_line(post) for post in self.chain)
        return found


def explain(trace: Trace, tags: Sequence[int], loop: int) -> list[Explanation]:
    """What each of the units was doing at `loop`: its task, its last order and the UPCs that led to it."""
    found = {tag: Explanation(tag, loop) for tag in tags}
    holders: dict[int, dict[int, dict[str, Any]]] = {tag: {} for tag in tags}
    posts: dict[int, dict[str, Any]] = {}
    for record in trace.records:
        if record["loop"] > loop:
            break
        for post in record.get("posts", ()):
            posts[post["id"]] = post
        for task in record.get("tasks", ()):
            # A task is recorded whenever its units change, so the newest record tells which units it has.
            members = set(task.get("units", ()))
            for tag, held in holders.items():
                held.pop(task["id"], None)
                if tag in members:
                    held[task["id"]] = task
        for order in record.get("orders", ()):
            if order[0] in found:
                found[order[0]].order, found[order[0]].order_loop = order, record["loop"]
    for tag, one in found.items():
        if holders[tag]:
            one.task = list(holders[tag].values())[-1]
        if one.order is not None:
            one.ability_name = trace.abilities.get(str(one.order[1]), f"ability {one.order[1]}")
            one.chain = [posts[upc_id] for upc_id in one.order[4] if upc_id in posts]
    _name(trace, found, loop)
    return list(found.values())


def why(trace: Trace, tag: int, loop: int) -> Explanation:
    """`explain` for one unit."""
    return explain(trace, [tag], loop)[0]


def _name(trace: Trace, found: dict[int, Explanation], loop: int) -> None:
    """Fill in the types of those units that were there."""
    seen = trace.units_at(loop)
    for tag, kind in zip(seen.tags.tolist(), seen.column("type").tolist(), strict=True):
        if tag in found:
            found[tag].kind = str(trace.types.get(str(kind), {}).get("name", f"type {kind}"))


def _moment(loop: int) -> str:
    seconds = int(loop / _LOOPS_PER_SECOND)
    return f"{seconds // 60}:{seconds % 60:02d} (loop {loop})"


def _post_line(post: dict[str, Any]) -> str:
    command = post["cmd"] if isinstance(post["cmd"], str) else "/".join(post["cmd"])
    what = f" {post['what']}" if "what" in post else ""
    note = f": {post['note']}" if post.get("note") else ""
    return f"  from UPC #{post['id']} of {post.get('by', '?')}, {command}{what}{note}"

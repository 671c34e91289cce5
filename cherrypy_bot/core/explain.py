"""Explains from a decision trace why a unit did what it did at some moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cherrypy_bot.core.trace import Trace


@dataclass(slots=True)
class Explanation:
    """What a trace says about one unit at one loop.

    Attributes:
        tag, loop: the question.
        task: the task that held the unit (a `tasks` entry of the trace), None when it was free.
        order: the last order it was given (an `orders` entry), None before the first.
        order_loop: when that was.
        chain: the posts from the order's UPC to its root, newest first.
    """

    tag: int
    loop: int
    task: dict[str, Any] | None = None
    order: list[Any] | None = None
    order_loop: int = 0
    chain: list[dict[str, Any]] = field(default_factory=list)

    def lines(self) -> list[str]:
        """The explanation for people, one fact per line."""
        task = self.task
        found = [f"unit {self.tag} at loop {self.loop}"]
        if task is None:
            found.append("no task holds it")
        else:
            why = f", {task['why']}" if task.get("why") else ""
            found.append(f"task {task['id']} '{task.get('name', '')}' of {task.get('by', '?')}: {task['status']}{why}")
        if self.order is None:
            found.append("it was given no order yet")
            return found
        _, ability, target, queued, _ = self.order
        aim = f" on {target}" if target is not None else ""
        found.append(f"ordered at loop {self.order_loop}: ability {ability}{aim}{', queued' if queued else ''}")
        found.extend(_post_line(post) for post in self.chain)
        return found


def why(trace: Trace, tag: int, loop: int) -> Explanation:
    """Explain what unit `tag` was doing at `loop`: its task, its last order and the UPCs that led to it."""
    found = Explanation(tag, loop)
    holders: dict[int, dict[str, Any]] = {}
    posts: dict[int, dict[str, Any]] = {}
    for record in trace.records:
        if record["loop"] > loop:
            break
        for post in record.get("posts", ()):
            posts[post["id"]] = post
        for task in record.get("tasks", ()):
            # A task is recorded whenever its units change, so the newest record tells whether it has the unit.
            holders.pop(task["id"], None)
            if tag in task.get("units", ()):
                holders[task["id"]] = task
        for order in record.get("orders", ()):
            if order[0] == tag:
                found.order, found.order_loop = order, record["loop"]
    if holders:
        found.task = list(holders.values())[-1]
    if found.order is not None:
        found.chain = [posts[upc_id] for upc_id in found.order[4] if upc_id in posts]
    return found


def _post_line(post: dict[str, Any]) -> str:
    command = post["cmd"] if isinstance(post["cmd"], str) else "/".join(post["cmd"])
    what = f" {post['what']}" if "what" in post else ""
    note = f": {post['note']}" if post.get("note") else ""
    return f"  from UPC #{post['id']} of {post.get('by', '?')}, {command}{what}{note}"

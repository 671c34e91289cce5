"""From "make this" to a game order: who makes it, with which money, and does it really happen.

`module.py` consumes CREATE UPCs, `makers.py` finds structures and larvae with a free slot, `tasks.py` has the tasks
that watch an order until the thing is there. Structures come with a position from `modules.placement`.
"""

from modules.production.module import Production

__all__ = ["Production"]

"""Build orders as data and the planner that turns them into CREATE UPCs.

`builds.py` reads the YAML files in `builds/`, `wishes.py` says what a build wants next, `planner.py` (pure) when each
wish can start, `observe.py` reads the state that the planner starts from, `module.py` posts what is due.
"""

from modules.build_order.module import BuildOrder

__all__ = ["BuildOrder"]

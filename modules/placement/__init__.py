"""Where structures go, computed from the grids alone.

`grid.py` (pure) knows which cells are free and which spots keep the ways open, `spots.py` ranks spots for each kind
of structure, `bases.py` orders the expansions, `module.py` makes the positions of CREATE UPCs sharp.
"""

from modules.placement.module import Placement

__all__ = ["Placement"]

"""Workers: who mines what, who fights, and how well our bases are staffed.

`mining.py` (pure) assigns workers to patches and geysers, `defence.py` (pure) says how many workers must fight,
`module.py` claims the workers and gives them their orders.
"""

from modules.economy.module import Economy

__all__ = ["Economy"]

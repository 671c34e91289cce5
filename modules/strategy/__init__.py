"""Which build is played, and whether the army attacks, holds or defends.

`selector.py` asks the policy which build to play, of the situation as `view.py` puts it. `threats.py` finds enemies at
our bases, `stance.py` (pure) decides with hysteresis, `module.py` posts the goals.
"""

from modules.strategy.module import Strategy

__all__ = ["Strategy"]

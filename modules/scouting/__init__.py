"""What is known of the enemy: scouts that go and look, and a summary of what was seen.

`bases.py` (pure) groups enemy structures into bases, `module.py` sends workers, overlords and spare fighters.
"""

from modules.scouting.module import Scouting

__all__ = ["Scouting"]

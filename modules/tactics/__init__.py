"""Which units fight together, where, and whether they fight at all: ATTACK and DEFEND wishes become squads."""

from modules.tactics.squads import Mode, SquadState
from modules.tactics.tactics import Tactics, TacticsOptions

__all__ = ["Mode", "SquadState", "Tactics", "TacticsOptions"]

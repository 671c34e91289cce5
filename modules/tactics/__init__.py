"""Which units fight together, where, and whether they fight at all: ATTACK and DEFEND wishes become squads."""

from modules.tactics.squads import Mode, SquadState

__all__ = ["Mode", "SquadState"]

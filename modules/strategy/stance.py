"""Attack, hold or defend: a pure decision with hysteresis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from modules.keys import ATTACK, DEFEND, HOLD

ATTACK_AT_LEAST_LOOPS: Final = 22 * 15
"""An attack that has begun goes on for so long, so that nobody dances in front of the enemy."""
HOLD_AT_LEAST_LOOPS: Final = 22 * 10
OVERWHELMING: Final = 2.5
"""So much stronger than everything seen of the enemy: attack whatever the build says."""
EXPECTED_PER_MINUTE: Final = 170.0
"""Army power that an enemy of whom nothing is seen is given, per minute of the game."""
COUNTER_SUPPLY: Final = 14
COUNTER_RATIO: Final = 1.8
COUNTER_SHARE: Final = 1.1
"""After an early attack was held: so much stronger than what is left of it, and than so much of the usual army."""
HELD_KILLED: Final = 400.0
HELD_RATIO: Final = 1.5
"""An early attack was held when so much of it died, and so many times what it cost us; a mere alarm is none."""
LOOPS_PER_MINUTE: Final = 1344
MAXED_SUPPLY: Final = 180
GIVE_UP_SHARE: Final = 0.45
"""An attack whose army shrank to this share of its best is over, unless it is winning."""
STILL_WINNING: Final = 1.3
WISER: Final = 1.25
"""An army like one that was beaten does not set out again: the next one is so much stronger, ..."""
FORGIVEN_HALF_LOOPS: Final = 1344 * 4
"""... or comes later: in so long half of that is forgotten."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the decision depends on.

    Attributes:
        loop: game loop.
        army_supply, army_power: ours. enemy_power: of the enemy army believed to live.
        attack_supply: army supply at which the build attacks (first, or again).
        supply_used: in all.
        threat_power: of enemies at our bases, home_power: of our army near them.
        rushed: an early attack was expected. killed, lost: worth of fighters in it so far, theirs and ours.
        wanted: "attack" or "hold" where the build says so whatever the army supply is.
    """

    loop: int
    army_supply: float
    army_power: float
    enemy_power: float
    attack_supply: int
    supply_used: float
    threat_power: float = 0.0
    home_power: float = 0.0
    rushed: bool = False
    killed: float = 0.0
    lost: float = 0.0
    wanted: str = ""


@dataclass(slots=True)
class Stance:
    """The decision and what it remembers.

    Attributes:
        value: ATTACK, HOLD or DEFEND. since_loop: since when.
        peak_power: greatest army power of the running attack.
        retreats: attacks given up so far. why: reason of the last change.
        beaten_power, beaten_loop: greatest power of the army whose attack was given up last, and when that was.
    """

    value: str = HOLD
    since_loop: int = 0
    peak_power: float = 0.0
    retreats: int = 0
    why: str = ""
    beaten_power: float = 0.0
    beaten_loop: int = 0

    def decide(self, facts: Facts) -> str:
        """Update and return the stance."""
        age = facts.loop - self.since_loop
        threatened = facts.threat_power > 0
        if self.value == ATTACK and facts.wanted == HOLD:
            return self._change(facts, HOLD, "the build holds back")
        if self.value == ATTACK:
            self.peak_power = max(self.peak_power, facts.army_power)
            if facts.army_supply <= 0:
                return self._change(facts, HOLD, "no army left", retreat=True)
            losing = facts.army_power < GIVE_UP_SHARE * self.peak_power
            weaker = facts.army_power < STILL_WINNING * facts.enemy_power
            if age >= ATTACK_AT_LEAST_LOOPS and losing and weaker:
                return self._change(facts, HOLD, "the attack has failed", retreat=True)
            if facts.threat_power > max(200.0, facts.home_power) and age >= ATTACK_AT_LEAST_LOOPS:
                return self._change(facts, DEFEND, "our bases are in danger")
            return self.value
        if self.value == DEFEND and threatened:
            return self.value
        if self.value == DEFEND:
            self._change(facts, HOLD, "the enemy is gone")
            age = 0
        if threatened and facts.threat_power > 60:
            return self._change(facts, DEFEND, "enemies at our bases")
        return self._perhaps_attack(facts, age)

    def _perhaps_attack(self, facts: Facts, age: int) -> str:
        if self.retreats and age < HOLD_AT_LEAST_LOOPS:
            return self.value
        if facts.wanted == HOLD and facts.supply_used < MAXED_SUPPLY:
            return self.value
        if facts.wanted == ATTACK and facts.army_supply > 0:
            return self._change(facts, ATTACK, "the build says so")
        if facts.supply_used >= MAXED_SUPPLY:
            return self._change(facts, ATTACK, "nothing left to build up")
        forgiven = 0.5 ** ((facts.loop - self.beaten_loop) / FORGIVEN_HALF_LOOPS)
        stronger = facts.army_power > max(
            facts.enemy_power * (1.0 + 0.15 * min(self.retreats, 4)), WISER * self.beaten_power * forgiven
        )
        if facts.army_supply >= facts.attack_supply and stronger:
            return self._change(facts, ATTACK, f"army supply {facts.army_supply:.0f}")
        expected = EXPECTED_PER_MINUTE * facts.loop / LOOPS_PER_MINUTE
        beaten = facts.killed >= max(HELD_KILLED, HELD_RATIO * facts.lost)
        counter = facts.rushed and beaten and facts.army_supply >= COUNTER_SUPPLY
        if counter and facts.army_power > COUNTER_RATIO * max(facts.enemy_power, COUNTER_SHARE * expected):
            return self._change(facts, ATTACK, "the early attack was held")
        if facts.army_power > OVERWHELMING * max(facts.enemy_power, expected):
            return self._change(facts, ATTACK, "far stronger than what we have seen")
        return self.value

    def _change(self, facts: Facts, value: str, why: str, *, retreat: bool = False) -> str:
        self.value, self.why, self.since_loop = value, why, facts.loop
        self.retreats += retreat
        if retreat:
            self.beaten_power, self.beaten_loop = self.peak_power, facts.loop
        self.peak_power = facts.army_power if value == ATTACK else 0.0
        return value

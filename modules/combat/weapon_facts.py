"""What the game's API does not tell about weapons: hits, wind-up, bonus, and the weapons that it leaves out.

Patch 5.0.14 as AI Arena plays it. Damage, range and cooldown are here too because the API lists no weapon for
void rays, sentries, carriers, banelings, battlecruisers, oracles, widow mines and bunkers; where it lists one, the
API's range is believed and the damage scaled to the API's damage per second (`weapons.WeaponTable.from_bot`).

Columns: type, targets (G ground, A air, GA both), damage per hit, hits per attack, cooldown in loops, range edge to
edge in cells, wind-up (damage point) in loops, bonus per attribute and hit, splash.
Splash is how many further targets of a clump take the full damage, an estimate for packed armies; 0 = none.
Wind-up counts up to the last hit of an attack that has several. Carriers carry their eight Interceptors'
damage, bunkers four marines.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from sc2.data import Attribute
from sc2.ids.unit_typeid import UnitTypeId


class WeaponFacts(NamedTuple):
    """One weapon of one unit type; times in loops, range edge to edge in cells."""

    unit: UnitTypeId
    targets: str
    damage: float
    hits: int
    cooldown: float
    range: float
    wind_up: float
    bonus: dict[Attribute, float]
    splash: float


_ROWS: Final = """
AUTOTURRET         GA  18   1  12.8   6    2.7  -                        0
BANSHEE            G   12   2  20     6    5.1  -                        0
BATTLECRUISER      G    8   1   3.6   6    2.7  -                        0
BATTLECRUISER      A    5   1   3.6   6    2.7  -                        0
BUNKER             GA   6   4  13.8   6    0.8  -                        0
CYCLONE            GA  18   1  16     5    2.7  -                        0
GHOST              GA  10   1  24     6    1.3  Light:10                 0
HELLION            G    8   1  40     5    4    Light:6                  0.8
HELLIONTANK        G   18   1  32     2    2.7  -                        1.2
LIBERATOR          A    5   2  28.8   5    4.3  -                        1.5
LIBERATORAG        G   75   1  25.6  10    2    -                        0
MARAUDER           G   10   1  24     6    0    Armored:10               0
MARINE             GA   6   1  13.8   5    0.8  -                        0
MISSILETURRET      A   12   2  13.8   7    4.3  -                        0
PLANETARYFORTRESS  G   40   1  32     6    2.7  -                        1
REAPER             G    4   2  17.6   5    2    -                        0
SCV                G    5   1  24     0.2  2.7  -                        0
SIEGETANK          G   15   1  16.6   7    2.7  Armored:10               0
SIEGETANKSIEGED    G   40   1  48    13    2.7  Armored:30               1.2
THOR               A    6   4  48    10   10.7  Light:6                  0.6
THOR               G   30   2  20.5   7   19.3  -                        0
THORAP             A   25   1  20.5  11    2.7  Massive:10               0
THORAP             G   30   2  20.5   7   19.3  -                        0
VIKINGASSAULT      G   12   1  16     6    2.7  Mechanical:8             0
VIKINGFIGHTER      A   10   2  32     9    4.2  Armored:4                0
WIDOWMINEBURROWED  GA 125   1 650     5   24    -                        1
ADEPT              G   10   1  36     4    2.7  Light:12                 0
ARCHON             GA  25   1  28.1   3    2.7  Biological:10            0.8
CARRIER            GA   5  16  48     8    0    -                        0
COLOSSUS           G   10   2  24     7    1.3  Light:5                  2.5
DARKTEMPLAR        G   45   1  27.1   0.1  5.8  -                        0
HIGHTEMPLAR        G    4   1  28.1   6    2.7  -                        0
IMMORTAL           G   20   1  25.6   6    2.7  Armored:30               0
MOTHERSHIP         GA   6   4  35.4   6.5 12    -                        0
ORACLE             G   15   1  13.8   4    2.7  Light:7                  0
PHOENIX            A    5   2  17.6   5    2.7  Light:5                  0
PHOTONCANNON       GA  20   1  20     7    2.7  -                        0
PROBE              G    5   1  24     0.2  2.7  -                        0
SENTRY             GA   6   1  16     5    2.7  -                        0
STALKER            GA  13   1  29.9   6    2.7  Armored:5                0
TEMPEST            A   30   1  52.8  13    2.7  Massive:22               0
TEMPEST            G   40   1  52.8  10    2.7  -                        0
VOIDRAY            GA   6   1   8     6    2.7  Armored:4                0
ZEALOT             G    8   2  19.2   0.1  4.5  -                        0
BANELING           G   16   1  13.3   0.25 0    Light:19,Structure:64    2.5
BROODLORD          G   20   1  40    10    2.7  -                        0
BROODLING          G    4   1  12.8   0.1  2.7  -                        0
CORRUPTOR          A   14   1  30.4   6    1    Massive:6                0
DRONE              G    5   1  24     0.2  2.7  -                        0
HYDRALISK          GA  12   1  13.2   5    2.2  -                        0
LOCUSTMP           G   10   1   9.6   3    4.3  -                        0
LURKERMPBURROWED   G   20   1  32     8    0    Armored:10               1.5
MUTALISK           GA   9   1  24.4   3    0    -                        0.4
QUEEN              A    9   1  16     7    2.7  -                        0
QUEEN              G    4   2  16     5    7.5  -                        0
RAVAGER            G   16   1  25.6   6    3.2  -                        0
ROACH              G   16   1  32     4    2.7  -                        0
SPINECRAWLER       G   25   1  29.6   7    5.3  Armored:5                0
SPORECRAWLER       A   20   1  13.8   7    2.7  Biological:10            0
ULTRALISK          G   35   1  13.8   1    5.3  -                        0.7
ZERGLING           G    5   1  11.1   0.1  2.7  -                        0
"""


def _parse(line: str) -> WeaponFacts:
    name, targets, damage, hits, cooldown, reach, wind_up, bonus, splash = line.split()
    boni = {} if bonus == "-" else dict(part.split(":") for part in bonus.split(","))
    return WeaponFacts(
        UnitTypeId[name],
        targets,
        float(damage),
        int(hits),
        float(cooldown),
        float(reach),
        float(wind_up),
        {Attribute[attribute]: float(amount) for attribute, amount in boni.items()},
        float(splash),
    )


WEAPON_FACTS: Final[tuple[WeaponFacts, ...]] = tuple(_parse(line) for line in _ROWS.strip().splitlines())
"""One row per weapon and unit type."""

DIES_WITH_ITS_ATTACK: Final[frozenset[UnitTypeId]] = frozenset({UnitTypeId.BANELING})
"""Types whose attack is their end."""

_RADIUS_ROWS: Final = """
0.375 GHOST MARINE REAPER SCV DARKTEMPLAR HIGHTEMPLAR PROBE BANELING BROODLING DRONE LOCUSTMP ZERGLING
0.5 WIDOWMINEBURROWED ADEPT SENTRY ZEALOT MUTALISK ROACH
0.5625 MARAUDER
0.625 HELLION HELLIONTANK RAVEN DISRUPTOR STALKER CORRUPTOR HYDRALISK INFESTOR
0.75 BANSHEE CYCLONE LIBERATOR LIBERATORAG MEDIVAC VIKINGASSAULT VIKINGFIGHTER IMMORTAL ORACLE PHOENIX LURKERMPBURROWED
0.75 RAVAGER
0.875 SIEGETANK SIEGETANKSIEGED WARPPRISM WARPPRISMPHASING QUEEN SPORECRAWLER
1 AUTOTURRET THOR THORAP ARCHON COLOSSUS VOIDRAY BROODLORD OVERLORD OVERSEER ULTRALISK VIPER
1.125 MISSILETURRET PHOTONCANNON TEMPEST SPINECRAWLER
1.25 BATTLECRUISER CARRIER
1.375 MOTHERSHIP
1.8125 BUNKER
2.75 PLANETARYFORTRESS
"""

RADII: Final[dict[UnitTypeId, float]] = {
    UnitTypeId[name]: float(row.split()[0]) for row in _RADIUS_ROWS.strip().splitlines() for name in row.split()[1:]
}
"""Collision radius in cells per fighting type; every other type counts as 0.5."""

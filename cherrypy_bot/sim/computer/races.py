"""What each race makes: names of the rules' unit types; prices, times and tech come from the rules
themselves."""

from __future__ import annotations

from dataclasses import dataclass, field

from cherrypy_bot.sim.computer import levels


@dataclass(frozen=True)
class Wish:
    """One part of an army: wanted in proportion to `weight`, once there are that many workers."""

    unit: str
    weight: float
    from_workers: int = 0


@dataclass(frozen=True)
class RaceTable:
    """How one race plays."""

    worker: str
    hall: str
    halls: tuple[str, ...]
    """all types that mine and train workers"""
    supply: str
    gas: str
    producer: str
    """structure of which more are added as income grows"""
    mixes: dict[int, tuple[Wish, ...]]
    """army by AIBuild; levels.TIMING stands for all that are not listed"""
    static: str
    """defensive structure, empty for none"""
    upgrades: tuple[str, ...]
    addons: tuple[str, ...] = ()
    """add-ons of the producer, in the order in which new producers get them, over and over"""
    supply_loops: float = 480.0
    """time a supply structure takes, with the way there"""
    against: dict[str, tuple[Wish, ...]] = field(default_factory=dict)
    """army against a race that the general one does badly against"""

    heavy: tuple[Wish, ...] = ()
    """what the build Power adds once it can pay for it"""

    def mix(self, build: int, enemy: str) -> tuple[Wish, ...]:
        """The army of a build against a race."""
        if build in self.mixes and build != levels.TIMING:
            return self.mixes[build]
        usual = self.against.get(enemy, self.mixes[levels.TIMING])
        return (*usual, *self.heavy) if build == levels.POWER else usual


RACES: dict[str, RaceTable] = {
    "Terran": RaceTable(
        worker="SCV",
        hall="CommandCenter",
        halls=("CommandCenter", "OrbitalCommand", "PlanetaryFortress"),
        supply="SupplyDepot",
        gas="Refinery",
        producer="Barracks",
        mixes={
            levels.RUSH: (Wish("Marine", 5), Wish("Reaper", 1)),
            levels.TIMING: (Wish("Marine", 6), Wish("Marauder", 2.5, 18), Wish("Hellion", 0.7, 26)),
            levels.AIR: (Wish("Marine", 4), Wish("Banshee", 2, 22), Wish("VikingFighter", 1, 30)),
        },
        static="",
        upgrades=("TerranInfantryWeaponsLevel1", "ShieldWall", "TerranInfantryArmorsLevel1"),
        addons=("BarracksTechLab", "BarracksReactor", "BarracksReactor"),
        heavy=(Wish("SiegeTank", 1, 44), Wish("Thor", 0.5, 52)),
        supply_loops=560.0,
    ),
    "Protoss": RaceTable(
        worker="Probe",
        hall="Nexus",
        halls=("Nexus",),
        supply="Pylon",
        gas="Assimilator",
        producer="Gateway",
        mixes={
            levels.RUSH: (Wish("Zealot", 5), Wish("Stalker", 1, 16)),
            levels.TIMING: (Wish("Zealot", 5), Wish("Stalker", 3, 17), Wish("Sentry", 0.3, 30)),
            levels.AIR: (Wish("Zealot", 2), Wish("Stalker", 2.5, 17), Wish("VoidRay", 2, 22)),
        },
        static="PhotonCannon",
        upgrades=("ProtossGroundWeaponsLevel1", "ProtossGroundArmorsLevel1"),
        heavy=(Wish("Immortal", 1, 44), Wish("Colossus", 0.7, 50)),
        against={"Terran": (Wish("Zealot", 6), Wish("Stalker", 1.5, 17), Wish("Sentry", 0.2, 30))},
        supply_loops=480.0,
    ),
    "Zerg": RaceTable(
        worker="Drone",
        hall="Hatchery",
        halls=("Hatchery", "Lair", "Hive"),
        supply="Overlord",
        gas="Extractor",
        producer="Hatchery",
        mixes={
            levels.RUSH: (Wish("Zergling", 1),),
            levels.TIMING: (Wish("Zergling", 7), Wish("Roach", 3, 18)),
            levels.AIR: (Wish("Zergling", 4), Wish("Roach", 1.5, 18), Wish("Mutalisk", 4, 24)),
        },
        static="SpineCrawler",
        heavy=(Wish("Hydralisk", 2, 46), Wish("Ultralisk", 0.5, 58)),
        against={"Terran": (Wish("Zergling", 8), Wish("Roach", 1.2, 20))},
        upgrades=("zerglingmovementspeed", "ZergMissileWeaponsLevel1", "ZergGroundArmorsLevel1"),
        supply_loops=430.0,
    ),
}

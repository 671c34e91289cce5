"""Time of one plan of 150 orders for each race: three bases, much production, supply for them all.

Run as `python -m benchmarks.planner_speed` from the project's root. Process time, the best of several rounds.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from sc2.bot_ai import BotAI
from sc2.data import Race
from sc2.game_data import GameData
from sc2.ids.unit_typeid import UnitTypeId as U
from sc2.ids.upgrade_id import UpgradeId

from benchmarks.common import Row, arguments, machine, measured, publish
from cherrypy_bot.sim.rules import load_ruleset
from cherrypy_bot.sim.rules.response import build
from modules.build_order.planner import Fill, Maker, PlanState, Wish, larva_times, plan
from modules.items import Catalogue

HORIZON_ITEMS = 150
ROUNDS = 20
START_SUPPLY = {Race.Terran: 15, Race.Protoss: 15, Race.Zerg: 14}


def catalogues() -> dict[Race, Catalogue]:
    """What each race can make, from the engine's rules."""
    data = GameData(build(load_ruleset()))
    found = {}
    for race, supply in START_SUPPLY.items():
        bot: Any = BotAI()
        bot.game_data, bot.race, bot.supply_cap = data, race, supply
        found[race] = Catalogue.from_bot(bot)
    return found


def terran() -> tuple[PlanState, list[Wish | Fill]]:
    """Eight Barracks with add-ons, Factory and Starport."""
    makers = [
        Maker(U.COMMANDCENTER),
        *(Maker(U.ORBITALCOMMAND, free) for free in (0, 100)),
        *(Maker(U.BARRACKS, 60 * n, techlab=n < 3, addon=True) for n in range(8)),
        Maker(U.FACTORY, techlab=True, addon=True),
        *(Maker(U.STARPORT, free, addon=True) for free in (30, 300)),
        Maker(U.ENGINEERINGBAY),
    ]
    have = {
        U.SCV: 50, U.COMMANDCENTER: 3, U.ORBITALCOMMAND: 2, U.BARRACKS: 5, U.BARRACKSTECHLAB: 3, U.BARRACKSREACTOR: 2,
        U.FACTORY: 1, U.FACTORYTECHLAB: 1, U.STARPORT: 1, U.STARPORTREACTOR: 1, U.SUPPLYDEPOT: 12, U.ENGINEERINGBAY: 1,
        U.REFINERY: 4,
    }  # fmt: skip
    wishes = [
        Wish(U.SUPPLYDEPOT, 14), Wish(U.SCV, 53), Wish(U.REFINERY, 6), Wish(U.COMMANDCENTER, 4),
        Wish(U.BARRACKSTECHLAB, 5),
        Fill({U.MARINE: 6, U.MARAUDER: 2, U.SIEGETANK: 1, U.MEDIVAC: 1}, {U.MARINE: 20}, within=9000, most=150),
        Wish(UpgradeId.STIMPACK), Wish(UpgradeId.TERRANINFANTRYWEAPONSLEVEL1), Wish(UpgradeId.SHIELDWALL),
        Wish(U.BARRACKS, 8), Wish(U.ARMORY), Wish(U.SCV, 66),
    ]  # fmt: skip
    return _state(have, makers), wishes


def protoss() -> tuple[PlanState, list[Wish | Fill]]:
    """Eight warp gates and a Robotics Facility."""
    makers = [
        *(Maker(U.NEXUS) for _ in range(3)),
        *(Maker(U.WARPGATE, 30 * n) for n in range(8)),
        Maker(U.ROBOTICSFACILITY, 200),
        *(Maker(kind) for kind in (U.FORGE, U.TWILIGHTCOUNCIL, U.CYBERNETICSCORE)),
    ]
    have = {
        U.PROBE: 50, U.NEXUS: 3, U.GATEWAY: 8, U.CYBERNETICSCORE: 1, U.ROBOTICSFACILITY: 1, U.FORGE: 1,
        U.TWILIGHTCOUNCIL: 1, U.PYLON: 12, U.ASSIMILATOR: 4,
    }  # fmt: skip
    wishes = [
        Wish(U.PYLON, 14), Wish(U.PROBE, 53), Wish(U.ASSIMILATOR, 6), Wish(U.NEXUS, 4),
        Fill({U.ZEALOT: 3, U.STALKER: 2, U.IMMORTAL: 1}, {}, within=9000, most=60), Wish(UpgradeId.CHARGE),
        Wish(UpgradeId.PROTOSSGROUNDWEAPONSLEVEL1), Wish(U.GATEWAY, 14), Wish(U.TEMPLARARCHIVE), Wish(U.PROBE, 120),
        Wish(U.PHOTONCANNON, 40),
    ]  # fmt: skip
    return _state(have, makers, used=20, cap=30), wishes


def zerg() -> tuple[PlanState, list[Wish | Fill]]:
    """Three hatcheries' larvae."""
    makers = [*(Maker(U.HATCHERY) for _ in range(3)), *(Maker(k) for k in (U.EVOLUTIONCHAMBER, U.ROACHWARREN))]
    have = {
        U.DRONE: 50, U.HATCHERY: 3, U.SPAWNINGPOOL: 1, U.ROACHWARREN: 1, U.EVOLUTIONCHAMBER: 1, U.QUEEN: 4,
        U.OVERLORD: 14, U.EXTRACTOR: 4,
    }  # fmt: skip
    wishes = [
        Wish(U.OVERLORD, 16), Wish(U.DRONE, 56), Wish(U.QUEEN, 6), Wish(U.EXTRACTOR, 6), Wish(U.HATCHERY, 4),
        Fill({U.ROACH: 1, U.ZERGLING: 2}, {}, within=9000, most=150), Wish(UpgradeId.GLIALRECONSTITUTION),
        Wish(U.HYDRALISKDEN), Wish(UpgradeId.ZERGMISSILEWEAPONSLEVEL1), Wish(U.DRONE, 80),
    ]  # fmt: skip
    larvae = larva_times(12, [50, 100, 150], 120, 9000)
    return _state(have, makers, larvae, used=20, cap=30), wishes


def _state(
    have: dict[Any, int], makers: list[Maker], larvae: Sequence[float] = (), used: float = 20, cap: float = 30
) -> PlanState:
    return PlanState(
        minerals=3000.0,
        gas=1500.0,
        mineral_rate=2.2,
        gas_rate=0.48,
        supply_used=used,
        supply_cap=cap,
        have=have,
        makers=makers,
        larvae=larvae,
        workers=50,
        gas_structures=4,
    )


SITUATIONS = {Race.Terran: terran, Race.Protoss: protoss, Race.Zerg: zerg}


def rows(runs: int) -> list[Row]:
    """Per race: milliseconds for a plan, and how long it is."""
    found = []
    for race, catalogue in catalogues().items():
        state, wishes = SITUATIONS[race]()
        orders = len(plan(state, wishes, catalogue))
        values = [min(_milliseconds(state, wishes, catalogue) for _ in range(ROUNDS)) for _ in range(runs)]
        found.append(measured(f"plan of {orders} orders, {race.name.lower()}", values, "ms", at_most=2.0))
        found.append(measured(f"  orders, {race.name.lower()}", [orders] * runs, "orders", at_least=HORIZON_ITEMS))
    return found


def _milliseconds(state: PlanState, wishes: Sequence[Wish | Fill], catalogue: Catalogue) -> float:
    begun = time.process_time()
    plan(state, wishes, catalogue)
    return 1000.0 * (time.process_time() - begun)


def main() -> None:
    """Measures and publishes."""
    options = arguments(str(__doc__).splitlines()[0]).parse_args()
    host = machine()
    publish("planner_speed", rows(options.runs), host, options)


if __name__ == "__main__":
    main()

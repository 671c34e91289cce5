"""CherryBot: events, orders, the chain of every order, repeatable matches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from loguru import logger
from sc2.bot_ai import BotAI
from sc2.ids.ability_id import AbilityId
from sc2.ids.unit_typeid import UnitTypeId
from sc2.ids.upgrade_id import UpgradeId
from sc2.position import Point2

from cherrypy_bot.core.bot import CherryBot
from cherrypy_bot.core.module import Context, Module
from cherrypy_bot.core.orders import OrderError, creation_ability
from cherrypy_bot.core.trace import read_trace
from cherrypy_bot.core.upc import Command, PositionArea, Upc
from tests.core.world import FakeMatch, enemy, game_data, mineral, unit

HERE = Point2((30.0, 31.0))


@pytest.fixture(autouse=True)
def quiet() -> object:
    logger.remove()
    return None


class Posting(Module):
    """Posts what the test puts into `upcs` in the next step."""

    upcs: tuple[Upc, ...] = ()

    def on_step(self, ctx: Context) -> None:
        ctx.board.post_all(self.upcs)
        self.upcs = ()


class Rig:
    """A bot with one posting module in a match."""

    def __init__(self, *units: Any, trace: Path | None = None) -> None:
        self.posting = Posting()
        self.bot = CherryBot([self.posting], trace=trace)
        self.match = FakeMatch(self.bot).start(*units)

    def orders(self, *upcs: Upc, units: tuple[Any, ...]) -> list[tuple[int, AbilityId, Any, bool]]:
        self.posting.upcs = upcs
        orders = self.match.step(*units)
        assert self.bot.faults == []
        return [
            (o.unit.tag, o.ability, o.target.tag if hasattr(o.target, "tag") else o.target, o.queue) for o in orders
        ]


def test_our_attributes_hide_none_of_python_sc2s() -> None:
    ours = set(vars(CherryBot([]))) - set(vars(BotAI()))  # type: ignore[abstract]
    assert not ours & set(dir(BotAI))


def test_the_step_is_set_when_the_game_starts() -> None:
    match = FakeMatch(CherryBot([], game_step=8)).start(unit(1))
    assert match.client.game_step == 8


@pytest.mark.parametrize(
    ("upc", "ability", "target"),
    [
        (Upc.attack(units=(1,), position=HERE), AbilityId.ATTACK, HERE),
        (Upc.attack(units=(1,), target=9), AbilityId.ATTACK, 9),
        (Upc.move(units=(1,), position=HERE), AbilityId.MOVE_MOVE, HERE),
        (Upc.flee(units=(1,), position=HERE), AbilityId.MOVE_MOVE, HERE),
        (Upc.gather(units=(1,), target=5), AbilityId.HARVEST_GATHER, 5),
        (Upc.order(Command.HOLD, units=(1,)), AbilityId.HOLDPOSITION, None),
        (Upc.order(Command.REPAIR, units=(1,), target=5), AbilityId.EFFECT_REPAIR, 5),
        (Upc.cancel(units=(1,)), AbilityId.CANCEL, None),
        (Upc.cast(AbilityId.BURROWDOWN_ZERGLING, units=(1,)), AbilityId.BURROWDOWN_ZERGLING, None),
        (Upc.create(UnitTypeId.BANELING, units=(1,)), AbilityId.MORPHTOBANELING_BANELING, None),
    ],
)
def test_a_sharp_upc_becomes_an_order(upc: Upc, ability: AbilityId, target: Any) -> None:
    world = (unit(1), enemy(9), mineral(5))
    rig = Rig(*world)
    assert rig.orders(upc, units=world) == [(1, ability, target, False)]
    assert rig.bot.orders_given == 1


@pytest.mark.parametrize(
    "upc",
    [
        Upc.attack(units={1: 0.5, 2: 0.5}, position=HERE),
        Upc.scout(units=(1,), position=HERE),
        Upc.attack(units=(1,), position=PositionArea(HERE, 3.0)),
    ],
)
def test_vague_and_abstract_upcs_become_no_order(upc: Upc) -> None:
    rig = Rig(unit(1), unit(2))
    assert rig.orders(upc, units=(unit(1), unit(2))) == []


def test_an_order_that_a_unit_has_is_not_given_again() -> None:
    busy = unit(1)
    order = busy.orders.add(ability_id=AbilityId.ATTACK_ATTACK.value)
    order.target_world_space_pos.x, order.target_world_space_pos.y = 30.02, 31.0
    rig = Rig(busy)
    assert rig.orders(Upc.attack(units=(1,), position=HERE), units=(busy,)) == []
    assert rig.orders(Upc.attack(units=(1,), position=Point2((33.0, 31.0))), units=(busy,)) != []
    assert rig.orders(Upc.move(units=(1,), position=HERE), units=(busy,)) != []


def test_mining_on_is_not_ordered_again_and_stopping_the_idle_neither() -> None:
    worker = unit(1, UnitTypeId.DRONE)
    worker.orders.add(ability_id=AbilityId.HARVEST_GATHER_DRONE.value, target_unit_tag=5)
    world = (worker, unit(2), mineral(5), mineral(6))
    rig = Rig(*world)
    assert rig.orders(Upc.gather(units=(1,), target=5), Upc.stop(units=(2,)), units=world) == []
    assert len(rig.orders(Upc.gather(units=(1,), target=6), units=world)) == 1


def test_training_a_second_unit_is_a_new_order() -> None:
    larva = unit(1, UnitTypeId.BARRACKS)
    larva.orders.add(ability_id=AbilityId.BARRACKSTRAIN_MARINE.value)
    rig = Rig(larva)
    upc = Upc.create(UnitTypeId.MARINE, units=(1,), queued=True)
    assert rig.orders(upc, units=(larva,)) == [(1, AbilityId.BARRACKSTRAIN_MARINE, None, True)]


def test_of_two_upcs_for_a_unit_the_more_important_wins() -> None:
    rig = Rig(unit(1))
    low = Upc.move(units=(1,), position=HERE, priority=1.0)
    high = Upc.stop(units=(1,)).with_(command=Command.HOLD, priority=2.0)
    assert rig.orders(low, high, units=(unit(1),)) == [(1, AbilityId.HOLDPOSITION, None, False)]
    assert rig.orders(low, low.with_(position=Point2((1.0, 1.0))), units=(unit(1),))[0][2] == HERE


def test_queued_orders_follow_in_the_order_of_posting() -> None:
    rig = Rig(unit(1))
    second = Upc.move(units=(1,), position=Point2((2.0, 2.0)), queued=True)
    third = Upc.move(units=(1,), position=Point2((3.0, 3.0)), queued=True)
    first = Upc.move(units=(1,), position=Point2((1.0, 1.0)))
    orders = rig.orders(second, third, first, units=(unit(1),))
    assert [(target.x, queued) for _, _, target, queued in orders] == [(1.0, False), (2.0, True), (3.0, True)]


def test_equal_orders_leave_next_to_each_other() -> None:
    world = (unit(1), unit(2), unit(3))
    rig = Rig(*world)
    orders = rig.orders(
        Upc.attack(units=(1,), position=HERE),
        Upc.move(units=(2,), position=HERE),
        Upc.attack(units=(3,), position=HERE),
        units=world,
    )
    assert [tag for tag, *_ in orders] == [1, 3, 2]


def test_an_impossible_upc_is_refused_and_the_rest_is_done(tmp_path: Path) -> None:
    wrong: Any = 17
    rig = Rig(unit(1), unit(2), trace=tmp_path / "t.gz")
    orders = rig.orders(
        Upc.create(UnitTypeId.NEXUS, units=(1,), priority=9.0),
        Upc.attack(units=(1,), target=404, priority=8.0),
        Upc.cast(wrong, units=(1,), priority=7.0),
        Upc.move(units=(2,), position=HERE),
        units=(unit(1), unit(2)),
    )
    assert [tag for tag, *_ in orders] == [2]
    rig.match.end()
    refused = [why for record in read_trace(tmp_path / "t.gz").records for _, why in record.get("refused", ())]
    assert refused == [
        "ZERGLING cannot create NEXUS: the game has no ability for that",
        "its target 404 is not in sight",
        "17 is no AbilityId",
    ]


def test_a_worker_inside_a_gas_structure_is_alive_but_not_ordered() -> None:
    rig = Rig(unit(1), unit(2))
    assert rig.orders(Upc.stop(units=(1,)), Upc.move(units=(1,), position=HERE), units=(unit(2),)) == []
    assert rig.bot.board.living(1)
    assert len(rig.orders(Upc.move(units=(1,), position=HERE), units=(unit(1), unit(2)))) == 1


def test_creation_abilities() -> None:
    data = game_data()
    speed = UpgradeId.ZERGLINGMOVEMENTSPEED
    assert creation_ability(UnitTypeId.SPAWNINGPOOL, speed, False, data) is AbilityId.RESEARCH_ZERGLINGMETABOLICBOOST
    assert creation_ability(UnitTypeId.LAIR, UpgradeId.BURROW, False, data) is AbilityId.RESEARCH_BURROW
    assert creation_ability(UnitTypeId.SCV, UnitTypeId.BARRACKS, True, data) is AbilityId.TERRANBUILD_BARRACKS
    with pytest.raises(OrderError, match="needs a position"):
        creation_ability(UnitTypeId.SCV, UnitTypeId.BARRACKS, False, data)
    with pytest.raises(OrderError, match="cannot research"):
        creation_ability(UnitTypeId.SCV, UpgradeId.WARPGATERESEARCH.__class__.NULL, False, data)


def test_every_order_can_be_explained_back_to_its_root(tmp_path: Path) -> None:
    class Strategy(Module):
        def on_step(self, ctx: Context) -> None:
            ctx.board.post(Upc.attack(position=PositionArea(HERE, 9.0), note="they expanded"))

    class Tactics(Module):
        def on_step(self, ctx: Context) -> None:
            for upc in ctx.board.upcs(Command.ATTACK, sharp=False):
                ctx.board.consume(upc.id)
                ctx.board.post(upc.refine(units=(1,), position=HERE, note="only squad"))

    bot = CherryBot([Strategy(), Tactics()], trace=tmp_path / "t.gz", seed=3)
    match = FakeMatch(bot).start(unit(1))
    match.step(unit(1))
    assert bot.board.explain(1) == ["#2 tactics ATTACK (only squad)", "#1 strategy ATTACK (they expanded)"]
    match.end()
    trace = read_trace(tmp_path / "t.gz")
    assert trace.complete
    assert (trace.header["bot"], trace.header["seed"]) == ("cherry", 3)
    [(tag, ability, target, queued, chain)] = trace.records[0]["orders"]
    assert (tag, ability, target, queued, chain) == (1, AbilityId.ATTACK.value, [30.0, 31.0], 0, [2, 1])
    assert [post["by"] for post in trace.chain(2)] == ["tactics", "strategy"]
    assert trace.records[0]["consumes"] == [[1, "tactics"], [2, "upc_to_command"]]
    assert set(trace.records[0]["ms"]) == {"strategy", "tactics", "upc_to_command"}
    assert trace.end is not None
    assert (trace.end["result"], trace.end["orders"]) == ("Victory", 1)


def test_events_reach_the_modules_that_listen_with_board_and_table_of_their_step() -> None:
    heard: list[tuple[str, Any, int]] = []

    class Listener(Module):
        def on_unit_created(self, ctx: Context, unit: Any) -> None:
            assert ctx.units.row(unit.tag) >= 0
            heard.append(("created", unit.tag, ctx.loop))

        def on_unit_destroyed(self, ctx: Context, tag: int) -> None:
            assert not ctx.board.living(tag)
            heard.append(("destroyed", tag, ctx.loop))

        def on_enemy_seen(self, ctx: Context, unit: Any) -> None:
            heard.append(("seen", unit.tag, ctx.loop))

        def on_enemy_lost(self, ctx: Context, tag: int) -> None:
            heard.append(("lost", tag, ctx.loop))

        def on_unit_took_damage(self, ctx: Context, unit: Any, amount: float) -> None:
            heard.append(("damage", amount, ctx.loop))

    match = FakeMatch(CherryBot([Listener()])).start(unit(1), unit(3))
    match.step(unit(1), unit(2), unit(3), enemy(9))
    match.step(unit(2, health=30.0), dead=(3, 1))
    assert heard == [
        ("created", 2, 4),
        ("seen", 9, 4),
        ("destroyed", 1, 8),
        ("destroyed", 3, 8),
        ("damage", 5.0, 8),
        ("lost", 9, 8),
    ]


def test_upgrades_arrive_in_the_same_order_in_every_process() -> None:
    heard: list[str] = []

    class Listener(Module):
        def on_upgrade_complete(self, ctx: Context, upgrade: UpgradeId) -> None:
            heard.append(upgrade.name)

    bot = CherryBot([Listener()])
    match = FakeMatch(bot).start(unit(1))
    upgrades = [UpgradeId.ZERGMISSILEWEAPONSLEVEL1, UpgradeId.BURROW, UpgradeId.ZERGLINGMOVEMENTSPEED]
    prepare = bot._prepare_step

    def with_upgrades(state: Any, info: Any) -> None:
        state.upgrades = set(upgrades)
        prepare(state, info)

    bot._prepare_step = with_upgrades
    match.step(unit(1))
    assert heard == [u.name for u in sorted(upgrades, key=lambda u: u.value)]


def test_the_same_seed_plays_the_same_and_modules_do_not_share_their_luck() -> None:
    class Lucky(Module):
        def on_step(self, ctx: Context) -> None:
            x, y = ctx.rng.uniform(1.0, 60.0, 2)
            ctx.board.post(Upc.move(units=tuple(ctx.units.tags(ctx.units.own)), position=Point2((x, y))))

    class Gambler(Module):
        def on_step(self, ctx: Context) -> None:
            ctx.rng.random(7)

    def play(*modules: Module, seed: int) -> list[str]:
        match = FakeMatch(CherryBot(modules, seed=seed)).start(unit(1), unit(2))
        return [repr(order) for _ in range(5) for order in match.step(unit(1), unit(2))]

    assert play(Lucky(), seed=1) == play(Lucky(), seed=1) == play(Gambler(), Lucky(), seed=1)
    assert play(Lucky(), seed=1) != play(Lucky(), seed=2)


def test_log_lines_carry_loop_and_module() -> None:
    class Talker(Module):
        def on_step(self, ctx: Context) -> None:
            ctx.log.info("hello {}", 3)

    lines: list[str] = []
    logger.add(lines.append, format="{message}")
    FakeMatch(CherryBot([Talker()])).start(unit(1)).step(unit(1))
    assert lines == ["[4] talker: hello 3\n"]


def test_posts_of_on_start_are_acted_on_in_the_first_step(tmp_path: Path) -> None:
    class Early(Module):
        def on_start(self, ctx: Context) -> None:
            assert len(ctx.units) == 1
            ctx.board.post(Upc.move(units=(1,), position=HERE))

    bot = CherryBot([Early()], trace=tmp_path / "t.gz")
    match = FakeMatch(bot).start(unit(1))
    assert len(match.step(unit(1))) == 1
    match.end()
    assert read_trace(tmp_path / "t.gz").records[0]["posts"][0]["by"] == "early"

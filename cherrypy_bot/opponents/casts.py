"""What units of a planned opponent do beside attacking: siege, stimpacks, blinks, cloaks, biles, merges."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sc2.ids.ability_id import AbilityId
from sc2.ids.buff_id import BuffId
from sc2.ids.unit_typeid import UnitTypeId
from sc2.ids.upgrade_id import UpgradeId
from sc2.position import Point2
from sc2.unit import Unit

U = UnitTypeId


class Scene:
    """What a unit needs to know to decide.

    Args:
        unit: who decides.
        enemies: enemies within sight of it, nearest first, with their distances.
        loop: of the game.
        ready_at: loops at which abilities can be used again, by (tag, name); written here.
        home: where it is safe.
        upgrades: the side's.
        under_fire: whether it lost life since the last look.
    """

    def __init__(
        self,
        unit: Unit,
        enemies: list[tuple[float, Unit]],
        loop: int,
        ready_at: dict[tuple[int, str], int],
        home: Point2,
        upgrades: set[UpgradeId],
    ) -> None:
        self.unit, self.enemies, self.loop, self.home, self.upgrades = unit, enemies, loop, home, upgrades
        self._ready_at = ready_at

    def ready(self, name: str, pause_loops: int) -> bool:
        """Whether `name` is off its cooldown; if so the cooldown starts."""
        key = (self.unit.tag, name)
        if self.loop < self._ready_at.get(key, 0):
            return False
        self._ready_at[key] = self.loop + pause_loops
        return True

    def within(self, cells: float) -> list[Unit]:
        """Enemies that near, body to body."""
        radius = self.unit.radius
        return [enemy for distance, enemy in self.enemies if distance - radius - enemy.radius <= cells]


def _stim(scene: Scene) -> bool:
    unit = scene.unit
    marine = unit.type_id is U.MARINE
    if UpgradeId.STIMPACK not in scene.upgrades or unit.health_percentage < 0.65:
        return False
    if unit.has_buff(BuffId.STIMPACK) or unit.has_buff(BuffId.STIMPACKMARAUDER) or not scene.within(7):
        return False
    if scene.ready("stim", 60):
        unit(AbilityId.EFFECT_STIM_MARINE if marine else AbilityId.EFFECT_STIM_MARAUDER)
    return False


def _siege(scene: Scene) -> bool:
    near = [enemy for enemy in scene.within(12.5) if not enemy.is_flying]
    close = [enemy for enemy in near if not enemy.is_structure]
    if (len(close) >= 2 or len(near) >= 3) and scene.ready("siege", 90):
        scene.unit(AbilityId.SIEGEMODE_SIEGEMODE)
        return True
    return False


def _unsiege(scene: Scene) -> bool:
    if any(not enemy.is_flying for enemy in scene.within(14.0)):
        scene.ready("siege", 130)
        return True
    if scene.ready("siege", 100):
        scene.unit(AbilityId.UNSIEGE_UNSIEGE)
    return True


def _blink(scene: Scene) -> bool:
    unit = scene.unit
    if UpgradeId.BLINKTECH not in scene.upgrades or unit.shield > 8 or not scene.within(8):
        return False
    if scene.ready("blink", 175):
        unit(AbilityId.EFFECT_BLINK_STALKER, unit.position.towards(scene.home, 7.5))
        return True
    return False


def _cloak(scene: Scene) -> bool:
    unit = scene.unit
    able = UpgradeId.BANSHEECLOAK in scene.upgrades and not unit.is_cloaked and unit.energy > 40
    if able and scene.within(11) and scene.ready("cloak", 45):
        unit(AbilityId.BEHAVIOR_CLOAKON_BANSHEE)
    return False


def _align(scene: Scene) -> bool:
    armoured = [enemy for enemy in scene.within(6) if enemy.is_armored]
    if armoured and scene.ready("align", 43 * 22):
        scene.unit(AbilityId.EFFECT_VOIDRAYPRISMATICALIGNMENT)
    return False


def _battlecruiser(scene: Scene) -> bool:
    unit = scene.unit
    if unit.health_percentage < 0.28 and scene.within(11) and scene.ready("jump", 71 * 22):
        unit(AbilityId.EFFECT_TACTICALJUMP, scene.home)
        return True
    if UpgradeId.BATTLECRUISERENABLESPECIALIZATIONS not in scene.upgrades:
        return False
    big = [enemy for enemy in scene.within(10) if enemy.health + enemy.shield > 170 and not enemy.is_structure]
    if big and scene.ready("yamato", 72 * 22):
        unit(AbilityId.YAMATO_YAMATOGUN, max(big, key=lambda enemy: (enemy.health + enemy.shield, enemy.tag)))
        return True
    return False


def _bile(scene: Scene) -> bool:
    targets = scene.within(8.8)
    if not targets or not scene.ready("bile", 160):
        return False
    standing = [enemy for enemy in targets if enemy.is_structure or not enemy.is_moving]
    target = min(standing or targets, key=lambda e: (e.type_id not in STATIC_DEFENCE, not e.is_structure, e.tag))
    scene.unit(AbilityId.EFFECT_CORROSIVEBILE, target.position)
    return False


def _retreat_when_weak(scene: Scene) -> bool:
    """Reapers heal by themselves: they leave and come back."""
    unit = scene.unit
    if unit.health_percentage < 0.45 and scene.within(9):
        unit.move(scene.home)
        return True
    return False


STATIC_DEFENCE = {
    U.BUNKER,
    U.PHOTONCANNON,
    U.SHIELDBATTERY,
    U.SPINECRAWLER,
    U.SPORECRAWLER,
    U.MISSILETURRET,
    U.SIEGETANKSIEGED,
    U.PLANETARYFORTRESS,
}

CASTS: Mapping[UnitTypeId, Callable[[Scene], bool]] = {
    U.MARINE: _stim,
    U.MARAUDER: _stim,
    U.SIEGETANK: _siege,
    U.SIEGETANKSIEGED: _unsiege,
    U.STALKER: _blink,
    U.BANSHEE: _cloak,
    U.VOIDRAY: _align,
    U.BATTLECRUISER: _battlecruiser,
    U.RAVAGER: _bile,
    U.REAPER: _retreat_when_weak,
}
"""What a unit of a type tries first; True means that it has its order and does not attack now."""

KITERS = {U.MARAUDER, U.STALKER, U.REAPER, U.HELLION, U.HELLIONTANK, U.HYDRALISK, U.ADEPT, U.IMMORTAL, U.CYCLONE}
"""Step back from melee while their weapon is not ready."""
KITE_CELLS = 2.2


def kite(scene: Scene, step_loops: int) -> bool:
    """Steps back from the nearest melee enemy while the weapon cools down for longer than a step lasts."""
    unit = scene.unit
    if unit.weapon_cooldown <= step_loops + 2 or unit.ground_range < 3.5 or not scene.enemies:
        return False
    distance, nearest = scene.enemies[0]
    if nearest.is_structure or nearest.ground_range > 1.5 or distance > 3.5 or not nearest.can_attack_ground:
        return False
    unit.move(unit.position.towards(nearest, -KITE_CELLS))
    return True

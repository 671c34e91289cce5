"""A loaded ruleset: everything the engine asks about the game."""

import functools
from pathlib import Path

from s2clientprotocol import sc2api_pb2

from cherrypy_bot.sim.rules import loader, response
from cherrypy_bot.sim.rules.arrays import TypeArrays, build_arrays
from cherrypy_bot.sim.rules.errors import RulesError
from cherrypy_bot.sim.rules.records import (
    AbilityRule,
    CommandRule,
    EffectRule,
    GameConstants,
    UnitRule,
    UpgradeRule,
    WeaponRule,
)
from cherrypy_bot.sim.rules.tables import DATA, Layers

DEFAULT_RULESET = "5.0.14"


class Ruleset:
    """The rules of one patch. Treat it as read-only: it is shared by all games of a process.

    Attributes:
        units: by API unit type id. weapons: by weapon index. upgrades: by API upgrade id.
        abilities: by API ability id (melee ones and the general ones they remap to).
        commands: by exact ability id, one per type of caster (and product).
        general_to_exact: general ability id to the exact ids that remap to it, ascending.
        buffs: names by API buff id. effects: by API effect id.
        game: numbers that belong to no unit. arrays: the same rules for kernels, before any upgrade.

    Raises:
        RulesError: a table is missing or wrong.
    """

    def __init__(self, name: str = DEFAULT_RULESET, data: Path = DATA) -> None:
        layers = Layers(name, data)
        self.name = name
        self.layers = layers
        footprints = loader.load_footprints(layers)
        rows, unit_ids = loader.unit_rows(layers)
        self.weapons: list[WeaponRule] = loader.load_weapons(layers, unit_ids)
        weapon_ids = {w.name: w.index for w in self.weapons}
        self.units: dict[int, UnitRule] = loader.load_units(rows, unit_ids, weapon_ids, footprints)
        self.abilities: dict[int, AbilityRule] = {
            a.id: a for a in map(loader.ability, layers.table("abilities.csv", "id"))
        }
        self.upgrades: dict[int, UpgradeRule]
        self.upgrades, upgrade_ids = loader.load_upgrades(layers, unit_ids, weapon_ids)
        self.commands: dict[int, list[CommandRule]] = loader.load_commands(
            layers, unit_ids, upgrade_ids, self.abilities
        )
        self.general_to_exact: dict[int, list[int]] = {}
        for ability in sorted(self.abilities.values(), key=lambda a: a.id):
            if ability.remaps_to:
                self.general_to_exact.setdefault(ability.remaps_to, []).append(ability.id)
        self.buffs: dict[int, str] = {row.integer("id"): row.text("name") for row in layers.table("buffs.csv", "id")}
        self.effects: dict[int, EffectRule] = {
            row.integer("id"): EffectRule(row.integer("id"), row.text("name"), row.number("area_radius"))
            for row in layers.table("effects.csv", "id")
        }
        self.game: GameConstants = loader.load_constants(layers, footprints)
        self.start_workers, self.start_minerals, self.food_ceiling = (
            self._whole(key) for key in ("start_workers", "start_minerals", "food_ceiling")
        )
        self.arrays: TypeArrays = build_arrays(self.units, self.weapons)
        self._unit_names = {u.name: u for u in self.units.values()}
        self._upgrade_names = {u.name: u for u in self.upgrades.values()}
        self._response_bytes: bytes | None = None

    def _whole(self, key: str) -> int:
        value = self.layers.game.get(key)
        if not isinstance(value, int) or value < 0:
            raise RulesError(f"'{value}' must be a whole number", self.layers.folders[-1] / "game.yaml", 0, key)
        return value

    def unit(self, name: str) -> UnitRule:
        """A unit by its API name, as 'Marine'; RulesError when there is none."""
        try:
            return self._unit_names[name]
        except KeyError:
            raise RulesError(f"ruleset {self.name} has no unit '{name}'") from None

    def upgrade(self, name: str) -> UpgradeRule:
        """An upgrade by its API name, as 'Stimpack'; RulesError when there is none."""
        try:
            return self._upgrade_names[name]
        except KeyError:
            raise RulesError(f"ruleset {self.name} has no upgrade '{name}'") from None

    def response_data(self) -> sc2api_pb2.ResponseData:
        """The API's answer to RequestData with everything asked for; a message the caller may change."""
        return sc2api_pb2.ResponseData.FromString(self.response_data_bytes())

    def response_data_bytes(self) -> bytes:
        """`response_data` serialized; built once."""
        if self._response_bytes is None:
            self._response_bytes = response.build(self).SerializeToString()
        return self._response_bytes


def load_ruleset(name: str = DEFAULT_RULESET) -> Ruleset:
    """The ruleset of that name, loaded once per process (0.1 s).

    Raises:
        RulesError: unknown name, or a table is wrong (a sentence with file, line and column).
    """
    return _loaded(name)


@functools.cache
def _loaded(name: str) -> Ruleset:
    return Ruleset(name)

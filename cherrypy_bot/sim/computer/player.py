"""`Computer`: a built-in opponent that plays like anyone, by commands and from what it sees.

Every `abilities.COMPUTER_PERIOD` loops the game asks it to act; it decides every `Level.period` loops. A
decision looks at the world once (`View`), then economy, production and army spend money and commands in this
order. All randomness comes from its own generator, seeded with the game's seed, so games repeat.
"""

from __future__ import annotations

import copy
import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from cherrypy_bot.sim.computer import army, casts, economy, levels, production
from cherrypy_bot.sim.computer.plans import Plans, plans_of
from cherrypy_bot.sim.computer.races import RACES, RaceTable, Wish
from cherrypy_bot.sim.computer.sites import Sites, sites_of
from cherrypy_bot.sim.computer.view import View
from cherrypy_bot.sim.errors import SimError
from cherrypy_bot.sim.state import NONE

if TYPE_CHECKING:
    from cherrypy_bot.sim.game import Game

LOOPS_PER_MINUTE = 1344
MOST_SAVED_COMMANDS = 12.0
"""Unused commands do not add up to more than this."""
SHUN_LOOPS = 300
"""A place where building failed is left alone for so long."""


class Computer:
    """One built-in opponent.

    Args:
        player: index of the player it plays, 0 or 1.
        race: Terran, Protoss or Zerg; must be the player's race in the game.
        difficulty: the API's Difficulty, 1 (VeryEasy) to 10 (CheatInsane).
        ai_build: the API's AIBuild, 1 (RandomBuild) to 6 (Air).
        seed: the game's seed.

    Raises:
        SimError: unknown race, difficulty or build.
    """

    def __init__(self, player: int, race: str, difficulty: int, ai_build: int, seed: int) -> None:
        if race not in RACES:
            raise SimError(f"no computer plays race '{race}'; use one of {', '.join(RACES)}")
        if difficulty not in levels.LEVELS:
            raise SimError(f"there is no difficulty {difficulty}; use 1 (VeryEasy) to 10 (CheatInsane)")
        if ai_build != levels.RANDOM_BUILD and ai_build not in levels.BUILDS:
            raise SimError(f"there is no AI build {ai_build}; use 1 (RandomBuild) to 6 (Air)")
        self.player = player
        self.race = race
        self.difficulty = difficulty
        self.rng = np.random.default_rng([seed & 0x7FFFFFFF, player, difficulty])
        if ai_build == levels.RANDOM_BUILD:
            ai_build = int(self.rng.choice(sorted(levels.BUILDS)))
        self.ai_build = ai_build
        self.level = levels.LEVELS[difficulty]
        self.style = levels.BUILDS[ai_build]
        self.table: RaceTable = RACES[race]
        self.workers_wanted = max(8, round(self.level.workers * self.style.workers))
        self.bases_wanted = min(self.level.bases, self.style.bases)
        self.phase = int(self.rng.integers(0, max(self.level.period // 16, 1))) * 16
        self.commands_left = 6.0
        self.last_loop = -1
        self.mined = (0.0, 0.0)
        self.bad_places: tuple[tuple[int, float, float], ...] = ()
        self.army = army.ArmyMemory()
        # what follows from the game, filled in by `_meet`
        self.mix: tuple[Wish, ...] = ()
        self.ids: dict[str, int] = {}
        self.plans: Plans
        self.sites: Sites
        self.home: tuple[float, float] = (0.0, 0.0)
        self.start = 0
        self.bases: list[int] = []

    # -- the game's side -------------------------------------------------------------------------------
    def act(self, game: Game) -> None:
        """Look at the game and give commands when a decision is due."""
        loop = game.loop
        if self.last_loop < 0:
            self._meet(game)
        elif (loop - self.phase) % self.level.period >= 16:
            return
        passed = loop - max(self.last_loop, 0)
        self.last_loop = loop
        self.commands_left = min(
            self.commands_left + self.level.apm * passed / LOOPS_PER_MINUTE,
            max(MOST_SAVED_COMMANDS, self.level.apm / 10),
        )
        self._bonus(game)
        view = View(game.world, self.player, self.plans, vision=self.level.vision)
        if not len(view.own):
            return
        army.decide(self, game, view)
        if self.rng.random() < self.level.attention:
            money = economy.Money.of(game, self.player)
            economy.workers(self, game, view)
            casts.decide(self, game, view, money)
            production.decide(self, game, view, money)

    def clone(self) -> Computer:
        """An independent copy with the same memory."""
        twin = copy.copy(self)
        twin.rng = copy.deepcopy(self.rng)
        twin.army = self.army.clone()
        twin.bases = list(self.bases)
        return twin

    # -- shared by the parts ---------------------------------------------------------------------------
    def give(
        self,
        game: Game,
        ability: int,
        rows: npt.ArrayLike,
        *,
        target: int = NONE,
        point: tuple[float, float] | None = None,
        queue: bool = False,
        cost: float = 1.0,
    ) -> bool:
        """Give one command if there is one left (or `cost` of one); whether at least one unit took it."""
        from cherrypy_bot.sim.game import Command

        chosen = tuple(int(r) for r in np.atleast_1d(np.asarray(rows)))
        if not chosen or self.commands_left < cost:
            return False
        self.commands_left -= cost
        x, y = point if point is not None else (0.0, 0.0)
        results = game.command(
            self.player, Command(ability, chosen, target, x, y, has_point=point is not None, queue=queue)
        )
        return 1 in results

    def shunned(self, game: Game) -> list[tuple[float, float]]:
        """Places where building failed lately."""
        return [(x, y) for until, x, y in self.bad_places if until > game.loop]

    def shun(self, game: Game, place: tuple[float, float]) -> None:
        """Leave a place alone for a while."""
        kept = tuple(b for b in self.bad_places if b[0] > game.loop)
        self.bad_places = (*kept, (game.loop + SHUN_LOOPS, *place))

    def id(self, name: str) -> int:
        """Unit type id of a name."""
        return self.ids[name]

    def _meet(self, game: Game) -> None:
        w = game.world
        if w.races[self.player] != self.race:
            raise SimError(
                f"player {self.player} plays {w.races[self.player]} in this game, not {self.race}; "
                "make the computer with the game's race"
            )
        self.ids = {rule.name: type_id for type_id, rule in w.rules.units.items()}
        self.mix = self.table.mix(self.ai_build, w.races[1 - self.player])
        self.plans = plans_of(w.rules)
        self.sites = sites_of(w.map, w.rules)
        halls = w.rows_of(self.player, *(self.ids[h] for h in self.table.halls))
        rows = halls or w.rows_of(self.player)
        self.home = (float(w.units.x[rows[0]]), float(w.units.y[rows[0]])) if rows else w.map.start_locations[0]
        gaps = [math.dist(self.home, place) for place in w.map.start_locations]
        self.start = int(np.argmin(gaps))
        self.bases = self.sites.order(self.start)

    def _bonus(self, game: Game) -> None:
        """The cheating levels get a share of what they mined on top."""
        if not self.level.income:
            return
        players = game.world.players
        now = (float(players.collected_minerals[self.player]), float(players.collected_gas[self.player]))
        players.minerals[self.player] += math.floor((now[0] - self.mined[0]) * self.level.income)
        players.gas[self.player] += math.floor((now[1] - self.mined[1]) * self.level.income)
        self.mined = now

"""Who meets whom next: mostly those whose games are not decided before they begin.

Prioritised fictitious self-play (Vinyals et al. 2019): an opponent whom the learner beats with probability w is drawn
with a weight of 4 w (1 - w), never below a floor, so that nobody is forgotten. First the kind of opponent is drawn by
fixed shares, then the opponent.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from cherrypy_bot.learn.league.orders import GAME_STEP, LOOP_LIMIT, GameOrder, Player
from cherrypy_bot.learn.league.pool import BUILD, COMPUTER, SCRIPTED, SELF, SNAPSHOT, Member
from cherrypy_bot.learn.league.store import Game

SHARES: Final[Mapping[str, float]] = {SCRIPTED: 0.6, COMPUTER: 0.1, BUILD: 0.15, SNAPSHOT: 0.05, SELF: 0.1}
FLOOR: Final = 0.1
"""Least weight of an opponent; one that is beaten every second time has 1."""
_SEED_BITS: Final = 31


def priority(won: float, games: int) -> float:
    """Weight of an opponent: 1 where nothing is known or all is open, FLOOR where all is decided."""
    rate = (won + 1.0) / (games + 2.0)
    return max(FLOOR, 4.0 * rate * (1.0 - rate))


class LeaguePlanner:
    """Plans the games of a league; the same seed and results plan the same games.

    Args:
        group: of the orders.
        learners: per race.
        members: everybody else; the learners meet each other, too.
        maps: drawn uniformly.
        games: that there are already, finished or not.
    """

    def __init__(
        self,
        group: str,
        learners: Mapping[str, Player],
        members: Sequence[Member],
        maps: Sequence[str],
        seed: int,
        games: Sequence[Game] = (),
        *,
        game_step: int = GAME_STEP,
        loop_limit: int = LOOP_LIMIT,
    ) -> None:
        self._group, self._seed, self._maps = group, seed, tuple(maps)
        self._learners = dict(learners)
        self._step, self._limit = game_step, loop_limit
        self._kinds: dict[str, list[Member]] = defaultdict(list)
        for member in members:
            self._kinds[member.kind].append(member)
        self._kinds[SELF] = [Member(SELF, player) for player in self._learners.values()]
        self._won: defaultdict[tuple[str, str], float] = defaultdict(float)
        self._played: Counter[tuple[str, str]] = Counter()
        self._planned: Counter[str] = Counter()
        self._number = 0
        for game in games:
            self._number += 1
            self._planned[game.order.players[0].name] += 1
            self.finished(game)

    def finished(self, game: Game) -> None:
        """Learn from a result."""
        if game.result is None or game.result.void:
            return
        names = [player.name for player in game.order.players]
        for side in (0, 1):
            pair = (names[side], names[1 - side])
            self._won[pair] += game.result.score(side)
            self._played[pair] += 1

    def next(self) -> GameOrder:
        """The next game: the learner with the fewest, whom the draw gives it, anywhere."""
        rng = np.random.default_rng([self._seed, self._number])
        self._number += 1
        learner = min(self._learners.values(), key=lambda player: self._planned[player.name])
        self._planned[learner.name] += 1
        kinds = [kind for kind, members in self._kinds.items() if members]
        shares = np.array([SHARES[kind] for kind in kinds])
        kind = kinds[int(rng.choice(len(kinds), p=shares / shares.sum()))]
        members = self._kinds[kind]
        weights = np.array([self.weight(learner, member.player) for member in members])
        member = members[int(rng.choice(len(members), p=weights / weights.sum()))]
        explorers = {player.name for player in self._learners.values()}
        return GameOrder(
            players=(learner, member.player),
            map_name=self._maps[int(rng.integers(len(self._maps)))],
            seed=int(rng.integers(1 << _SEED_BITS)),
            game_step=self._step,
            loop_limit=self._limit,
            group=self._group,
            collect=(0, 1) if member.player.name in explorers else (0,),
            cell={"kind": kind},
        )

    def weight(self, learner: Player, opponent: Player) -> float:
        """With which weight the learner meets an opponent; itself as if all were open."""
        if learner.name == opponent.name:
            return 1.0
        pair = (learner.name, opponent.name)
        return priority(self._won[pair], self._played[pair])

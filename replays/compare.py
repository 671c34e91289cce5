"""Two players' openings side by side: what one did that the other did not, and who was earlier."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from replays.errors import ReplayError
from replays.model import BuildItem, PlayerData, ReplayData


@dataclass(frozen=True, slots=True)
class Difference:
    """The n-th of a kind in both builds; None where one has no such. `later_loops`: second after first."""

    name: str
    number: int
    first: BuildItem | None
    second: BuildItem | None

    @property
    def later_loops(self) -> int | None:
        """How much later the second began it, None where one did not."""
        if self.first is None or self.second is None:
            return None
        return self.second.start - self.first.start


def choose_players(a: ReplayData, b: ReplayData, name: str | None) -> tuple[PlayerData, PlayerData]:
    """Whom to compare: the named player, else one who played both games, else one of the same race, else the winners.

    Raises:
        ReplayError: where the named player is not in both replays.
    """
    if name is not None:
        return player_named(a, name), player_named(b, name)
    for one in a.players:
        for other in b.players:
            if one.name == other.name and one.race == other.race:
                return one, other
    first = a.winner or a.players[0]
    same_race = [player for player in b.players if player.race == first.race]
    return first, max(same_race or [b.winner or b.players[0]], key=lambda player: player.result == "Win")


def player_named(replay: ReplayData, name: str) -> PlayerData:
    """A player by name (upper and lower case alike) or number.

    Raises:
        ReplayError: where no player is called so.
    """
    for player in replay.players:
        if player.name.casefold() == name.casefold() or str(player.player_id) == name:
            return player
    names = " and ".join(player.name for player in replay.players)
    raise ReplayError(f"no player is called {name!r}; {names} play on {replay.map_name}")


def differences(first: PlayerData, second: PlayerData, until: int) -> list[Difference]:
    """Items begun before a loop in either build, workers left out, in order of the earlier start."""
    one, other = _numbered(first, until), _numbered(second, until)
    found = [
        Difference(name, number, one.get((name, number)), other.get((name, number))) for name, number in one | other
    ]
    found.sort(key=lambda row: min(item.start for item in (row.first, row.second) if item is not None))
    return found


def _numbered(player: PlayerData, until: int) -> dict[tuple[str, int], BuildItem]:
    seen: defaultdict[str, int] = defaultdict(int)
    found: dict[tuple[str, int], BuildItem] = {}
    for item in player.build:
        if item.kind == "worker" or item.status == "cancelled" or item.start >= until:
            continue
        seen[item.name] += 1
        found[(item.name, seen[item.name])] = item
    return found

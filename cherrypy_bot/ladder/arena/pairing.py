"""Who meets whom: everybody everybody, or neighbours in rating. Pure functions; the same input, the same pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from cherrypy_bot.ladder.arena.store import MatchRow, Pairing, Rating

MEETING_COST = 2.0
"""A pair that has met once is as unattractive as one so much further apart in mu."""
_SEED_STRIDE = 7919


def round_robin(names: Sequence[str], rounds: int, maps: Sequence[str], seed: int) -> list[Pairing]:
    """Every pair once a round; sides change from round to round, maps from match to match of a pair."""
    pairs = list(combinations(names, 2))
    matches = []
    for number in range(rounds):
        for index, pair in enumerate(pairs):
            first, second = pair if (number + index) % 2 == 0 else pair[::-1]
            map_name = maps[(number // 2 + index) % len(maps)]  # both sides of a map before the next one
            matches.append(_pairing(number + 1, index, first, second, map_name, seed))
    return matches


def ladder_round(
    number: int, ratings: Mapping[str, Rating], played: Sequence[MatchRow], maps: Sequence[str], seed: int
) -> list[Pairing]:
    """Pairs of neighbours in rating, those who met less often first; with an odd number the busiest sits out.

    Args:
        number: of the round, from 1.
        played: all earlier matches.
    """
    games = {name: sum(name in (row.bot1, row.bot2) for row in played) for name in ratings}
    waiting = sorted(ratings, key=lambda name: (-ratings[name].mu, name))
    if len(waiting) % 2:
        waiting.remove(max(reversed(waiting), key=lambda name: games[name]))
    matches: list[Pairing] = []
    while waiting:
        first = waiting.pop(0)

        def cost(other: str, first: str = first) -> float:
            met = sum({row.bot1, row.bot2} == {first, other} for row in played)
            return abs(ratings[first].mu - ratings[other].mu) + MEETING_COST * met

        second = min(waiting, key=cost)
        waiting.remove(second)
        hosted = sum(row.bot1 == first for row in played) - sum(row.bot1 == second for row in played)
        if hosted > 0:
            first, second = second, first
        map_name = maps[(number - 1 + len(matches)) % len(maps)]
        matches.append(_pairing(number, len(matches), first, second, map_name, seed))
    return matches


def _pairing(number: int, index: int, first: str, second: str, map_name: str, seed: int) -> Pairing:
    return Pairing(number, first, second, map_name, seed + _SEED_STRIDE * (number - 1) + index)

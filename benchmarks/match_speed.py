"""Speed of whole matches in this process: bot against scripted bot at 4 loops a step, in times real time.

Run as `python -m benchmarks.match_speed` from the project's root. The seconds are those of the whole match, both
bots' thinking included; the rows below split them.
"""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.common import Row, arguments, machine, measured, publish
from cherrypy_bot.config import load_config
from cherrypy_bot.ladder.match import MatchSetup, play_match
from cherrypy_bot.ladder.players import contenders, quiet_python_sc2
from cherrypy_bot.ladder.report import LOOPS_PER_SECOND, MatchReport

PAIRINGS = (
    ("cherry_terran", "one_base_rush_zerg"),
    ("cherry_protoss", "one_base_rush_terran"),
    ("cherry_zerg", "one_base_rush_protoss"),
    ("one_base_rush_terran", "one_base_rush_protoss"),
)


def play(first: str, second: str, map_name: str, seed: int, loop_limit: int) -> MatchReport:
    """One match from the configuration of the project's root."""
    sides = contenders(load_config(None), first, second, seed=seed, game_step=4)
    return play_match(MatchSetup(sides, map_name, seed=seed, loop_limit=loop_limit))


def rows(pairings: Sequence[tuple[str, str]], map_name: str, runs: int, loop_limit: int) -> list[Row]:
    """Per pairing: speed of the match, each side's milliseconds a step, and the rest per loop."""
    play("worker_rush_zerg", "computer:terran:VeryEasy", map_name, 1, 400)  # compile before anything is measured
    found: list[Row] = []
    for first, second in pairings:
        reports = [play(first, second, map_name, seed, loop_limit) for seed in range(1, runs + 1)]
        found.append(measured(f"{first} v {second}", [r.x_realtime for r in reports], "x real time", at_least=20))
        for side, name in enumerate((first, second)):
            steps = [step.mean for r in reports if (step := r.players[side].step) is not None]
            if steps:
                found.append(measured(f"  {name} a step", steps, "ms"))
        found.append(measured("  engine and API a loop", [_engine_us(r) for r in reports], "us"))
        found.append(measured("  length", [r.loops / LOOPS_PER_SECOND for r in reports], "game s"))
    return found


def _engine_us(report: MatchReport) -> float:
    """Microseconds per loop that neither bot used."""
    thinking = sum(p.step.mean * p.step.count / 1000 for p in report.players if p.step is not None)
    return 1e6 * (report.wall_seconds - thinking) / max(1, report.loops)


def main() -> None:
    """Measures and publishes."""
    parser = arguments(str(__doc__).splitlines()[0])
    parser.add_argument("--map", default="CherryGroveLE", help="map to play on")
    parser.add_argument("--loop-limit", type=int, default=22_400, help="a match ends here at the latest")
    options = parser.parse_args()
    quiet_python_sc2()
    host = machine()
    publish("match_speed", rows(PAIRINGS, options.map, options.runs, options.loop_limit), host, options)


if __name__ == "__main__":
    main()

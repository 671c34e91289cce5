"""A StarCraft II installation: where it is looked for, which maps it has, and a match on it by python-sc2."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sc2 import maps as sc2_maps
from sc2 import paths as sc2_paths
from sc2.data import Result
from sc2.main import run_game
from sc2.player import Bot, Computer

from cherrypy_bot.ladder.contender import Contender, set_game_step
from cherrypy_bot.ladder.errors import MatchError
from cherrypy_bot.ladder.report import MatchReport, PlayerReport


@dataclass(frozen=True)
class Installation:
    """What python-sc2 would start.

    Attributes:
        base: the StarCraft II folder, None where none was found.
        executable: newest game binary in it, None where `base` holds none.
        maps: names of the installed maps.
        looked: every place that was tried, in order, as "where: what was there".
    """

    base: Path | None
    executable: Path | None
    maps: tuple[str, ...]
    looked: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether a game can be started."""
        return self.executable is not None


def find_installation() -> Installation:
    """Looks where python-sc2 looks, in its order, without ending the program where nothing is there."""
    looked: list[str] = []
    for origin, folder in _candidates():
        base = Path(folder).expanduser()
        executable = _newest_executable(base)
        if executable is not None:
            return Installation(base, executable, _map_names(base), (*looked, f"{origin}: {base}"))
        why = "no such folder" if not base.is_dir() else "no Versions/Base*/ with the game in it"
        looked.append(f"{origin}: {base} ({why})")
        if origin == "SC2PATH":  # python-sc2 tries nothing else once the variable is set
            break
    return Installation(None, None, (), tuple(looked))


def missing_installation_message(installation: Installation) -> str:
    """One line for the user: what was looked for and what to do."""
    unset = "" if os.environ.get("SC2PATH") else "SC2PATH is not set; "
    return (
        f"no StarCraft II installation was found ({unset}looked at {'; '.join(installation.looked)}): "
        "install the game and set SC2PATH to its folder, or play on the embedded engine with --engine sim"
    )


def play_installed(
    contenders: tuple[Contender, Contender],
    map_name: str,
    *,
    seed: int,
    realtime: bool,
    game_step: int,
    replay: Path | None,
    traces: Mapping[int, Path] | None = None,
    loop_limit: int,
) -> MatchReport:
    """Plays one match on the installed game through python-sc2's own `run_game`.

    Raises MatchError where the game or the map is not installed. The game's own random numbers make it repeat
    itself only in part: the seed fixes the game's side, not the timing of two processes.
    """
    installation = find_installation()
    if not installation.complete:
        raise MatchError(missing_installation_message(installation))
    if map_name not in installation.maps:
        known = ", ".join(installation.maps[:8]) or "none at all"
        raise MatchError(
            f"map {map_name} is not installed in {installation.base} (found: {known}): "
            "put its .SC2Map file into the Maps folder or choose another with --map"
        )
    players = (contenders[0].player, contenders[1].player)
    bots = [player.ai for player in players if isinstance(player, Bot)]
    for ai in bots:
        set_game_step(ai, game_step)
    if replay is not None:
        replay.parent.mkdir(parents=True, exist_ok=True)
    started = time.perf_counter()
    outcome = run_game(
        sc2_maps.get(map_name),
        list(players),
        realtime=realtime,
        save_replay_as=str(replay) if replay is not None else None,
        game_time_limit=int(loop_limit / 22.4),
        random_seed=seed,
    )
    wall_seconds = time.perf_counter() - started
    results = _results(outcome, players)
    reports = [
        PlayerReport(
            name=contender.name,
            race=contender.player.race.name.lower(),
            result=result,
            orders=contender.orders() if contender.orders is not None else None,
            modules=contender.modules(),
            switched_off=contender.modules_off(),
        )
        for contender, result in zip(contenders, results, strict=True)
    ]
    return MatchReport(
        map_name=map_name,
        seed=seed,
        engine="sc2",
        game_step=game_step,
        realtime=realtime,
        loops=max(ai.state.game_loop if hasattr(ai, "state") else 0 for ai in bots),
        wall_seconds=wall_seconds,
        players=(reports[0], reports[1]),
        replay=str(replay) if replay is not None and replay.exists() else None,
        traces={contenders[side].name: str(path) for side, path in (traces or {}).items()},
    )


def _candidates() -> list[tuple[str, str]]:
    """Places in python-sc2's order of preference, each with the reason why it is one."""
    places: list[tuple[str, str]] = []
    from_environment = os.environ.get("SC2PATH")
    if from_environment:
        places.append(("SC2PATH", from_environment))
    from_game_settings = sc2_paths.get_user_sc2_install() if sc2_paths.PF in sc2_paths.USERPATH else None
    if from_game_settings:
        places.append(("ExecuteInfo.txt", str(from_game_settings)))
    default = sc2_paths.BASEDIR.get(sc2_paths.PF)
    if default:
        places.append((f"default on {platform.system()}", default))
    return places


def _newest_executable(base: Path) -> Path | None:
    versions = base / "Versions"
    if not versions.is_dir():
        return None
    builds = sorted(
        (int(folder.name[4:]), folder / sc2_paths.BINPATH[sc2_paths.PF])
        for folder in versions.iterdir()
        if folder.name.startswith("Base") and folder.name[4:].isdigit()
    )
    existing = [executable for _, executable in builds if executable.exists()]
    return existing[-1] if existing else None


def _map_names(base: Path) -> tuple[str, ...]:
    for folder in (base / "maps", base / "Maps"):
        if folder.is_dir():
            found = [*folder.glob("*.SC2Map"), *folder.glob("*/*.SC2Map")]
            return tuple(sorted({path.stem for path in found}))
    return ()


def _results(outcome: object, players: tuple[Bot | Computer, Bot | Computer]) -> tuple[str, str]:
    """python-sc2 answers one Result against a computer and a list of two between bots."""
    if isinstance(outcome, list):
        first, second = (value.name if isinstance(value, Result) else "Undecided" for value in outcome)
        return first, second
    mine = outcome.name if isinstance(outcome, Result) else "Undecided"
    other = {"Victory": "Defeat", "Defeat": "Victory"}.get(mine, mine)
    return (mine, other) if isinstance(players[0], Bot) else (other, mine)

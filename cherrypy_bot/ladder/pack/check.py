"""A match with a packed bot as the ladder would play it: unpacked into an empty folder, with what the image has.

The interpreter that runs it sees the standard library, the image's packages and the zip, nothing else that is
installed here. The opponent is a small scripted bot, or whom the user names.
"""

from __future__ import annotations

import asyncio
import platform
import sys
import tempfile
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

from cherrypy_bot.ladder.arena.entrants import Entrant, find_entrants, lay_out
from cherrypy_bot.ladder.arena.match import ArenaMatch, BotCommand, MatchPlan
from cherrypy_bot.ladder.arena.rules import ArenaResult, ArenaRules
from cherrypy_bot.ladder.errors import MatchError
from cherrypy_bot.ladder.pack import archive, image
from cherrypy_bot.ladder.pack.contents import STAYS_HERE

SPARRING = """\
bots:
  sparring:
    race: zerg
    class: cherrypy_bot.opponents.worker_rush.WorkerRush
"""
LOG_LINES = 12


@dataclass(frozen=True)
class CheckResult:
    """What came of a check.

    Attributes:
        result: of the match; the zip is player 1.
        python: which interpreter ran the zip.
        missing: packages of the image that are not installed here; a bot that needs one fails here only.
        problem: why the zip is not fit for the ladder, None where it is.
        last_words: the end of the bot's output.
    """

    result: ArenaResult
    python: str
    missing: tuple[str, ...]
    problem: str | None
    last_words: tuple[str, ...]


def check(
    path: Path, *, map_name: str, seed: int, opponent: str | None, python: str | None, rules: ArenaRules
) -> CheckResult:
    """Unpack a zip and play a match with it.

    Args:
        opponent: a name in bots.yaml, a folder or a zip; None is the sparring bot.
        python: an interpreter that has what the image has; None restricts this one to it.

    Raises MatchError for a file that the ladder would not take, without playing.
    """
    (entrant,) = find_entrants([str(path)], None)
    if entrant.kind != "zip":
        raise MatchError(f"{path} is a folder; --check takes the zip")
    archive.check_size(path)
    _check_names(path)
    with tempfile.TemporaryDirectory(prefix="cherrypy-check-") as name:
        work = Path(name)
        log = work / "bot.log"
        command = lay_out(entrant, work / "bot", None, log, python or sys.executable)
        missing: list[str] = []
        if python is None:
            missing = image.link_packages(work / "image")
            command = _restricted(command, work / "image")
        other = lay_out(_opponent(opponent, work), work / "opponent", None, work / "opponent.log")
        if other.name == command.name:
            other = replace(other, name=f"{other.name}2")
        plan = MatchPlan((command, other), map_name, seed=seed, rules=rules)
        result = asyncio.run(ArenaMatch(plan).play())
        words = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.is_file() else []
    return CheckResult(
        result=result,
        python=python or f"Python {platform.python_version()} with the image's packages",
        missing=tuple(missing),
        problem=_problem(result),
        last_words=tuple(words[-LOG_LINES:]),
    )


def _check_names(path: Path) -> None:
    """MatchError for what has no place in a zip for the ladder."""
    with zipfile.ZipFile(path) as files:
        names = files.namelist()
    for package, what in STAYS_HERE.items():
        place = package.replace(".", "/")
        found = next((name for name in names if name.startswith((place + "/", place + ".py"))), None)
        if found is not None:
            raise MatchError(f"{path} has {found}: {what} does not go to the ladder; pack the bot anew")


def _restricted(command: BotCommand, packages: Path) -> BotCommand:
    environment = {**command.environment, "PYTHONPATH": str(packages), "PYTHONNOUSERSITE": "1"}
    python, *rest = command.arguments
    return replace(command, arguments=(python, "-S", *rest), environment=environment)


def _opponent(text: str | None, work: Path) -> Entrant:
    if text is not None:
        return find_entrants([text], None)[0]
    path = work / "sparring.yaml"
    path.write_text(SPARRING, encoding="utf-8")
    return find_entrants(["sparring"], path)[0]


def _problem(result: ArenaResult) -> str | None:
    ending = result.verdict.ending
    if not ending.rated:
        return f"there was no match: {result.verdict.reason}"
    failed = ending.value in ("Player1Crash", "Player1TimeOut")
    return result.verdict.reason if failed else None

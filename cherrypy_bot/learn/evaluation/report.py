"""The evaluation as a page: tables, and every goal with what was measured. All of it follows from two JSON files.

rows    docs/selector-evaluation.json, the games of every policy (`table.Row`)
facts   docs/selector-facts.json, per race what else was measured: matrix, trainings, calibration, commands
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from cherrypy_bot.learn.evaluation.intervals import wilson
from cherrypy_bot.learn.evaluation.matrix import Cell
from cherrypy_bot.learn.evaluation.table import BANDIT, BEST_FIXED, ORACLE, SELECTOR, Row, sorted_rows
from cherrypy_bot.learn.league.split import HELD_OUT, TRAINING

OVER_BEST_FIXED: Final = 0.10
OVER_BANDIT: Final = 0.05
OF_ORACLE: Final = 0.90
MOST_ECE: Final = 0.05
HEAD: Final = """# The selector against other policies

Written by `cherrypy-bot train whole` from [selector-evaluation.json](selector-evaluation.json) and
[selector-facts.json](selector-facts.json); [league.md](league.md) says what the policies are and how they are compared.
Games won, with Wilson's 95 % intervals; a tie was not won.
"""


def difference(first: Cell, second: Cell) -> tuple[float, float, float]:
    """Share of wins of the first less the second's, with Newcombe's 95 % interval (1998, method 10)."""
    mine, other = wilson(first.wins, first.games), wilson(second.wins, second.games)
    gap = first.share - second.share
    low = math.hypot(first.share - mine[0], other[1] - second.share)
    high = math.hypot(mine[1] - first.share, second.share - other[0])
    return gap, gap - low, gap + high


def goals(rows: Sequence[Row], facts: Mapping[str, Any], race: str) -> list[tuple[str, str, bool]]:
    """(goal, what was measured, whether it is met) of a race, as far as its rows tell."""
    cells: dict[tuple[str, str], Cell] = {}
    for row in rows:
        if row.race == race:
            # Held-out opponents on whatever maps: all of these games are unknown ground.
            key = (row.policy, TRAINING if (row.opponents, row.maps) == (TRAINING, TRAINING) else row.opponents)
            old = cells.get(key, Cell())
            cells[key] = Cell(old.games + row.games, old.wins + row.wins)
    found = []
    for other, part, least in (
        (BEST_FIXED, TRAINING, OVER_BEST_FIXED),
        (BANDIT, TRAINING, OVER_BANDIT),
        (BEST_FIXED, HELD_OUT, 0.0),
    ):
        mine, theirs = cells.get((SELECTOR, part)), cells.get((other, part))
        if mine is not None and theirs is not None:
            gap, low, high = difference(mine, theirs)
            goal = f"{part} opponents: {SELECTOR} beats {other} by at least {100 * least:.0f} points"
            text = f"{100 * gap:+.1f} points ({100 * low:+.1f} to {100 * high:+.1f})"
            found.append((goal, text, gap >= least))
    mine, best = cells.get((SELECTOR, TRAINING)), cells.get((ORACLE, TRAINING))
    if mine is not None and best is not None and best.wins:
        reached = mine.share / best.share
        found.append((f"{TRAINING} opponents: at least 90 % of the {ORACLE}", f"{reached:.0%}", reached >= OF_ORACLE))
    errors = facts.get("calibration", {}).get("all")
    if errors:
        found.append(
            (
                f"calibration error at most {MOST_ECE}",
                f"{errors['ece']:.3f} over {errors['count']:,} evaluations of {errors['games']} games",
                errors["ece"] <= MOST_ECE,
            )
        )
    return found


def page(rows: Iterable[Row], facts: Mapping[str, Mapping[str, Any]]) -> str:
    """The page in Markdown, the same for the same numbers."""
    ordered = sorted_rows(rows)
    parts = [HEAD]
    for race in sorted({row.race for row in ordered} | set(facts)):
        mine = facts.get(race, {})
        parts.append(f"## {race.capitalize()}\n")
        parts += [_games([row for row in ordered if row.race == race]), _goals(goals(ordered, mine, race))]
        parts += [_matrix(mine.get("matrix")), _trainings(mine.get("trainings", {}))]
        parts += [_calibration(mine.get("calibration", {})), _commands(mine)]
    return "\n".join(part for part in parts if part).rstrip("\n") + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _games(rows: Sequence[Row]) -> str:
    return _table(
        ("opponents", "maps", "policy", "games", "won", "share", "95 %"),
        (
            (
                *(row.opponents, row.maps, row.policy, str(row.games), str(row.wins)),
                f"{row.wins / row.games:.1%}" if row.games else "",
                f"{row.ci_low:.1%} - {row.ci_high:.1%}",
            )
            for row in rows
        ),
    )


def _goals(found: Sequence[tuple[str, str, bool]]) -> str:
    return _table(("goal", "measured", "met"), ((a, b, "yes" if met else "no") for a, b, met in found)) if found else ""


def _matrix(spread: Mapping[str, Any] | None) -> str:
    if not spread:
        return ""
    best = spread["best_fixed"]
    fixed = f"{best['share']:.0%} ({best['build']})" if best["build"] else "none"
    return (
        f"Builds against opponents, {spread['games']} games: random openings win {spread['random']:.0%}, the best\n"
        f"fixed one {fixed}, the best per opponent {spread['oracle']:.0%} (chosen and counted on the same games);\n"
        f"{len(spread['told_apart'])} of {spread['opponents']} opponents tell builds apart, {spread['best_differs']}"
        " builds are the best against somebody.\n"
    )


def _trainings(cards: Mapping[str, Mapping[str, Any]]) -> str:
    rows = []
    for name, card in cards.items():
        for which in ("model", "constant"):
            if which == "model" or name == next(iter(cards)):
                errors = card["metrics"][which]
                label = name if which == "model" else "the win rate of training"
                numbers = (f"{errors[key]:.4f}" for key in ("log_loss", "brier", "auc", "ece"))
                rows.append((label, *numbers, f"{card['training_games']} + {card['validation_games']}"))
    head = ("validation decisions", "log loss", "Brier", "AUC", "ECE", "games, training + validation")
    return _table(head, rows) if rows else ""


def _calibration(found: Mapping[str, Mapping[str, Any]]) -> str:
    head = ("the selector's probabilities in its games", "games", "said", "won", "ECE", "ECE if all were true")
    rows = (
        (
            *(name, str(row["games"]), f"{row['predicted']:.1%}", f"{row['won']:.1%}", f"{row['ece']:.3f}"),
            f"{row['ece_if_true']:.3f}" if "ece_if_true" in row else "",
        )
        for name, row in found.items()
    )
    return _table(head, rows) if found else ""


def _commands(facts: Mapping[str, Any]) -> str:
    if not facts.get("commands"):
        return ""
    hours = ", ".join(f"{name} {hours:.1f}" for name, hours in facts.get("cpu_hours", {}).items())
    lines = "\n".join(facts["commands"])
    return f"Made by (hours of one core: {hours}):\n\n```\n{lines}\n```\n"

"""Times with a stopwatch: what replays say a thing takes, against the same thing made on the engine.

`facts/build_durations.csv` holds one row per thing, patch and way of measuring. The same way is played here: a
structure from its placement to its end, an egg from the larva's change to the birth, two births in a row from a filled
queue, a research or a morph of a town hall from the command on, a cocoon from change to change, a warp-in from the
unit's appearance to its end.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cherrypy_bot.sim.abilities import placement
from cherrypy_bot.sim.abilities.table import command_table
from cherrypy_bot.sim.game import Game
from cherrypy_bot.sim.rules import CommandRule, Ruleset, load_ruleset
from cherrypy_bot.sim.state import NEUTRAL
from cherrypy_bot.sim.truth import source
from cherrypy_bot.sim.truth.stage import GEYSER, PLACE, give, put, rows, stage, until

TOLERANCE = 0.01
COLUMNS = ("kind", "name", "release", "n", "mode", "mode_n", "matches")
PATCH_5_0_16 = (5, 0, 16)
RULESETS = {False: "5.0.14", True: "5.0.16"}
"""Ruleset that rows are played with: those since patch 5.0.16 with its own."""
AS_OURS = "game_data"
"""`matches` names this data set where the row's time is that of patch 5.0.14."""
TIMES_OF_ALL_PATCHES = {("warp_in", 81), ("warp_in", 256), ("warp_in", 192)}
"""Warp-ins have no entry in the game's data: these times hold in every patch before 5.0.16 (256: far from a nexus or
gate; 192: an Archon)."""
SLOW_WARP_IN = 256
FOREIGN = "the time of another patch"
MIXED = "chrono boost, waiting in a queue or idling is in the number"
LAUNCH = "the way from the mother tumour is in the number"
STRAY = "a single structure whose builder was called away"


@dataclass(frozen=True)
class Duration:
    """One row: what was measured, and what the engine takes. `left_out` says why a row cannot be compared."""

    kind: str
    name: str
    release: str
    count: int
    measured: float
    engine: float | None = None
    left_out: str = ""

    @property
    def error(self) -> float:
        """Engine's time over the measured one, less 1; nan where the row is left out."""
        return math.nan if self.engine is None else self.engine / self.measured - 1.0

    @property
    def agrees(self) -> bool:
        """Whether both agree within `TOLERANCE`."""
        return self.engine is not None and abs(self.error) <= TOLERANCE


def compare_durations(path: Path, progress: Callable[[str], None] | None = None) -> list[Duration]:
    """Every row of the folder's build_durations.csv beside the engine's time, in the file's order.

    Raises:
        TruthError: there is no such file, or the engine cannot make a thing.
    """
    file = source.facts(path, "build_durations.csv") if path.is_dir() else None
    if file is None:
        raise source.TruthError(f"{path} holds no facts/build_durations.csv; give the folder with measured durations")
    watch = Stopwatch(progress)
    out = []
    for line, row in enumerate(source.read_table(file, *COLUMNS), start=2):
        try:
            out.append(_compare(row, watch))
        except (KeyError, ValueError, StopIteration) as error:
            what = f"{row['kind']} {row['name']} of {row['release']}"
            raise source.TruthError(f"{file}, line {line}: {what} is nothing that can be made ({error!r})") from error
    return out


def _compare(row: dict[str, str], watch: Stopwatch) -> Duration:
    kind, name, release, mode = row["kind"], row["name"], row["release"], float(row["mode"])
    since_16 = tuple(int(part) for part in release.split(".")[:3]) >= PATCH_5_0_16
    reason = _left_out(row, mode, since_16)
    engine = None if reason else watch.time(RULESETS[since_16], kind, name, slow=mode == SLOW_WARP_IN)
    return Duration(kind, name, release, int(row["n"]), mode, engine, reason)


def _left_out(row: dict[str, str], mode: float, since_16: bool) -> str:
    """Why a row says nothing of this engine's rulesets, "" where it does."""
    kind = row["kind"]
    if kind == "creep_tumor" and row["name"] == "CreepTumor":
        return LAUNCH
    if AS_OURS in row["matches"].split("|") or (kind, mode) in TIMES_OF_ALL_PATCHES:
        return ""
    if kind in ("research_cmd", "train_interval"):
        return MIXED if "older_clean" not in row["matches"] else FOREIGN
    if since_16 or row["name"] == "ExtractorRich":
        return ""
    return STRAY if kind == "structure" else FOREIGN


class Stopwatch:
    """Plays each thing once per ruleset and remembers its time.

    Args:
        progress: told the name of each thing before it is made.
    """

    def __init__(self, progress: Callable[[str], None] | None = None) -> None:
        self._progress = progress
        self._times: dict[tuple[str, str, str, bool], float] = {}

    def time(self, ruleset: str, kind: str, name: str, *, slow: bool = False) -> float:
        """Loops that a thing takes; `slow`: warped in far from any nexus or gate."""
        key = (ruleset, kind, name, slow)
        if key not in self._times:
            if self._progress is not None:
                self._progress(name)
            self._times[key] = float(_play(ruleset, kind, name, slow))
        return self._times[key]


def _play(ruleset: str, kind: str, name: str, slow: bool) -> int:
    rules = load_ruleset(ruleset)
    if kind == "research_cmd":
        return _research(ruleset, rules, name)
    if name == "Archon":
        return _archon(ruleset, rules)
    if kind == "warp_in":
        return _warp_in(ruleset, rules, name, slow)
    rule = command_table(rules).makers[rules.unit(name.removesuffix("Rich")).id]
    game = stage(ruleset, rules.units[rule.caster].race)
    if kind == "train_interval":
        return _train_twice(game, rule, name)
    if kind == "egg":
        return _hatch(game, rule, name)
    if kind in ("morph_cocoon", "morph_cmd"):
        return _morph(game, rule, from_cocoon=kind == "morph_cocoon")
    return _build(game, rule, name)


def _caster(game: Game, rule: CommandRule) -> int:
    """Somebody who can carry the command out, at the place where things are made."""
    rules = game.world.rules
    row = put(game, rules.units[rule.caster].name, *PLACE)
    game.world.units.energy[row] = game.world.units.energy_max[row]
    if rule.requirement is not None:
        _attach(game, row, rule)
    game.step(1)
    return row


def _attach(game: Game, row: int, rule: CommandRule) -> None:
    """The tech lab that the command asks for."""
    rules = game.world.rules
    parts = rule.requirement if rule.requirement and rule.requirement[0] == "and" else ("and", rule.requirement)
    for part in parts[1:]:
        if part is not None and part[0] == "attached":
            u = game.world.units
            lab = put(game, rules.units[part[1][0]].name, *placement.addon_position(float(u.x[row]), float(u.y[row])))
            u = game.world.units
            u.addon[row], u.addon[lab] = lab, row


def _build(game: Game, rule: CommandRule, name: str) -> int:
    w = game.world
    if name.endswith("Rich"):
        for row in w.rows_of(NEUTRAL):
            if w.rules.units[int(w.units.type_id[row])].is_geyser:
                w.remove(row)
        rich = next(u.name for u in w.rules.units.values() if u.is_geyser and u.is_rich)
        put(game, rich, *GEYSER, owner=NEUTRAL)
    caster = _caster(game, rule)
    before = {w.tag(r) for r in w.rows_of(0)}
    if rule.how == "addon":
        give(game, caster, rule)
    elif w.rules.units[rule.product].is_gas_building:
        geyser = next(r for r in w.rows_of(NEUTRAL) if w.rules.units[int(w.units.type_id[r])].is_geyser)
        give(game, caster, rule, target=geyser)
    else:
        half = 0.0 if w.rules.units[rule.product].footprint_w % 2 else 0.5
        give(game, caster, rule, at=(PLACE[0] + half, PLACE[1] + half))

    def placed() -> list[int]:
        return [r for r in w.rows_of(0) if w.tag(r) not in before and w.units.build_total[r] > 0]

    start = until(game, lambda: bool(placed()))
    row = placed()[0]
    return until(game, lambda: w.units.build_left[row] <= 0) - start


def _hatch(game: Game, rule: CommandRule, name: str) -> int:
    larva = rows(game, "Larva")[0]
    before, start = len(rows(game, name)), game.loop
    give(game, larva, rule)
    return until(game, lambda: len(rows(game, name)) > before) - start


def _train_twice(game: Game, rule: CommandRule, name: str) -> int:
    caster = _caster(game, rule)
    births: list[int] = []
    for _ in range(2):
        give(game, caster, rule)
    for count in (1, 2):
        births.append(until(game, lambda count=count: len(rows(game, name)) >= count))  # type: ignore[misc]
    return births[1] - births[0]


def _morph(game: Game, rule: CommandRule, *, from_cocoon: bool) -> int:
    w = game.world
    caster = _caster(game, rule)
    start = game.loop
    give(game, caster, rule)
    if from_cocoon:
        start = until(game, lambda: int(w.units.type_id[caster]) == rule.via)
    return until(game, lambda: int(w.units.type_id[caster]) == rule.product) - start


def _warp_in(ruleset: str, rules: Ruleset, name: str, slow: bool) -> int:
    product = rules.unit(name).id
    every = (r for listed in rules.commands.values() for r in listed)
    rule = next(r for r in every if r.how == "warp_in" and r.product == product and r.on_card)
    game = stage(ruleset, "Protoss")
    w = game.world
    gate = put(game, "WarpGate", *PLACE)
    place = (PLACE[0] + 4, PLACE[1])
    if slow:
        place = (80.5, 50.5)
        put(game, "Pylon", 80.0, 52.0)
    game.step(2)
    give(game, gate, rule, at=place)
    start = game.loop
    row = rows(game, name)[0]
    return until(game, lambda: w.units.build_left[row] <= 0) - start


def _archon(ruleset: str, rules: Ruleset) -> int:
    rule = command_table(rules).makers[rules.unit("Archon").id]
    game = stage(ruleset, "Protoss")
    w = game.world
    pair = [put(game, "HighTemplar", PLACE[0] + 0.5 * k, PLACE[1]) for k in range(2)]
    game.step(1)
    give(game, pair, rule)
    start = until(game, lambda: bool(rows(game, "Archon")))
    row = rows(game, "Archon")[0]
    return until(game, lambda: w.units.build_left[row] <= 0) - start


def _research(ruleset: str, rules: Ruleset, name: str) -> int:
    upgrade = rules.upgrade(name)
    every = (r for listed in rules.commands.values() for r in listed)
    rule = next(r for r in every if r.how == "research" and r.upgrade == upgrade.id and r.on_card)
    game = stage(ruleset, rules.units[rule.caster].race)
    w = game.world
    if name[-6:-1] == "Level":
        below = {rules.upgrade(name[:-1] + str(level)).id for level in range(1, int(name[-1]))}
        w.upgrades = (w.upgrades[0] | below, w.upgrades[1])
    caster = _caster(game, rule)
    start = game.loop
    give(game, caster, rule)
    return until(game, lambda: upgrade.id in w.upgrades[0]) - start

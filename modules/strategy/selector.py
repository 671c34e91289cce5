"""Asks the policy: which opening, and every five seconds whether to switch; keeps a record of all of it.

Strategy owns a `Selector` and does the switching. A decision of the policy stands for `commit_loops`: so long neither
the policy nor a `switch_to` of the new build undoes it. A switch that a build's own reaction makes keeps the policy
from switching for as long, but never another reaction. docs/selector.md says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from pydantic import Field
from sc2.data import Race

import cherrypy_bot
from cherrypy_bot.core.module import Context, ModuleOptions
from cherrypy_bot.learn.descriptors import describe
from cherrypy_bot.learn.features import FEATURES_VERSION, features
from cherrypy_bot.learn.policies import Choice, Fixed, Policy, PolicyError, PolicyOptions, Question, make_policy
from cherrypy_bot.learn.view import EVALUATE_LOOPS, SelectorRecord
from modules.build_order.builds import Build
from modules.build_order.names import RACES
from modules.keys import SELECTOR_RECORD
from modules.strategy.view import Viewer

PolicyName = Literal["fixed", "random_opening", "explore", "bandit", "selector"]
_RACE_NAMES: Final = {race: name for name, race in RACES.items()}
_PROJECT: Final = Path(cherrypy_bot.__file__).resolve().parent.parent


class SelectorOptions(ModuleOptions):
    """What `bots.yaml` may set about the choice of builds; all of it stands among the options of Strategy.

    Attributes:
        policy: who decides: "fixed" plays the configured opening; see docs/selector.md.
        weights: file of the selector's weights (.safetensors) for policies that use them, relative to the working
            folder or the project; left out, the weights that come with the project.
        candidates: names that the policy may choose from; left out, every build that is meant for the enemy's race.
        threshold: a switch must promise so much more probability of winning than staying.
        commit_loops: a decision stands for so long.
        explore_rate, explore_switches, explore_openings: random decisions of "explore": probability per evaluation,
            most per match after the opening, probability that the opening is random.
    """

    policy: PolicyName = "fixed"
    weights: str | None = None
    candidates: tuple[str, ...] = ()
    threshold: float = Field(default=0.15, ge=0.0, le=1.0)
    commit_loops: int = Field(default=22 * 60, ge=0)
    explore_rate: float = Field(default=0.02, ge=0.0, le=1.0)
    explore_switches: int = Field(default=2, ge=0)
    explore_openings: float = Field(default=1.0, ge=0.0, le=1.0)


class Selector:
    """The policy of one match, when it is asked, and what came of it.

    Args:
        builds: of the own race, by name.

    Attributes:
        policy: who decides. record: what it saw and decided; on the blackboard as SELECTOR_RECORD.
    """

    def __init__(self, ctx: Context, options: SelectorOptions, builds: dict[str, Build]) -> None:
        self._options = options
        self._builds = builds
        self._descriptors = {name: describe(build) for name, build in builds.items()}
        self._race = _RACE_NAMES.get(ctx.bot.race, "")
        self._viewer = Viewer(ctx, self._race)
        self._next_loop = 0
        self._reactions_wait_until = 0
        self._policy_waits_until = 0
        self._since = 0
        self.policy = self._make(ctx)
        self.record = SelectorRecord(tuple(builds), FEATURES_VERSION)
        ctx.board.put(SELECTOR_RECORD, self.record)
        unknown = [name for name in options.candidates if name not in builds]
        if unknown:
            ctx.log.warning(f"candidates name '{unknown[0]}', which is no build; there are {', '.join(builds)}")

    def opening(self, ctx: Context, preferred: Build, *, pinned: bool) -> Build:
        """The build to begin with.

        Args:
            preferred: what the configuration would play. pinned: it must be that one.
        """
        fit = [b.name for b in self._allowed(ctx) if b.is_opening] or [preferred.name]
        candidates = (preferred.name,) if pinned else tuple(fit)
        question = self._question(ctx, preferred.name, candidates, "")
        choice = self._ask(ctx, question, opening=True)
        name = choice.build if choice.build in candidates else preferred.name
        if self.policy.name == "fixed":
            name = preferred.name
        self._keep(ctx, question, choice, name, random=choice.random and len(candidates) > 1)
        self._policy_waits_until = ctx.loop + self._options.commit_loops
        self._since = ctx.loop
        self._next_loop = (ctx.loop // EVALUATE_LOOPS + 1) * EVALUATE_LOOPS
        if ctx.bot.history is not None:
            ctx.bot.history.note(opening=name)
        return self._builds[name]

    def switch(self, ctx: Context, current: str) -> str | None:
        """Evaluate when it is time; the name of another build to play from now on, None to go on."""
        if ctx.loop < self._next_loop:
            return None
        self._next_loop = (ctx.loop // EVALUATE_LOOPS + 1) * EVALUATE_LOOPS
        targets = tuple(b.name for b in self._allowed(ctx) if b.switch_target and b.name != current)
        question = self._question(ctx, current, targets, current)
        choice = self._ask(ctx, question, opening=False)
        allowed = question.may_switch and choice.build in (current, *targets)
        decided = choice.build if allowed else None
        self._keep(ctx, question, choice, decided, random=choice.random and bool(decided) and bool(targets))
        if decided is None:
            return None
        self._policy_waits_until = ctx.loop + self._options.commit_loops
        if decided == current:
            return None
        self._reactions_wait_until = ctx.loop + self._options.commit_loops
        self._since = ctx.loop
        ctx.log.info(f"{self.policy.name} decides for {decided}: {choice.why}")
        return decided

    def reactions_may_switch(self, loop: int) -> bool:
        """Whether a build's own `switch_to` counts now."""
        return loop >= self._reactions_wait_until

    def reacted(self, loop: int) -> None:
        """A build's own reaction has switched."""
        self._since = loop
        self._policy_waits_until = loop + self._options.commit_loops

    # ------------------------------------------------------------------------------------------

    def _make(self, ctx: Context) -> Policy:
        """The policy of the options; one that cannot be made costs a line in the log, not the match."""
        options = self._options
        told = PolicyOptions(
            weights=_find(options.weights) if options.weights else None,
            threshold=options.threshold,
            explore_rate=options.explore_rate,
            explore_switches=options.explore_switches,
            explore_openings=options.explore_openings,
        )
        try:
            return make_policy(options.policy, told, self._race)
        except PolicyError as error:
            ctx.log.error(f"{error}; the bandit decides instead")
            return make_policy("bandit", told, self._race)

    def _allowed(self, ctx: Context) -> list[Build]:
        enemy = ctx.bot.enemy_race
        names: Sequence[str] = [n for n in self._options.candidates if n in self._builds] or list(self._builds)
        return [self._builds[n] for n in names if enemy in self._builds[n].against or enemy == Race.Random]

    def _question(self, ctx: Context, preferred: str, candidates: tuple[str, ...], current: str) -> Question:
        view = self._viewer.view(ctx, current or None, ctx.loop - self._since if current else None)
        return Question(
            view=view,
            inputs=features(view),
            preferred=preferred,
            candidates=candidates,
            current=current,
            may_switch=ctx.loop >= self._policy_waits_until,
            descriptors=self._descriptors,
            history=ctx.bot.history.past if ctx.bot.history is not None else (),
            rng=ctx.rng,
        )

    def _ask(self, ctx: Context, question: Question, *, opening: bool) -> Choice:
        """The policy's answer; a policy that fails is replaced by the fixed one for the rest of the match."""
        try:
            return self.policy.opening(question) if opening else self.policy.evaluate(question)
        except Exception as error:  # whatever is wrong with a model, the match goes on
            ctx.log.error(f"policy '{self.policy.name}' failed ({type(error).__name__}: {error}); going on without it")
            self.policy = Fixed()
            return Choice(None, why="the policy failed")

    def _keep(self, ctx: Context, question: Question, choice: Choice, decided: str | None, *, random: bool) -> None:
        self.record.add(
            ctx.loop,
            question.inputs,
            build=question.current,
            switch=decided,
            random=random,
            values=choice.values,
        )
        if self.policy.name == "fixed" or not ctx.trace.enabled:
            return
        if choice.values:
            ctx.trace.selector(choice.values)
        facts: dict[str, Any] = {
            "policy": self.policy.name,
            "build": question.current,
            "decided": decided,
            "values": _rounded(choice.values),
            "spread": _rounded(choice.spread),
            "abstained": choice.abstained,
            "random": random,
            "why": choice.why,
        }
        ctx.trace.note("strategy", selector=facts)


def _rounded(values: Any) -> dict[str, float]:
    return {name: round(float(np.clip(value, -1e6, 1e6)), 4) for name, value in values.items()}


def _find(weights: str) -> Path:
    """A file below the working folder, else below the project (a packed bot's folder is its project)."""
    path = Path(weights)
    return path if path.is_absolute() or path.exists() else _PROJECT / path

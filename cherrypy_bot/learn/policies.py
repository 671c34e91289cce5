"""Who decides which build order is played: the plan, chance, a bandit over earlier matches, or the learned selector.

    policy = make_policy("explore", PolicyOptions(explore_rate=0.03))
    choice = policy.opening(question)          # at loop 0
    choice = policy.evaluate(question)         # every EVALUATE_LOOPS after that, in order, none left out

One policy object plays one match: it may carry a recurrent state from evaluation to evaluation. A policy answers
with a name out of what the question allows or with None ("go on as planned"); whoever asks does the switching.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

import numpy as np

from cherrypy_bot.core.history import PastMatch
from cherrypy_bot.learn.bandits import make_bandit, outcomes
from cherrypy_bot.learn.inference import Estimate, Model, Session
from cherrypy_bot.learn.view import FloatArray, StateView
from cherrypy_bot.learn.weights import SUFFIX, WeightsError

POLICIES: Final = ("fixed", "random_opening", "explore", "bandit", "selector")
SHIPPED: Final = Path(__file__).parent / "shipped"
PRIOR_GAMES: Final = 8.0
"""As many earlier matches weigh as much as the model's opinion of an opening."""


class PolicyError(Exception):
    """A policy that does not exist or cannot be made; the text says why and what there is."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a policy is asked with.

    Attributes:
        view, inputs: the situation, and its features (float32 [F]).
        preferred: the opening that the configuration would play.
        candidates: names that may be chosen now; the one being played is not among them.
        current: name of the build that is being played, "" at loop 0.
        may_switch: False while the last decision must stand; a policy then only looks.
        descriptors: of every build that is a candidate or current.
        history: earlier matches against this opponent, oldest first.
        rng: the only randomness that a policy may use.
    """

    view: StateView
    inputs: FloatArray
    preferred: str
    candidates: tuple[str, ...]
    current: str
    may_switch: bool
    descriptors: Mapping[str, FloatArray]
    history: Sequence[PastMatch]
    rng: np.random.Generator


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer.

    Attributes:
        build: what to play from now on; the current one means "decided to stay", None "no decision".
        values: probability of winning per build, {} where the policy has none. spread: how unsure each is.
        abstained: the policy did not trust its values.
        why: one clause for the log and the trace.
        random: drawn uniformly from all that was allowed, the current build included.
    """

    build: str | None
    values: Mapping[str, float] = field(default_factory=dict)
    spread: Mapping[str, float] = field(default_factory=dict)
    abstained: bool = False
    why: str = ""
    random: bool = False


class Policy(Protocol):
    """The openings and switches of one match."""

    name: str

    def opening(self, question: Question) -> Choice:
        """At loop 0; the choice's build is one of the candidates, None leaves it to `preferred`."""

    def evaluate(self, question: Question) -> Choice:
        """Every EVALUATE_LOOPS; None or the current build leaves things as they are."""


@dataclass(frozen=True, slots=True)
class PolicyOptions:
    """What policies can be told.

    Attributes:
        weights: of the selector; None takes those that come with the project for the race.
        threshold: a switch must promise so much more probability of winning than staying.
        explore_rate: probability of a random decision per evaluation ("explore").
        explore_switches: at most so many random decisions per match after the opening.
        explore_from_loops: none before that.
        explore_openings: probability that the opening is random.
    """

    weights: Path | None = None
    threshold: float = 0.15
    explore_rate: float = 0.02
    explore_switches: int = 2
    explore_from_loops: int = 22 * 60
    explore_openings: float = 1.0


class Fixed:
    """Plays what the configuration says and switches only where the build's own reactions do."""

    name = "fixed"

    def opening(self, question: Question) -> Choice:
        """The preferred one."""
        return Choice(question.preferred or None, why="configured")

    def evaluate(self, question: Question) -> Choice:
        """Never a switch."""
        return Choice(None)


class RandomOpening(Fixed):
    """Any opening with the same probability, no switches."""

    name = "random_opening"

    def opening(self, question: Question) -> Choice:
        """Drawn uniformly from the candidates."""
        return _draw(question, question.candidates, "a random opening")


class Explore:
    """Random decisions at a controlled rate around another policy (the selector's where weights are given, else the
    fixed one): what training data is made with.

    A random decision is drawn from all that is allowed then, going on with the current build included, so that the
    results after it compare staying with switching.
    """

    name = "explore"

    def __init__(self, options: PolicyOptions, around: Policy) -> None:
        self._options = options
        self._around = around
        self._decisions = 0

    def opening(self, question: Question) -> Choice:
        """Random with the probability of the options, else the other policy's."""
        choice = self._around.opening(question)
        if question.rng.random() >= self._options.explore_openings:
            return choice
        return _draw(question, question.candidates, "a random opening", choice)

    def evaluate(self, question: Question) -> Choice:
        """Random at the rate of the options, else the other policy's."""
        choice = self._around.evaluate(question)
        options = self._options
        # Drawn in every evaluation: a match's luck does not depend on what was allowed when.
        lucky = question.rng.random() < options.explore_rate
        early = question.view.loop < options.explore_from_loops
        if not lucky or early or not question.may_switch or self._decisions >= options.explore_switches:
            return choice
        self._decisions += 1
        return _draw(question, (question.current, *question.candidates), "a random decision", choice)


class BanditOpening(Fixed):
    """The opening by win rate against this opponent (discounted Thompson sampling); no switches.

    Without any earlier match the configured opening is played.
    """

    name = "bandit"

    def opening(self, question: Question) -> Choice:
        """Drawn from what earlier matches tell."""
        results = [entry for entry in outcomes(question.history, question.view.race) if entry[0] in question.candidates]
        if not results:
            return Choice(question.preferred or None, why="nothing is known of the opponent")
        bandit = make_bandit("discounted_thompson", question.candidates, int(question.rng.integers(2**31)))
        for arm, reward in results:
            bandit.record(arm, reward)
        build = bandit.choose()
        return Choice(build, bandit.means(), bandit.spreads(), why=f"{len(results)} earlier matches")


class Learned:
    """The learned selector; where it does not trust itself, openings are the bandit's and nothing is switched.

    Args:
        model: weights of the race. options: threshold of a switch.
    """

    name = "selector"

    def __init__(self, model: Model, options: PolicyOptions) -> None:
        self._session = Session(model)
        self._options = options
        self._bandit = BanditOpening()

    def opening(self, question: Question) -> Choice:
        """The greatest probability of winning; with earlier matches, what they and the model say together.

        The model's probability p of an opening counts like PRIOR_GAMES games of which p were won; real games are added
        to them (old ones discounted), and the greatest expectation is played.
        """
        found, doubt = self._estimate(question, question.candidates)
        if doubt:
            other = self._bandit.opening(question)
            return Choice(other.build, found.values, found.spread, True, f"{doubt}; {other.why}")
        expected, why = dict(found.values), "the model"
        results = [entry for entry in outcomes(question.history, question.view.race) if entry[0] in expected]
        if results:
            prior = {
                name: (PRIOR_GAMES * min(0.99, max(0.01, p)), PRIOR_GAMES * (1.0 - min(0.99, max(0.01, p))))
                for name, p in found.values.items()
            }
            bandit = make_bandit("discounted_thompson", list(expected), 0, prior=prior)
            for arm, reward in results:
                bandit.record(arm, reward)
            expected, why = bandit.means(), f"the model and {len(results)} earlier matches"
        return Choice(_best(expected), found.values, found.spread, False, why)

    def evaluate(self, question: Question) -> Choice:
        """The best build, if it beats the current one by the threshold."""
        found, doubt = self._estimate(question, (question.current, *question.candidates))
        values = found.values
        if doubt:
            return Choice(None, values, found.spread, True, doubt)
        if not question.may_switch:
            return Choice(None, values, found.spread, False, "the last decision stands")
        best = _best(values)
        gain = values[best] - values[question.current]
        if best == question.current or gain < self._options.threshold:
            return Choice(None, values, found.spread, False, f"{best} promises {gain:+.2f}")
        why = f"wins {values[best]:.2f} instead of {values[question.current]:.2f}"
        return Choice(best, values, found.spread, False, why)

    def _estimate(self, question: Question, names: Sequence[str]) -> tuple[Estimate, str]:
        """Values and why they are not to be trusted, "" where they are."""
        wanted = {name: question.descriptors[name] for name in names if name}
        current = question.descriptors.get(question.current)
        found = self._session.evaluate(question.inputs, question.current, current, wanted)
        if not wanted:
            return found, "nothing to choose from"
        card = self._session.card
        if not all(math.isfinite(value) for value in (found.distance, *found.values.values())):
            return found, "its numbers overflow"
        if found.distance > card.distance_limit:
            return found, f"the situation is unlike what it learned from ({found.distance:.1f})"
        unsure = max(found.spread[name] for name in {_best(found.values), question.current} & set(wanted))
        if unsure > card.spread_limit:
            return found, f"its members disagree ({unsure:.2f})"
        return found, ""


def _best(values: Mapping[str, float]) -> str:
    """The name with the greatest value, the first in the alphabet of equal ones."""
    return min(values, key=lambda name: (-values[name], name))


def shipped_weights(race: str) -> Path:
    """Where the weights that come with the project lie."""
    return SHIPPED / f"{race}{SUFFIX}"


def _draw(question: Question, names: Sequence[str], why: str, values: Choice | None = None) -> Choice:
    allowed = sorted({name for name in names if name})
    if not allowed:
        return Choice(None, why="nothing to choose from")
    build = allowed[int(question.rng.integers(len(allowed)))]
    known = values if values is not None else Choice(None)
    return Choice(build, known.values, known.spread, known.abstained, why, random=True)


def make_policy(name: str, options: PolicyOptions, race: str) -> Policy:
    """The policy called `name` for a match of `race`. Raises PolicyError."""
    if name == "fixed":
        return Fixed()
    if name == "random_opening":
        return RandomOpening()
    if name == "bandit":
        return BanditOpening()
    if name == "selector":
        return Learned(_model(options.weights or shipped_weights(race), race), options)
    if name == "explore":
        around = Learned(_model(options.weights, race), options) if options.weights is not None else Fixed()
        return Explore(options, around)
    raise PolicyError(f"there is no policy '{name}'; there are {', '.join(POLICIES)}")


def _model(path: Path, race: str) -> Model:
    try:
        model = Model.load(path)
    except WeightsError as error:
        raise PolicyError(str(error)) from error
    if model.card.race != race:
        raise PolicyError(f"{path} has weights for {model.card.race:.20}, not for {race}")
    return model

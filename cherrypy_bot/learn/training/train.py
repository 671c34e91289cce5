"""Training a selector: data, ensemble, calibration, limits of trust, weights and card.

report = train(read, TrainOptions(race="zerg"), Path("zerg.safetensors"), describe_builds)
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch

from cherrypy_bot.learn.descriptors import DESCRIPTOR_COUNT, DESCRIPTORS_VERSION
from cherrypy_bot.learn.episodes import Episode
from cherrypy_bot.learn.features import FEATURE_COUNT, FEATURES_VERSION
from cherrypy_bot.learn.inference import sigmoid, standardised, strangeness
from cherrypy_bot.learn.training import metrics
from cherrypy_bot.learn.training.dataset import Data, TrainingError, prepare
from cherrypy_bot.learn.training.fit import Epoch, FitOptions, Truth, fit, predict
from cherrypy_bot.learn.training.network import Member, Shape
from cherrypy_bot.learn.view import FloatArray
from cherrypy_bot.learn.weights import FORMAT_VERSION, Card, save, shapes

SPREAD_QUANTILE: Final = 0.99
DISTANCE_QUANTILE: Final = 0.995
"""What lies beyond these shares of the validation data is unknown: the selector abstains there."""
DISTANCE_SLACK: Final = 1.25
LEAST_DESCRIPTOR_SCALE: Final = 0.1


@dataclass(frozen=True, slots=True)
class TrainOptions:
    """What `cherrypy-bot train selector` can be told.

    Attributes:
        race: whose builds. kind: "gru", or the baselines "mlp" and "linear". members: of the ensemble.
        hidden, query: sizes, see `weights.Card`. seed: of everything. device: "auto", "cpu", "cuda", ...
        validation: share of games. all_decisions: learn from every decision, not from random ones alone.
        fit: how each member is trained. commit: of the source, for the card.
        curves: folder for TensorBoard, None for no curves.
    """

    race: str
    kind: str = "gru"
    members: int = 4
    hidden: int = 64
    query: int = 16
    seed: int = 0
    device: str = "auto"
    validation: float = 0.2
    all_decisions: bool = False
    fit: FitOptions = field(default_factory=FitOptions)
    commit: str = ""
    curves: Path | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """Where training is: `member` of `members`, after `epoch` of at most `epochs`."""

    member: int
    members: int
    epoch: Epoch
    epochs: int


def train(
    read: Callable[[], Iterable[Episode]],
    options: TrainOptions,
    output: Path,
    descriptors: Mapping[str, FloatArray],
    on_progress: Callable[[Progress], None] = lambda progress: None,
    leave_out: Callable[[Episode], str] = lambda episode: "",
) -> Card:
    """Train and write weights and card.

    Args:
        read: starts reading the episodes anew. output: the weights file, .safetensors.
        descriptors: of every build by name; decisions for builds that are not among them cannot be learned from.
        leave_out: see `dataset.prepare`.

    Returns:
        The card as written.

    Raises TrainingError for data that is not enough, WeightsError for a file that cannot be written.
    """
    device = choose_device(options.device)
    data = prepare(
        read,
        options.race,
        seed=options.seed,
        validation=options.validation,
        all_decisions=options.all_decisions,
        leave_out=leave_out,
    )
    unknown = [name for name in data.builds if name not in descriptors]
    if unknown:
        raise TrainingError(f"the data has the build '{unknown[0]}', which is not there any more; leave that data out")
    described = np.stack([descriptors[name] for name in data.builds])
    every = np.stack(list(descriptors.values()))
    mean, scale = every.mean(axis=0), np.maximum(every.std(axis=0), LEAST_DESCRIPTOR_SCALE)
    plain = standardised(described, mean, scale).astype(np.float32)
    truth = Truth(data.training) if options.fit.auxiliary > 0 else None
    shape = Shape(
        kind=options.kind,
        inputs=len(data.active),
        descriptors=DESCRIPTOR_COUNT,
        builds=len(data.builds),
        hidden=options.hidden,
        query=options.query,
        truth=len(truth.columns) if truth is not None else 0,
    )
    members = _fit_all(data, plain, shape, options, device, truth, on_progress)
    judged = [predict(m, data, data.validation, plain, 64, torch.device("cpu")) for m in members]
    logits, results = np.stack([one[0] for one in judged]).astype(np.float64), judged[0][1].astype(np.float64)
    temperature = metrics.fit_temperature(logits, results)
    card = Card(
        format_version=FORMAT_VERSION,
        features_version=FEATURES_VERSION,
        descriptors_version=DESCRIPTORS_VERSION,
        kind=options.kind,
        race=options.race,
        features=FEATURE_COUNT,
        descriptors=DESCRIPTOR_COUNT,
        hidden=options.hidden,
        query=options.query,
        truth=shape.truth,
        builds=list(data.builds),
        members=options.members,
        temperature=round(temperature, 6),
        spread_limit=round(_spread_limit(logits, temperature), 6),
        distance_limit=round(_distance_limit(data), 6),
        data=data.summary(),
        metrics=_measure(data, logits, results, judged[0][2]),
        training={**_options_of(options), "parameters": sum(p.numel() for p in members[0].parameters())},
        commit=options.commit,
    )
    tensors = _tensors(members, data, mean.astype(np.float32), scale.astype(np.float32))
    assert set(tensors) == set(shapes(card))
    return save(output, card, tensors)


def choose_device(name: str) -> torch.device:
    """The device of that name; "auto" is a GPU where there is one. Raises TrainingError."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        first = str(error).splitlines()[0]
        raise TrainingError(f"device '{name}' cannot be used ({first}); try --device cpu") from error
    return device


def _fit_all(
    data: Data,
    descriptors: FloatArray,
    shape: Shape,
    options: TrainOptions,
    device: torch.device,
    truth: Truth | None,
    on_progress: Callable[[Progress], None],
) -> list[Member]:
    # cuBLAS needs to be told before its first use to give the same sums twice.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    before = torch.are_deterministic_algorithms_enabled()
    torch.use_deterministic_algorithms(True, warn_only=True)
    curves = _curves(options.curves)
    members = []
    try:
        for number in range(options.members):

            def after(epoch: Epoch, number: int = number) -> None:
                if curves is not None:
                    for name in ("loss", "validation", "auxiliary"):
                        curves.add_scalar(f"{name}/member{number}", getattr(epoch, name), epoch.number)
                on_progress(Progress(number + 1, options.members, epoch, options.fit.epochs))

            seed = options.seed * 1009 + number
            members.append(
                fit(data, descriptors, shape, options.fit, seed=seed, device=device, truth=truth, on_epoch=after)
            )
    finally:
        torch.use_deterministic_algorithms(before)
        if curves is not None:
            curves.close()
    return members


def _curves(folder: Path | None) -> Any:
    if folder is None:
        return None
    # Imported where it is used: it takes seconds and most runs of the tests need none.
    from torch.utils.tensorboard import SummaryWriter

    return SummaryWriter(str(folder))  # type: ignore[no-untyped-call]


def _tensors(members: list[Member], data: Data, mean: FloatArray, scale: FloatArray) -> dict[str, FloatArray]:
    each = [member.tensors(data.active, FEATURE_COUNT) for member in members]
    found = {name: np.stack([one[name] for one in each]).astype(np.float32) for name in each[0]}
    return {
        **found,
        "input_mean": data.mean,
        "input_scale": data.scale,
        "descriptor_mean": mean,
        "descriptor_scale": scale,
    }


def _spread_limit(logits: npt.NDArray[np.float64], temperature: float) -> float:
    spread = sigmoid((logits / temperature).astype(np.float32)).std(axis=0)
    return float(np.quantile(spread, SPREAD_QUANTILE))


def _distance_limit(data: Data) -> float:
    found = []
    for game in data.validation:
        inputs = np.tile(data.mean, (len(game.build), 1))
        inputs[:, data.active] = game.inputs.astype(np.float32)
        found.append(strangeness(standardised(inputs, data.mean, data.scale)))
    return DISTANCE_SLACK * float(np.quantile(np.concatenate(found), DISTANCE_QUANTILE)) + 1.0


def _measure(
    data: Data,
    logits: npt.NDArray[np.float64],
    results: npt.NDArray[np.float64],
    games: npt.NDArray[np.int64],
) -> dict[str, Any]:
    """Metrics on validation decisions, calibrated across halves of the games; `constant`: the win rate of training."""
    chances = metrics.cross_fitted(logits, results, games)
    known = [game.result for game in data.training for decided in game.decision if decided >= 0]
    constant = np.full(len(results), float(np.mean(known)))
    found: dict[str, Any] = {"decisions": len(results)}
    for name, p in (("model", chances), ("constant", constant)):
        found[name] = {
            "log_loss": round(metrics.log_loss(p, results), 5),
            "brier": round(metrics.brier(p, results), 5),
            "auc": round(metrics.auc(p, results), 5),
            "ece": round(metrics.ece(p, results), 5),
        }
    found["reliability"] = metrics.reliability(chances, results)
    return found


def _options_of(options: TrainOptions) -> dict[str, Any]:
    plain = {name: value for name, value in asdict(options).items() if name not in ("curves", "commit", "device")}
    fitting = plain.pop("fit")
    return {**plain, **fitting}

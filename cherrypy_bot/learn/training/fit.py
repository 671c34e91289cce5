"""Training one member: results at decisions, true counts of the enemy at every evaluation, early stopping."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from cherrypy_bot.learn.inference import MOST_SIGMA
from cherrypy_bot.learn.training.dataset import Batch, Data, Game, make_batch
from cherrypy_bot.learn.training.network import Member, Shape
from cherrypy_bot.learn.view import FloatArray

SMOOTHING: Final = 0.02
"""Results are taken as 0.02 and 0.98: no build wins always."""


@dataclass(frozen=True, slots=True)
class FitOptions:
    """How a member is trained.

    Attributes:
        epochs: at most. patience: epochs without a better validation loss after which it ends.
        games: per batch. rate: of AdamW at its top. decay: of weights.
        bag: share of the training games that a member sees: what members disagree about is what data leaves open.
        auxiliary: weight of the auxiliary loss, 0 for none.
    """

    epochs: int = 40
    patience: int = 6
    games: int = 32
    rate: float = 2e-3
    decay: float = 2e-2
    bag: float = 0.8
    auxiliary: float = 0.3


@dataclass(frozen=True, slots=True)
class Epoch:
    """Losses of one epoch: mean over decisions (`loss`, `validation`) and over evaluations (`auxiliary`)."""

    number: int
    loss: float
    validation: float
    auxiliary: float


class Truth:
    """Standardised logarithms of the enemy's true counts: the target of the auxiliary head."""

    def __init__(self, games: Sequence[Game]) -> None:
        rows = np.concatenate([game.truth.astype(np.float32) for game in games])
        spread = rows.std(axis=0)
        self.columns: npt.NDArray[np.int64] = np.flatnonzero(spread > 1e-3)
        self.mean: FloatArray = rows.mean(axis=0)[self.columns]
        self.scale: FloatArray = np.maximum(spread[self.columns], 0.1)

    def of(self, batch: Batch) -> FloatArray:
        """float32 [N, T, columns]."""
        found: FloatArray = (batch.truth[:, :, self.columns] - self.mean) / self.scale
        return found


def fit(
    data: Data,
    descriptors: FloatArray,
    shape: Shape,
    options: FitOptions,
    *,
    seed: int,
    device: torch.device,
    truth: Truth | None,
    on_epoch: Callable[[Epoch], None] = lambda epoch: None,
) -> Member:
    """Train a member and return it as it was after its best epoch, on the CPU.

    Args:
        descriptors: standardised, [builds, D]. truth: needed where `shape.truth` is not 0.
        seed: of weights, order of games, bag and dropout; the same seed and data give the same member on one machine.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    member = Member(shape).to(device)
    useful = [game for game in data.training if truth is not None or (game.decision >= 0).any()]
    chosen = sorted(rng.permutation(len(useful))[: max(2, round(options.bag * len(useful)))].tolist())
    mine = [useful[index] for index in chosen]
    steps = -(-len(mine) // options.games)
    optimiser = torch.optim.AdamW(_groups(member, options.decay), lr=options.rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, max_lr=options.rate, total_steps=max(2, options.epochs * steps), pct_start=0.1
    )
    described = torch.from_numpy(descriptors).to(device)
    best, best_loss, since = copy.deepcopy(member.state_dict()), float("inf"), 0
    for number in range(1, options.epochs + 1):
        member.train()
        losses: list[tuple[float, int, float]] = []
        order = rng.permutation(len(mine))
        for begin in range(0, len(order), options.games):
            batch = make_batch(data, [mine[i] for i in order[begin : begin + options.games]], cut=MOST_SIGMA)
            losses.append(_step(member, batch, described, truth, options, optimiser, device))
            schedule.step()
        decisions = sum(count for _, count, _ in losses)
        logits, results, _ = predict(member, data, data.validation, descriptors, options.games, device)
        validation = _loss(torch.from_numpy(logits), torch.from_numpy(results)).item()
        on_epoch(
            Epoch(
                number,
                sum(loss * count for loss, count, _ in losses) / max(1, decisions),
                validation,
                float(np.mean([auxiliary for _, _, auxiliary in losses])),
            )
        )
        if validation < best_loss - 1e-5:
            best, best_loss, since = copy.deepcopy(member.state_dict()), validation, 0
        else:
            since += 1
            if since >= options.patience:
                break
    member.load_state_dict(best)
    return member.to("cpu").eval()


def predict(
    member: Member,
    data: Data,
    games: Sequence[Game],
    descriptors: FloatArray,
    at_once: int,
    device: torch.device,
) -> tuple[FloatArray, FloatArray, npt.NDArray[np.int64]]:
    """Logits, results and index of the game of every decision in `games`, (K,) each, in the order of the games."""
    member.eval()
    logits, results, owners = [], [], []
    with torch.no_grad():
        queries = member.queries(torch.from_numpy(descriptors).to(device))
        for begin in range(0, len(games), at_once):
            batch = make_batch(data, games[begin : begin + at_once], cut=MOST_SIGMA)
            if not len(batch.rows):
                continue
            hidden = member(_on(batch.z, device), _on(batch.build, device), queries)
            at = hidden[_on(batch.rows, device), _on(batch.steps, device)]
            logits.append(member.logits(at, queries[_on(batch.decided, device)]).cpu().numpy())
            results.append(batch.result)
            owners.append(batch.rows + begin)
    return np.concatenate(logits), np.concatenate(results), np.concatenate(owners)


def _step(
    member: Member,
    batch: Batch,
    descriptors: Tensor,
    truth: Truth | None,
    options: FitOptions,
    optimiser: torch.optim.Optimizer,
    device: torch.device,
) -> tuple[float, int, float]:
    """One batch; its loss at decisions, how many these were, and its auxiliary loss."""
    queries = member.queries(descriptors)
    hidden = member(_on(batch.z, device), _on(batch.build, device), queries)
    total = hidden.sum() * 0.0
    loss = auxiliary = total
    if len(batch.rows):
        at = hidden[_on(batch.rows, device), _on(batch.steps, device)]
        loss = _loss(member.logits(at, queries[_on(batch.decided, device)]), _on(batch.result, device))
        total = total + loss
    if truth is not None and member.truth is not None and options.auxiliary > 0:
        present = _on(batch.present, device)
        wanted = _on(truth.of(batch), device)
        auxiliary = nn.functional.smooth_l1_loss(member.truth(hidden)[present], wanted[present])
        total = total + options.auxiliary * auxiliary
    optimiser.zero_grad()
    total.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(member.parameters(), 1.0)
    optimiser.step()
    return float(loss.detach()), len(batch.rows), float(auxiliary.detach())


def _loss(logits: Tensor, results: Tensor) -> Tensor:
    smooth = SMOOTHING + (1.0 - 2.0 * SMOOTHING) * results
    return nn.functional.binary_cross_entropy_with_logits(logits, smooth)


def _groups(member: Member, decay: float) -> list[dict[str, Any]]:
    """Biases and embeddings are not decayed; embeddings are few and each is seen seldom."""
    matrices = [p for name, p in member.named_parameters() if p.dim() > 1 and name != "embedding"]
    others = [p for name, p in member.named_parameters() if p.dim() <= 1 or name == "embedding"]
    return [{"params": matrices, "weight_decay": decay}, {"params": others, "weight_decay": 0.0}]


def _on(array: npt.NDArray[Any], device: torch.device) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(array)).to(device)

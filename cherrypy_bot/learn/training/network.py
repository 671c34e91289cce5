"""One member of the ensemble in torch; `learn.inference` computes the same with numpy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn

from cherrypy_bot.learn.view import FloatArray

EMBEDDING_SIZE: Final = 0.3
"""Standard deviation of embeddings at the start: small beside what descriptors say."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of a member.

    Attributes:
        kind: "gru", "mlp" (no memory) or "linear" (neither memory nor bends).
        inputs: active features. descriptors: numbers per build. builds: with an embedding.
        hidden, query: see `weights.Card`. truth: types that the auxiliary head predicts, 0 for none.
        input_dropout, hidden_dropout, embedding_dropout: probabilities in training.
    """

    kind: str
    inputs: int
    descriptors: int
    builds: int
    hidden: int = 64
    query: int = 16
    truth: int = 0
    input_dropout: float = 0.1
    hidden_dropout: float = 0.2
    embedding_dropout: float = 0.3


class Member(nn.Module):
    """logit(state, build) = value(h) + query_b . (match h / sqrt(Q) + w), query_b = embedding_b + describe d_b + bias.

    In training an embedding is left out with `embedding_dropout`, so that a descriptor alone says something too:
    that is all that there is of a build that joins later.
    """

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.squeeze = nn.Linear(shape.inputs + shape.query, shape.hidden)
        self.gru = nn.GRU(shape.hidden, shape.hidden, batch_first=True) if shape.kind == "gru" else None
        self.embedding = nn.Parameter(EMBEDDING_SIZE * torch.randn(shape.builds + 1, shape.query))
        self.describe = nn.Linear(shape.descriptors, shape.query)
        self.value = nn.Linear(shape.hidden, 1)
        self.match = nn.Linear(shape.hidden, shape.query, bias=False)
        self.query = nn.Parameter(torch.zeros(shape.query))
        self.truth = nn.Linear(shape.hidden, shape.truth) if shape.truth else None

    def queries(self, descriptors: Tensor) -> Tensor:
        """What builds are asked with, [builds + 1, Q]; the last row stands for "none". `descriptors`: [builds, D]."""
        shape = self.shape
        known = self.embedding[:-1]
        if self.training and shape.embedding_dropout > 0:
            keep = torch.rand(len(known), 1, device=known.device) >= shape.embedding_dropout
            known = known * keep
        return torch.cat([known + self.describe(descriptors), self.embedding[-1:]])

    def forward(self, z: Tensor, build: Tensor, queries: Tensor) -> Tensor:
        """Hidden vectors [N, T, H] from standardised inputs [N, T, F] and indices of builds [N, T] (-1 none)."""
        shape = self.shape
        playing = queries[torch.where(build < 0, shape.builds, build)]
        z = nn.functional.dropout(z, shape.input_dropout, self.training)
        hidden: Tensor = self.squeeze(torch.cat([z, playing], dim=2))
        if shape.kind != "linear":
            hidden = torch.relu(hidden)
        if self.gru is not None:
            hidden, _ = self.gru(hidden)
        return hidden

    def logits(self, hidden: Tensor, asked: Tensor) -> Tensor:
        """Logits [K] of hidden vectors [K, H] for what builds are asked with [K, Q]."""
        hidden = nn.functional.dropout(hidden, self.shape.hidden_dropout, self.training)
        match = self.match(hidden) / np.sqrt(self.shape.query) + self.query
        scores: Tensor = self.value(hidden)[:, 0] + (asked * match).sum(dim=1)
        return scores

    def tensors(self, active: np.ndarray[tuple[int], np.dtype[np.int64]], features: int) -> dict[str, FloatArray]:
        """Weights by the names of `weights.shapes`, without the axis of members.

        Args:
            active: which of all `features` the inputs are; the others get weight 0.
        """
        squeeze = _plain(self.squeeze.weight)
        count = self.shape.inputs
        wide = np.zeros((self.shape.hidden, features + self.shape.query), np.float32)
        wide[:, active] = squeeze[:, :count]
        wide[:, features:] = squeeze[:, count:]
        found = {
            "squeeze": wide,
            "squeeze_bias": _plain(self.squeeze.bias),
            "embedding": _plain(self.embedding),
            "describe": _plain(self.describe.weight),
            "describe_bias": _plain(self.describe.bias),
            "value": _plain(self.value.weight)[0],
            "value_bias": _plain(self.value.bias)[0],
            "match": _plain(self.match.weight),
            "query": _plain(self.query),
        }
        if self.gru is not None:
            weights = dict(self.gru.named_parameters())
            found |= {
                "gru_in": _plain(weights["weight_ih_l0"]),
                "gru_in_bias": _plain(weights["bias_ih_l0"]),
                "gru_state": _plain(weights["weight_hh_l0"]),
                "gru_state_bias": _plain(weights["bias_hh_l0"]),
            }
        return found


def _plain(tensor: Tensor) -> FloatArray:
    return tensor.detach().cpu().numpy().astype(np.float32)

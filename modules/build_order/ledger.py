"""One resource over time: what is in the bank, what comes in, what is spent when."""

from __future__ import annotations

import math
from bisect import insort


class Ledger:
    """Bank of one resource from now on.

    Args:
        bank: in stock now.
        rate: income per loop from now on, never negative in sum.
    """

    def __init__(self, bank: float, rate: float) -> None:
        self._bank = float(bank)
        self._rate = max(0.0, float(rate))
        self._rates: list[tuple[float, float]] = []
        self._spent: list[tuple[float, float]] = []

    def add_rate(self, at: float, rate: float) -> None:
        """From loop `at` on, `rate` more comes in per loop (less when negative, but never below nothing)."""
        insort(self._rates, (at, rate))

    def spend(self, at: float, amount: float) -> None:
        """Take `amount` at loop `at`."""
        if amount > 0:
            insort(self._spent, (at, float(amount)))

    def balance(self, at: float) -> float:
        """What is left at loop `at`, after everything that is spent until then."""
        return self._earned(at) - sum(amount for when, amount in self._spent if when <= at)

    def earliest(self, amount: float, not_before: float = 0.0) -> float:
        """First loop from which on `amount` can be taken without ever overdrawing later; inf when never."""
        if amount <= 0:
            return not_before
        start, spent = not_before, 0.0
        for when, cost in self._spent:
            spent += cost
            # Small tolerance: sums of floats must not push an order by a loop.
            if when >= not_before and self._earned(when) - spent < amount - 1e-6:
                start = when
        before = sum(cost for when, cost in self._spent if when <= start)
        return self._when_earned(amount + before, start)

    def _earned(self, at: float) -> float:
        total, last, rate = self._bank, 0.0, self._rate
        for when, change in self._rates:
            if when >= at:
                break
            total += max(0.0, rate) * (max(when, 0.0) - last)
            last, rate = max(when, 0.0), rate + change
        return total + max(0.0, rate) * (at - last)

    def _when_earned(self, total: float, not_before: float) -> float:
        """First loop at or after `not_before` at which `total` was earned; inf when never."""
        if self._earned(not_before) >= total - 1e-6:
            return not_before
        rate = self._rate
        points = [max(0.0, when) for when, _ in self._rates]
        for (_, change), when in zip(self._rates, points, strict=True):
            if when > not_before and self._earned(when) >= total:
                break
            rate += change
            not_before = max(not_before, when)
        rate = max(0.0, rate)
        missing = total - self._earned(not_before)
        return not_before + missing / rate if rate > 0 else math.inf

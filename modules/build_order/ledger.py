"""One resource over time: what is in the bank, what comes in, what is spent when."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right, insort

_TOLERANCE = 1e-6
"""Sums of floats must not push an order by a loop."""


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
        self._times: list[float] = []
        self._totals: list[float] = []
        """Spent until the time of the same index, that one included."""
        self._left: list[float] = []
        """What is left then."""

    def copy(self) -> Ledger:
        """An independent one with the same content."""
        other = Ledger(self._bank, self._rate)
        other._rates, other._times = list(self._rates), list(self._times)
        other._totals, other._left = list(self._totals), list(self._left)
        return other

    def add_rate(self, at: float, rate: float) -> None:
        """From loop `at` on, `rate` more comes in per loop (less when negative, but never below nothing)."""
        insort(self._rates, (at, rate))
        self._left = [self._earned(when) - total for when, total in zip(self._times, self._totals, strict=True)]

    def spend(self, at: float, amount: float) -> None:
        """Take `amount` at loop `at`."""
        if amount <= 0:
            return
        index = bisect_right(self._times, at)
        before = self._totals[index - 1] if index else 0.0
        if index == len(self._times):
            self._times.append(at)
            self._totals.append(before + amount)
            self._left.append(self._earned(at) - before - amount)
            return
        self._times.insert(index, at)
        self._totals.insert(index, before)
        self._left.insert(index, self._earned(at) - before)
        self._totals[index:] = [total + amount for total in self._totals[index:]]
        self._left[index:] = [left - amount for left in self._left[index:]]

    def balance(self, at: float) -> float:
        """What is left at loop `at`, after everything that is spent until then."""
        index = bisect_right(self._times, at)
        return self._earned(at) - (self._totals[index - 1] if index else 0.0)

    def earliest(self, amount: float, not_before: float = 0.0) -> float:
        """First loop from which on `amount` can be taken without ever overdrawing later; inf when never."""
        if amount <= 0:
            return not_before
        start, least = not_before, amount - _TOLERANCE
        times, left = self._times, self._left
        first = bisect_left(times, not_before)
        if first < len(times) and min(left[first:]) < least:
            # Behind the last time at which there is less than that.
            index = len(times) - 1
            while left[index] >= least:
                index -= 1
            start = times[index]
        spent = bisect_right(times, start, first)
        total = amount + (self._totals[spent - 1] if spent else 0.0)
        if self._rates:
            return self._when_earned(total, start)
        earned = self._bank + self._rate * start
        if earned >= total - _TOLERANCE:
            return start
        return start + (total - earned) / self._rate if self._rate > 0 else math.inf

    def _earned(self, at: float) -> float:
        if not self._rates:
            return self._bank + self._rate * at
        total, last, rate = self._bank, 0.0, self._rate
        for when, change in self._rates:
            if when >= at:
                break
            total += max(0.0, rate) * (max(when, 0.0) - last)
            last, rate = max(when, 0.0), rate + change
        return total + max(0.0, rate) * (at - last)

    def _when_earned(self, total: float, not_before: float) -> float:
        """First loop at or after `not_before` at which `total` was earned; inf when never."""
        if self._earned(not_before) >= total - _TOLERANCE:
            return not_before
        rate = self._rate
        for when, change in self._rates:
            when = max(0.0, when)
            if when > not_before and self._earned(when) >= total:
                break
            rate += change
            not_before = max(not_before, when)
        rate = max(0.0, rate)
        missing = total - self._earned(not_before)
        return not_before + missing / rate if rate > 0 else math.inf

# Reads the load cells and says what stands on the shelf, how sure that is, and when it has come to rest.
import asyncio
import time

import config
from auto_zero import AutoZero
from conversions import Conversions


class Weigher:
    """`driver` is that of the cells, `scale` makes grams of what they say, `faults` hears of scale.*; `celsius()` says how cold
    the case is, or None. Without one of the cells nothing is known of a shelf that stands on all of them, so then the whole
    scale is blind, and says so, instead of guessing what the missing one carries."""

    def __init__(self, driver, scale, faults, celsius=lambda: None):
        self.conversions = Conversions(driver, faults)
        self.scale = scale
        self.faults = faults
        self.celsius = celsius
        self.auto_zero = AutoZero(scale, faults)
        self.resting = 0
        self._felt = 0.0
        faults.set("scale.uncalibrated", not scale.calibration.known)

    def sample(self):
        """Takes one conversion of each cell, if there is one: its counts, or None."""
        was_lost = self.conversions.lost()
        counts = self.conversions.take()
        if counts is not None:
            # What was read before the cell was gone is of another time.
            if was_lost:
                self.forget()
            self.scale.add(counts)
        return counts

    def settled(self):
        """(grams, sigma), or None while something moves or nothing is felt."""
        return self.scale.settled() if self.conversions.fresh() else None

    def grams(self):
        """What is felt now, moving or not, or was felt last; 0 before the first reading."""
        felt = self.scale.felt()
        if felt is not None:
            self._felt = round(felt, 1)
        return self._felt

    def cells(self):
        """What each cell carries, in grams."""
        return [round(grams, 1) for grams in self.scale.cells()]

    def drift(self):
        """Grams that auto-zero took away since the last tare."""
        return round(self.scale.calibration.drift, 1)

    def missed(self):
        """Conversions lost so far while every one was wanted."""
        return self.conversions.missed

    def forget(self):
        """What was read so far is of another shelf."""
        self.scale.clear()
        self.auto_zero.disturb()

    def tare(self):
        """The shelf as it stands is the empty one. False, and nothing changes, while it moves or a cell is gone."""
        if self.settled() is None:
            return False
        try:
            self.scale.calibration.tare(self.scale.counts())
        except (ValueError, OSError) as error:
            print("scale: tare:", error)
            return False
        self.auto_zero.disturb()
        self.faults.set("scale.uncalibrated", False)
        self.faults.set("scale.drift", False)
        return True

    async def rest(self, otherwise):
        """(grams, sigma) once the shelf has come to rest, or as it is when it will not; `otherwise` (grams) when it is blind."""
        self.forget()
        self.resting += 1
        self.conversions.want_every(True)
        try:
            return await self._rest(otherwise)
        finally:
            self.resting -= 1

    async def _rest(self, otherwise):
        started, seen = time.ticks_ms(), self.conversions.good
        low = high = None
        while True:
            waited_ms = time.ticks_diff(time.ticks_ms(), started)
            # A dead scale would keep everybody waiting each time.
            if waited_ms >= config.SETTLE_MS_MAX or waited_ms >= config.CELL_LOST_MS and self.conversions.lost():
                break
            self.sample()
            # `watch` may have fetched it.
            if seen != self.conversions.good:
                seen = self.conversions.good
                settled = self.scale.settled()
                if settled:
                    return settled
                # The first half is of the hand that is about to leave.
                if waited_ms >= config.SETTLE_MS_MAX // 2:
                    felt = self.scale.felt()
                    low, high = (felt, felt) if low is None else (min(low, felt), max(high, felt))
            await asyncio.sleep_ms(config.SCALE_PERIOD_MS)
        # Dead cells must not look like a full basket, nor like an empty one.
        if low is None or self.conversions.lost():
            return (otherwise, config.SIGMA_GRAMS_BLIND)
        # Somewhere in between; a sigma as wide as all of it is honest about a hand that leans.
        return ((low + high) / 2, max(config.SETTLE_SPREAD_GRAMS, high - low))

    async def watch(self, here, at_rest):
        """Every conversion while somebody may be at the shelf; at rest enough of them that an unlock need not wait for a
        baseline. `at_rest()` is True while the case is locked and its door shut: then the zeros may follow a drift."""
        learned_at = time.ticks_ms()
        while True:
            here()
            quiet = at_rest() and not self.resting
            self.conversions.want_every(not quiet)
            counts, now = self.sample(), time.ticks_ms()
            if not quiet:
                self.auto_zero.disturb()
            elif counts is not None:
                self.auto_zero.add(counts, now, time.ticks_diff)
                if time.ticks_diff(now, learned_at) >= config.NOISE_LEARN_MS:
                    learned_at = now
                    self.scale.learn()
            self.auto_zero.tick(now, time.ticks_diff, self.celsius)
            await asyncio.sleep_ms(config.SCALE_REST_MS if quiet else config.SCALE_PERIOD_MS)

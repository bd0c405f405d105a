# Fetches conversions from the load cells' driver: counts those that nobody fetched in time, and makes a fault of trouble that
# lasts. A single bad conversion is no trouble.
import time

import config
from ticks import not_too_old

SILENT = "scale.silent"
SATURATED = "scale.saturated"


class Conversions:
    """`driver` is hx711.HX711 or its like; `faults` hears of scale.silent and scale.saturated."""

    def __init__(self, driver, faults):
        self.driver = driver
        self.faults = faults
        now = time.ticks_ms()
        self.good = 0
        self.good_at = None
        # Lost while every one was wanted.
        self.missed = 0
        self.every = False
        self._done_at = None
        self._looked_at = now
        # When the chips were last switched off and on, since there was a good one.
        self._restarted_at = now
        self._waited = False
        # Since when there is no good one, though somebody looks; the last refusal of the driver, and when.
        self._since = self._refusal = None
        self._refused_at = now

    def want_every(self, every):
        """From now on each conversion counts, or only a fresh one now and then."""
        if every != self.every:
            self.every, self._done_at = every, None

    def take(self):
        """Signed counts of each cell, or None."""
        now = time.ticks_ms()
        gap_ms = time.ticks_diff(now, self._looked_at)
        # Nobody looked for a while: how long the trouble lasts is not known.
        if gap_ms > config.CELL_LOST_MS // 2:
            self._since = None
        self._looked_at = now
        try:
            if not self.driver.ready():
                self._waited = True
                self._bear(now)
                return None
            self._count(now, gap_ms)
            counts = self.driver.read()
        except OSError as error:
            # From whatever broke on the way here too, which names no chip.
            self._refusal, self._refused_at = (error.args if len(error.args) == 2 else (SILENT, None)), now
            self._bear(now)
            return None
        if self._since is not None:
            self._since = None
            self.faults.set(SILENT, False)
            self.faults.set(SATURATED, False)
        self._refusal = self._restarted_at = None
        self.good += 1
        self.good_at = now
        return counts

    def lost(self):
        """True while a cell says nothing of use, as far as anybody looked."""
        return self._since is not None and time.ticks_diff(self._looked_at, self._since) >= config.CELL_LOST_MS

    def fresh(self):
        return self.good_at is not None and time.ticks_diff(time.ticks_ms(), self.good_at) <= config.CELL_LOST_MS

    def _count(self, now, gap_ms):
        waited, self._waited = self._waited, False
        if not self.every:
            return
        if self._done_at is None:
            self._done_at = now
            return
        since_ms = time.ticks_diff(now, self._done_at)
        if waited and gap_ms <= config.CONVERSION_MS // 2:
            # It came between the last look and this one, so it is clear when; rounded, for a chip's clock is a bit off.
            done = (since_ms * config.CONVERSIONS_PER_S + 500) // 1000
            self._done_at = now
        else:
            done = max(1, since_ms * config.CONVERSIONS_PER_S // 1000)
            self._done_at = time.ticks_add(self._done_at, done * 1000 // config.CONVERSIONS_PER_S)
        self.missed += max(0, done - 1)

    def _bear(self, now):
        self._since = now if self._since is None else not_too_old(now, self._since)
        if self.good_at is not None:
            self.good_at = not_too_old(now, self.good_at)
        if not self.lost():
            return
        refused = self._refusal and time.ticks_diff(now, self._refused_at) < config.CELL_LOST_MS // 2
        code, chip = self._refusal if refused else (SILENT, self.driver.waiting())
        other = SILENT if code == SATURATED else SATURATED
        self.faults.set(other, False)
        if self.faults.set(code, True):
            print(code, "chip", chip)
        # A chip that hangs, or that took a long pulse for a command to sleep, comes back so.
        waits = self._restarted_at is not None and time.ticks_diff(now, self._restarted_at) < config.CELL_RESTART_MS
        if code == SILENT and not waits:
            self._restarted_at = now
            self.driver.restart()

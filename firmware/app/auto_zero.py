# Takes away what the scale drifts by itself: behind a locked door nothing comes and goes, so what changes slowly is the cells'
# own creep, or the cold. Pure.
import config

HOUR_MS = 3600 * 1000
HOURS_A_DAY = 24
# All readings of a minute lie within this many of the scale's reaches (4 sigmas or more each), or something shook it.
CALM_REACHES = 3


class AutoZero:
    """While the case is at rest, each minute's mean is held against an earlier one. A small difference is drift, and the zeros
    follow it; a large one is something else, and is believed. What a day takes away is bounded."""

    def __init__(self, scale, faults):
        self.scale = scale
        self.faults = faults
        self.today_grams = 0.0
        self.unsaved_grams = 0.0
        # [hours since the start, grams of drift since the tare, degrees C or None]: one an hour, a day of them.
        self.log = []
        self.hours = 0
        self.hour_at = None
        self.disturb()

    def disturb(self):
        """Somebody was at the shelf: it may hold something else now."""
        self.held = self.first = None

    def add(self, counts, now, diff):
        """One conversion at rest, its time in ticks and how to subtract those."""
        if self.first is None:
            self.first, self.began_at = counts, now
            self.sums, self.readings, self.low, self.high = [0] * len(counts), 0, 0.0, 0.0
        # About the first, so that sums stay small integers.
        rise = [one - first for one, first in zip(counts, self.first)]
        grams = self._grams(rise)
        self.sums = [total + one for total, one in zip(self.sums, rise)]
        self.low, self.high, self.readings = min(self.low, grams), max(self.high, grams), self.readings + 1
        if diff(now, self.began_at) >= config.AUTO_ZERO_MS:
            if self.high - self.low <= CALM_REACHES * self.scale.reach():
                self._judge([first + round(total / self.readings) for first, total in zip(self.first, self.sums)])
            self.first = None

    def _judge(self, means):
        apart = [mean - held for mean, held in zip(means, self.held or means)]
        cells = [abs(self.scale.calibration.shift_grams(cell, one)) for cell, one in enumerate(apart)]
        if self.held is None or max(cells) > config.AUTO_ZERO_STEP_GRAMS:
            self.held = means
            return
        grams = abs(self._grams(apart))
        if grams < config.AUTO_ZERO_LEAST_GRAMS:
            return
        if self.today_grams + grams > config.AUTO_ZERO_DAY_GRAMS:
            self._tell(True)
            return
        self.held = means
        self.scale.calibration.shift(apart)
        self.today_grams += grams
        self.unsaved_grams += grams
        self._tell(False)
        if self.unsaved_grams >= config.AUTO_ZERO_SAVE_GRAMS:
            self.unsaved_grams = 0.0
            print("scale: drift since the tare %.1f g, today %.1f g" % (self.scale.calibration.drift, self.today_grams))
            self.scale.calibration.save()

    def _tell(self, spent):
        self.faults.set("scale.drift", spent or abs(self.scale.calibration.drift) > config.SCALE_DRIFT_GRAMS_MAX)

    def tick(self, now, diff, celsius):
        """Keeps the hours and the log of a day; `celsius` is asked once an hour and may say None."""
        if self.hour_at is None:
            self.hour_at = now
        if diff(now, self.hour_at) < HOUR_MS:
            return
        self.hour_at = now
        self.hours += 1
        self.log.append([self.hours, round(self.scale.calibration.drift, 1), celsius()])
        if len(self.log) > HOURS_A_DAY:
            self.log.pop(0)
        if self.hours % HOURS_A_DAY == 0:
            self.today_grams = 0.0
            self._tell(False)

    def _grams(self, rise):
        return sum([self.scale.calibration.shift_grams(cell, one) for cell, one in enumerate(rise)])
